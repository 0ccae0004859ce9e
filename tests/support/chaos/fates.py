"""What is to befall the daemons of a storm, drawn from its seed."""

import random
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from support.chaos.doom import Doom
from support.chaos.states import ANYWHERE, FREEZES, FROZEN, ONCE, STATES

FREEZE_SECONDS = (3.0, 5.0)  # others have taken over by then
LATEST_PASS = 3  # a doom comes at one of the first times that its point is passed


@dataclass(frozen=True)
class Fate:
    """A daemon is killed in *state*, or (*seconds*) frozen there for a while."""

    state: str
    doom: Doom
    seconds: float = 0.0


class Fates:
    """Deals so many kills and freezes, each state as often as every other."""

    def __init__(self, seed: int, kills: int, freezes: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - chance that can be repeated
        deck = [
            *self._spread(kills, tuple(STATES), STATES, signal.SIGKILL),
            *self._spread(freezes, FREEZES, FROZEN, signal.SIGSTOP),
        ]
        self._chance.shuffle(deck)
        self._deck = deck
        self.struck: Counter[str] = Counter()
        self.froze: Counter[str] = Counter()
        self._dealt = self._asleep = 0
        self._all = len(deck)

    @property
    def over(self) -> bool:
        """Say whether every fate has come."""
        return not self._deck and not self._dealt

    @property
    def share(self) -> float:
        """How much of all has come."""
        return 1 - (len(self._deck) + self._dealt) / self._all

    def deal(self) -> Fate | None:
        """Return the next fate; None while there is none left.

        One freeze at a time: while one sleeps, others must be there to take over.
        """
        n = self._next()
        if n is None:
            return None
        fate = self._deck.pop(n)
        self._dealt += 1
        self._asleep += fate.seconds > 0
        return fate

    @property
    def ready(self) -> bool:
        """Say whether there is one to deal."""
        return self._next() is not None

    def _next(self) -> int | None:
        places = reversed(range(len(self._deck)))
        return next((n for n in places if not (self._deck[n].seconds and self._asleep)), None)

    def take_back(self, fate: Fate) -> None:
        """Deal *fate* again later: its moment did not come."""
        self._ended(fate)
        self._deck.insert(self._chance.randrange(len(self._deck) + 1), fate)

    def met(self, fate: Fate) -> None:
        self._ended(fate)
        (self.froze if fate.seconds else self.struck)[fate.state] += 1

    def _ended(self, fate: Fate) -> None:
        self._dealt -= 1
        self._asleep -= fate.seconds > 0

    def killed_anywhere(self) -> None:
        self.struck[ANYWHERE] += 1

    def wrong_clock(self) -> float:
        """Return by how many seconds a machine's wall clock is off: often not at all."""
        return self._chance.choice((0, 0, -5 * 3600, 7 * 3600))

    def _spread(
        self,
        count: int,
        names: Sequence[str],
        states: Mapping[str, Sequence[str]],
        how: signal.Signals,
    ) -> list[Fate]:
        return [self._fate(names[n % len(names)], states, how) for n in range(count)]

    def _fate(
        self, state: str, states: Mapping[str, Sequence[str]], how: signal.Signals
    ) -> Fate:
        chance = self._chance
        nth = 1 if state in ONCE else chance.randint(1, LATEST_PASS)
        doom = Doom(chance.choice(states[state]), nth, how)
        frozen = chance.uniform(*FREEZE_SECONDS) if how is signal.SIGSTOP else 0.0
        return Fate(state, doom, frozen)
