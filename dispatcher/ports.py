"""The few things that a test can't have: time that passes, and RingCentral."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dispatcher.core.errors import DispatcherError
from dispatcher.core.outcome import Outcome
from dispatcher.core.rate import RateSeen


class LoginUnreachableError(DispatcherError):
    """There is no login now; it may come by itself."""


class Clock(Protocol):
    """The machine's time, for durations only: what time it is, PostgreSQL says."""

    def monotonic(self) -> float: ...

    def chance(self) -> float:
        """Return a number from 0 to 1, 1 not included."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Return True once *event* is set, or False if it is not within *seconds*."""
        ...


@dataclass(frozen=True)
class Sender:
    """A number of ours in E.164. One that is not *enabled* may not send texts now."""

    number: str = field(repr=False)
    enabled: bool


@dataclass(frozen=True)
class Order:
    """One text to one number. *begin_by* is a reading of the clock: later, nothing is sent."""

    sender: str = field(repr=False)
    phone: str = field(repr=False)
    text: str = field(repr=False)
    begin_by: float


@dataclass(frozen=True)
class Answer:
    """What became of an order, what the answer said of the rate, and how long it all took."""

    outcome: Outcome
    rate: RateSeen | None
    seconds: float


class Gateway(Protocol):
    """RingCentral, as one login sees it."""

    async def senders(self) -> Sequence[Sender]:
        """Return every number of ours.

        LoginUnreachableError: not now; another DispatcherError says what a person has to mend.
        """
        ...

    async def send(self, order: Order) -> Answer:
        """Send it at most once. What goes wrong is an outcome, not an exception.

        A cancelled call may have sent: nobody will say what became of it.
        """
        ...

    async def probe(self) -> bool:
        """Tell whether RingCentral is there and our login good, by one Light request."""
        ...

    async def close(self) -> None:
        """Wait for the requests in flight, then let go of every connection."""
        ...
