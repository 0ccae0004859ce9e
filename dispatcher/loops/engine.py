"""What the loops of one process have in common: collaborators, settings, what is under way."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from dispatcher.core.backoff import Backoff
from dispatcher.core.guard import Rules
from dispatcher.core.inbound import Replies
from dispatcher.core.judge import Judge
from dispatcher.core.message import Category, Claim
from dispatcher.core.reconcile import IfAbsent, Waits
from dispatcher.loops.outage import Outage
from dispatcher.ports import Clock, Gateway
from dispatcher.store.claims import Limits
from dispatcher.store.closing import SpamRule
from dispatcher.store.paying import Terms
from dispatcher.store.pool import Database, DatabaseLostError
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
    replies: Replies
    sync: float
    unconfirmed: timedelta
    receipts_kept: timedelta
    unfit_for: timedelta
    spam: SpamRule
    metrics_seconds: float
    metrics_zone: str


@dataclass
class Engine:
    """One process at work. The housekeeper keeps *day* up; *woken* ends a rest.

    *alarmed* asks for a look at the alerts; *stopped* says that nobody may send on this login.
    *let_in*: RingCentral has let us in once, and the shared rates are there; before that it
    is asked for nothing. *receipts_came*: raw receipts lie in the database; *record_changed*:
    RingCentral's record is to be read on at once. *consents_changed* and *subscription_due*:
    RingCentral called to say so, or may call no more soon.
    """

    settings: Settings
    database: Database
    gateway: Gateway
    clock: Clock
    telemetry: Telemetry
    process: int
    day: Day
    away: Outage
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    alarmed: asyncio.Event = field(default_factory=asyncio.Event)
    receipts_came: asyncio.Event = field(default_factory=asyncio.Event)
    record_changed: asyncio.Event = field(default_factory=asyncio.Event)
    consents_changed: asyncio.Event = field(default_factory=asyncio.Event)
    subscription_due: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: bool = True
    let_in: bool = False
    listening: bool = False
    hinted: bool = False
    under_way: int = 0
    unopened: set[UUID] = field(default_factory=set)
    claimed_at: float | None = None
    blocked: bool = False

    @property
    def free(self) -> int:
        """How many more texts may be claimed now."""
        return max(0, min(self.settings.batch, self.settings.lanes - self.under_way))

    def state(self) -> str:
        """Return in a few words what this process is about."""
        if self.away.since is not None:
            return "waiting for the database"
        if self.claimed_at is None:
            return "waiting for RingCentral to let us in"
        if self.under_way:
            return "sending"
        return "stopped by a penalty or an outage of RingCentral" if self.blocked else "idle"

    @property
    def judge(self) -> Judge:
        return Judge(self.settings.rules)

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
            tier=s.rules.tier,
        )

    def terms(self) -> Terms:
        s = self.settings
        return Terms(self.process, s.send_by, s.price, self.day.day, s.day_budget, s.rules.tier)

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
        """Wait a moment for a database that is away; it is told of once."""
        self.away.note(error)
        await self.clock.wait(asyncio.Event(), OUTAGE_PAUSE_SECONDS)

    def database_wrote(self, began: float) -> None:
        """Note that what was begun at *began* is written: a full disk still answers."""
        self.away.over(began)
