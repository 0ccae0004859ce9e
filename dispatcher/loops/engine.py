"""What the loops of one process have in common: collaborators, settings, what is under way."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from dispatcher.core import guard
from dispatcher.core.backoff import Backoff
from dispatcher.core.guard import Rules, Verdict
from dispatcher.core.message import Category, Claim, Facts
from dispatcher.core.privacy import Sentence
from dispatcher.core.reconcile import IfAbsent, Waits
from dispatcher.ports import Clock, Gateway
from dispatcher.store.claims import Limits
from dispatcher.store.opening import Terms
from dispatcher.store.pool import (
    CrossedError,
    Database,
    DatabaseLostError,
    DatabaseRefusedError,
)
from dispatcher.store.processes import Day
from dispatcher.telemetry import Telemetry

OUTAGE_PAUSE_SECONDS = 0.5
DEAF_POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Settings:
    """What the loops need of the settings. *lanes* bounds what is claimed and unsettled."""

    login: str
    group: str
    per_minute: int
    burst: int
    lanes: int
    batch: int
    poll: float
    heartbeat: float
    lease: timedelta
    send_by: timedelta
    settle_after: float
    price: Decimal
    day_budget: int
    zone: str
    number_per_minute: int
    number_per_day: int
    max_attempts: int
    backoff: Backoff
    rules: Rules
    campaign_quiet: timedelta
    light_per_minute: int
    dead_after: timedelta
    lead: timedelta
    waits: Waits
    if_absent: Mapping[Category, IfAbsent]


@dataclass
class Engine:
    """One process at work. The housekeeper keeps *day* up; *woken* ends a rest.

    *alarmed* asks for a look at the alerts; *stopped* says that nobody may send on this login.
    """

    settings: Settings
    database: Database
    gateway: Gateway
    clock: Clock
    telemetry: Telemetry
    process: int
    day: Day
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    alarmed: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: bool = True
    listening: bool = False
    hinted: bool = False
    under_way: int = 0
    unopened: set[UUID] = field(default_factory=set)
    lost_at: float | None = None
    lost_why: str = ""
    claimed_at: float | None = None
    blocked: bool = False

    @property
    def free(self) -> int:
        """How many more texts may be claimed now."""
        return max(0, min(self.settings.batch, self.settings.lanes - self.under_way))

    def state(self) -> str:
        """Return in a few words what this process is about."""
        if self.lost_at is not None:
            return "waiting for the database"
        if self.claimed_at is None:
            return "waiting for RingCentral to let us in"
        if self.under_way:
            return "sending"
        return "stopped by a penalty or an outage of RingCentral" if self.blocked else "idle"

    def judge(self, facts: Facts, now: datetime) -> Verdict:
        return guard.check(facts, self.settings.rules, now)

    def limits(self) -> Limits:
        s, day = self.settings, self.day
        return Limits(
            self.process,
            s.login,
            s.group,
            s.number_per_minute,
            s.number_per_day,
            day.day,
            day.next,
            s.lease,
            idle=self.under_way == 0,
        )

    def terms(self) -> Terms:
        s = self.settings
        return Terms(self.process, s.send_by, s.price, self.day.day, s.day_budget)

    @property
    def poll(self) -> float:
        """How long a rest may last: shorter while nobody tells us of new rows."""
        return (
            self.settings.poll if self.listening else min(self.settings.poll, DEAF_POLL_SECONDS)
        )

    def begun(self, claims: Sequence[Claim]) -> None:
        """Note that so many texts more are under way."""
        self.under_way += len(claims)
        self.unopened.update(claim.facts.id for claim in claims)

    def let_go(self, held: Sequence[Claim]) -> None:
        """Note that claims were opened, or went back."""
        self.unopened.difference_update(claim.facts.id for claim in held)

    def ended(self, count: int) -> None:
        """Note that *count* texts are settled or went back: a free lane wakes the claim."""
        self.under_way -= count
        if count:  # a claim without a free lane would look at all that waits, for nothing
            self.woken.set()

    def hint(self) -> None:
        """Note that rows may have come."""
        self.hinted = True
        self.woken.set()

    async def rest(self, seconds: float) -> None:
        """Wait so long, or until a hint, or until a lane is free."""
        await self.clock.wait(self.woken, seconds)
        self.woken.clear()

    async def outage(self, error: DatabaseLostError) -> None:
        """Wait a moment for a database that is away; telemetry tells it once."""
        why = Sentence(error)
        if isinstance(error, CrossedError):
            self.telemetry.transaction_crossed(why)
        else:
            self._note_lost(why, refused=isinstance(error, DatabaseRefusedError))
        await self.clock.wait(asyncio.Event(), OUTAGE_PAUSE_SECONDS)

    def _note_lost(self, why: Sentence, *, refused: bool) -> None:
        """Behind the first reason may be one that somebody has to mend."""
        if self.lost_at is None:
            self.lost_at, self.lost_why = self.clock.monotonic(), why
        elif refused and why != self.lost_why:
            self.lost_why = why
            self.telemetry.warning_raised(why)
        self.telemetry.database_lost(why)

    def database_wrote(self, began: float) -> None:
        """Note that what was begun at *began* is written: a full disk still answers."""
        if self.lost_at is not None and began > self.lost_at:
            self.telemetry.database_back(self.clock.monotonic() - self.lost_at)
            self.lost_at = None
