"""The few things that a test can't have: time that passes, RingCentral, a death at a moment."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dispatcher.core.consents import ConsentPage, NotTaken, Wish
from dispatcher.core.errors import DispatcherError
from dispatcher.core.outcome import Outcome
from dispatcher.core.rate import RateSeen
from dispatcher.core.raw import Changes, History, SyncToken
from dispatcher.core.reconcile import Record
from dispatcher.core.subscription import Subscription


class LoginUnreachableError(DispatcherError):
    """There is no login now; it may come by itself."""


class Clock(Protocol):
    """The machine's time, for durations only: what time it is, PostgreSQL says."""

    def monotonic(self) -> float: ...

    def chance(self) -> float:
        """Return a number from 0 to 1, 1 not included."""
        ...

    def give_way(self) -> None:
        """Let other threads run, so that none interrupts this one in the next moment."""
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


@dataclass(frozen=True)
class Page:
    """A page of RingCentral's record of our outbound texts, and how many pages there are."""

    records: Sequence[Record]
    pages: int


class TokenRefusedError(DispatcherError):
    """RingCentral's token leads no further: what changed has to be read from its list."""


class ForbiddenError(DispatcherError):
    """RingCentral does not let us, and will not until a person has changed something."""


class LimitedError(DispatcherError):
    """RingCentral answered 429: *group*, or with None the login, waits *seconds*."""

    def __init__(self, group: str | None, seconds: float) -> None:
        super().__init__("RingCentral asks us to wait.")
        self.group, self.seconds = group, seconds


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

    async def outbound(self, since: datetime, until: datetime, page: int) -> Page:
        """Return a page (from 1) of what left in that time, records deleted in the app too.

        LimitedError and LoginUnreachableError: later; another DispatcherError says why not.
        """
        ...

    async def new_token(self, since: datetime) -> SyncToken:
        """Return a token for what changes from now on of texts that began *since*.

        It raises what `outbound` does, as do the next two.
        """
        ...

    async def changes(self, token: str) -> Changes:
        """Return what changed since *token*. TokenRefusedError: there is no telling."""
        ...

    async def history(self, since: datetime, until: datetime, page: int) -> History:
        """Return a page (from 1) of all texts of that time, to us too, as they are now."""
        ...

    async def opted_out(self, senders: Sequence[str], page: str | None) -> ConsentPage:
        """Return a page (None: the first) of who opted out of any of *senders*, 20 at most.

        Errors as for outbound().
        """
        ...

    async def tell_consents(self, wishes: Sequence[Wish]) -> Sequence[NotTaken]:
        """Write *wishes*, 1000 at most, into RingCentral's list; return what it did not take.

        ForbiddenError: it takes nothing from us; else errors as for outbound().
        """
        ...

    async def subscriptions(self) -> Sequence[Subscription]:
        """Return all of the login's and this application's, whoever made them.

        This and the next three: LimitedError and LoginUnreachableError: later; another
        DispatcherError says why not.
        """
        ...

    async def subscribe(self, address: str, token: str) -> Subscription:
        """Make one that calls *address* and shows *token*, which RingCentral tries at once."""
        ...

    async def renew_subscription(self, subscription: Subscription) -> Subscription:
        """Let it begin its life anew."""
        ...

    async def unsubscribe(self, subscription: str) -> None:
        """Take the one with this id away; it may be gone already."""
        ...

    async def close(self) -> None:
        """Wait for the requests in flight, then let go of every connection."""
        ...


@dataclass(frozen=True)
class Shelved:
    """What lies on the shelf. Its seconds count from the look, by the database's clock.

    *sealed* is the token that somebody left. With a *turn* it is for this process to log in;
    without, another is *renewing* it, or all *rest*, perhaps after a refusal with *code*.
    """

    generation: int
    sealed: bytes | None = field(repr=False)
    renew_in: float
    expires_in: float
    renewing: bool
    rest: float
    code: str | None
    turn: datetime | None


class Shelf(Protocol):
    """Where the processes of one login keep the token that they share.

    LoginUnreachableError: it can't be looked at now. *mark* tells credentials apart: what one
    process was refused need not hold for one that has others.
    """

    async def look(self, no_good: int, lease: float, mark: bytes) -> Shelved:
        """Return what is there, with a turn of *lease* seconds if it is ours to log in.

        It is if the generation is at most *no_good*, or due; one process at a time has a turn.
        """
        ...

    async def keep(
        self, turn: datetime, sealed: bytes, *, age: float, renew: float, life: float
    ) -> int | None:
        """Put a token there; return its generation, None if another's turn has come since.

        It was asked for *age* seconds ago; *renew* and *life* count from then.
        """
        ...

    async def rest(self, turn: datetime, seconds: float, code: str | None, mark: bytes) -> None:
        """Let nobody log in for a while; a refusal with *code* holds for *mark* alone."""
        ...


class Failpoints(Protocol):
    """Where a test ends or freezes a process; called in whatever thread comes by."""

    def reached(self, point: str) -> None:
        """Return, or never."""
        ...

    def split(self, point: str, request: bytes) -> Iterable[bytes]:
        """Return what is written at once; *point* lies between two parts."""
        ...


class NoFailpoints:
    """The product's own: nothing happens, and a request is written whole."""

    def reached(self, point: str) -> None:
        """Go on."""

    def split(self, point: str, request: bytes) -> Iterable[bytes]:  # noqa: ARG002 - as the port
        return (request,)


NO_FAILPOINTS = NoFailpoints()
