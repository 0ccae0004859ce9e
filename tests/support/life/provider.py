"""RingCentral as the machine has it: what it took, and a record that shows all of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from dispatcher.core import outcome, texthash
from dispatcher.core.outcome import Fault, Outcome
from dispatcher.core.reconcile import Record
from dispatcher.store.opening import Attempt

LAG = timedelta(seconds=120)
"""How long the record hides what was taken: from the first look, but not from the second."""


class Luck(Enum):
    """What happens to a request: before RingCentral, at it, and on the way back."""

    ACCEPTED = auto()
    ANSWER_LOST = auto()
    VANISHED = auto()
    REFUSED = auto()
    REFUSED_FOR_NOW = auto()
    THROTTLED = auto()
    UNREACHED = auto()


ANSWERS: dict[Luck, Outcome] = {
    Luck.ANSWER_LOST: outcome.Ambiguous(),
    Luck.VANISHED: outcome.Ambiguous(),
    Luck.REFUSED: outcome.Refused("MSG-304", Fault.RECIPIENT),
    Luck.REFUSED_FOR_NOW: outcome.RefusedForNow("CMN-211", None),
    Luck.THROTTLED: outcome.Throttled(None, 60.0),
    Luck.UNREACHED: outcome.Unreached(),
}


@dataclass(frozen=True)
class Taken:
    """A text that RingCentral took, for which attempt, and when."""

    id: str
    attempt: Attempt
    at: datetime

    @property
    def key(self) -> tuple[object, ...]:
        """Who got which text: that is all that a record shows."""
        return self.attempt.facts.phone, texthash.of(self.attempt.facts.text)


@dataclass
class Flight:
    """An open attempt in the memory of its process, until it is settled.

    Its request must not begin after *send_by*. *luck* is None until it has begun, *answer*
    until there is one: between the two it is on its way.
    """

    attempt: Attempt
    send_by: datetime
    luck: Luck | None = None
    answer: Outcome | None = None


@dataclass
class Provider:
    """*under_way* are requests that have begun and not arrived, whoever waits for them.

    *late* are attempts of which news came when their fate was decided.
    """

    taken: list[Taken] = field(default_factory=list)
    under_way: list[Flight] = field(default_factory=list)
    late: set[int] = field(default_factory=set)

    def begin(self, flight: Flight, luck: Luck) -> None:
        """Begin the request of *flight*."""
        flight.luck = luck
        self.under_way.append(flight)

    def arrive(self, flight: Flight, now: datetime) -> None:
        """End the way of *flight*, and answer it."""
        self.under_way = [f for f in self.under_way if f is not flight]
        assert flight.luck
        if flight.luck in {Luck.ACCEPTED, Luck.ANSWER_LOST}:
            self.taken.append(Taken(f"p{flight.attempt.id}", flight.attempt, now))
        known = outcome.Accepted(f"p{flight.attempt.id}")
        flight.answer = known if flight.luck is Luck.ACCEPTED else ANSWERS[flight.luck]

    def age(self, passed: timedelta) -> None:
        """Let time pass: the database's rows are shifted back, and so is this."""
        self.taken = [replace(t, at=t.at - passed) for t in self.taken]

    def record(self, now: datetime) -> list[Record]:
        """Return what the record shows at *now*."""
        return [
            Record(
                t.id,
                t.attempt.claim.sender,
                t.attempt.facts.phone or "",
                texthash.of(t.attempt.facts.text),
                t.at,
            )
            for t in self.taken
            if t.at + LAG <= now
        ]
