"""Tells RingCentral's list who opted out with us, and who came back."""

from collections import Counter
from collections.abc import Mapping, Sequence

from dispatcher.core.consents import NotTaken, Standing, Wish, to_tell
from dispatcher.core.errors import DispatcherError
from dispatcher.core.privacy import Sentence
from dispatcher.loops import light
from dispatcher.loops.engine import Engine
from dispatcher.loops.login_watch import LIGHT
from dispatcher.ports import (
    ForbiddenError,
    LimitedError,
    LoginUnreachableError,
)
from dispatcher.store import consent_reads, consents_told
from dispatcher.store.consents_told import Told
from dispatcher.store.leases import Lead

LOOK_SECONDS = 60.0  # should no hint come
REST_SECONDS = 86_400.0  # after RingCentral forbade it altogether
AT_ONCE = 1000  # RingCentral takes no more


class Telling:
    """A duty of the leader. What is told twice harms nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rests_until = float("-inf")
        self._said = False
        self.seconds, self.woken = LOOK_SECONDS, engine.untold

    async def round(self, lead: Lead) -> None:
        """Tell of those that changed last, as many as one request holds."""
        engine = self._engine
        if not engine.let_in or engine.clock.monotonic() < self._rests_until:
            return
        due = await engine.database.run(consents_told.due, lead.login)
        if due.new_numbers:
            await self._note_earlier(lead)
        if due.new_numbers or due.stale:
            senders = await engine.database.run(consent_reads.senders, lead.login)
            if senders and await self._tell_some(lead, senders):
                self.woken.set()  # for more, if there is; between two we may be told to stop

    async def _note_earlier(self, lead: Lead) -> None:
        """Let a number of ours that is new hear of everybody who opted out before."""
        engine = self._engine
        numbers = await engine.database.run(consents_told.new_numbers, lead.login)
        last: str | None = ""
        while last is not None:
            last = await engine.database.run(consents_told.note_earlier, lead, last)
        await engine.database.run(consents_told.noted_earlier, lead, numbers)

    async def _tell_some(self, lead: Lead, senders: Sequence[str]) -> bool:
        """Tell what can be told at once; False if there is nothing, or not now."""
        engine = self._engine
        most = max(1, AT_ONCE // len(senders))
        some = await engine.database.run(consents_told.take, lead, most)
        refused = await self._ask(some, senders) if some else None
        if refused is None:
            return False
        told = [Told(s.phone, s.changes, to_tell(s), refused.get(s.phone)) for s in some]
        await engine.database.run(consents_told.note, lead, told)
        self._report(told)
        return True

    async def _ask(
        self, some: Sequence[Standing], senders: Sequence[str]
    ) -> Mapping[str, str] | None:
        """Return the code for each number that was not taken; None without an answer."""
        wishes = [
            Wish(sender, each.phone, word)
            for each in some
            if (word := to_tell(each))
            for sender in senders
        ]
        refused: dict[str, str] = {}
        for start in range(0, len(wishes), AT_ONCE):
            answer = await self._answer(wishes[start : start + AT_ONCE])
            if answer is None:
                return None
            refused |= {one.phone: one.code for one in answer}
        return refused

    async def _answer(self, wishes: Sequence[Wish]) -> Sequence[NotTaken] | None:
        engine = self._engine
        if not await light.turn(engine, LIGHT, light.LONGEST_WAIT):
            return None
        try:
            answer = await engine.gateway.tell_consents(wishes)
        except LimitedError as limit:
            await light.throttled(engine, LIGHT, limit)
            return None
        except LoginUnreachableError:
            return None  # the login's own alerts tell
        except DispatcherError as error:
            self._complain(error)
            return None
        self._said = False
        return answer

    def _complain(self, error: DispatcherError) -> None:
        """Say once that RingCentral takes nothing; a permission does not come by itself."""
        if isinstance(error, ForbiddenError):
            self._rests_until = self._engine.clock.monotonic() + REST_SECONDS
        if not self._said:
            self._engine.telemetry.consents_refused(Sentence(str(error)))
        self._said = True

    def _report(self, told: Sequence[Told]) -> None:
        counts = Counter((t.word, "refused" if t.code else "taken") for t in told if t.word)
        if counts:
            self._engine.telemetry.consents_told(
                {(word.value, outcome): n for (word, outcome), n in counts.items()}
            )
