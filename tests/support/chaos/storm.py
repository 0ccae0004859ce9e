"""Three daemons in a storm: killed, frozen, cut off, throttled, their database restarted and lost.

And people who write STOP in the middle of it.
"""

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from dispatcher.core.message import Category
from dispatcher.core.reason import Reason
from dispatcher.edge.clock import SystemClock
from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.server import Simulator
from dispatcher.store import retrying
from dispatcher.store.database import Connection
from dispatcher.store.pool import Database, DatabaseLostError
from dispatcher.store.retrying import Which
from support.chaos.fates import Fate, Fates
from support.chaos.nursery import Child, Nursery
from support.chaos.population import Population
from support.chaos.reckoning import Reckoning, evidence, opened, reckon
from support.chaos.statute import Statute, wake, wake_all
from support.chaos.stops import Stops, ignored, unheard
from support.chaos.witness import Witness

P = ParamSpec("P")
R = TypeVar("R")

SEATS = 3
FAULTS = (
    Fault(Kind.DROP, group="medium", probability=0.01),
    Fault(Kind.CUT, group="medium", probability=0.02),
    Fault(Kind.TIMEOUT, group="medium", probability=0.005),
    Fault(Kind.GARBLE, group="medium", probability=0.005),
    Fault(Kind.SLOW, group="medium", probability=0.005, seconds=1),
    Fault(Kind.THROTTLE, group="medium", probability=0.005, retry_after=0.2),
    Fault(Kind.REFUSE, group="medium", probability=0.005, status=503),
)
PATIENCE_SECONDS = 6.0  # for a doom to come
AWAKE_SECONDS = 1.5  # after a freeze
TICK_SECONDS, LOOK_SECONDS = 0.1, 0.02
LATEST_RECOVERY_SECONDS = 30.0  # with daemons that die on the way
LONGEST_SECONDS = 180.0  # to bring everything to its end, once nobody is killed any more
ROWS_AT_ONCE, ROWS_WAITING, TRICKLE = 30, 60, 10
RESTART_AT, FAIL_OVER_AT = 0.4, 0.7
TOLD_EACH = 0.1

WAITING = """
SELECT count(*) FROM newsletter.sms_send_queue q LEFT JOIN newsletter.campaign_budgets b USING (campaign_id)
 WHERE q.status = 'pending' AND b.exceeded_at IS NULL AND coalesce(q.reason, '') NOT IN ('quiet_hours', 'frequency_cap', 'in_doubt')
"""
LIVE = """
SELECT count(*) FROM newsletter.sms_send_queue q LEFT JOIN newsletter.campaign_budgets b USING (campaign_id)
 WHERE q.status = 'pending' AND b.exceeded_at IS NULL OR q.status = 'sending' AND q.held_at IS NULL
"""
UNREAD = """
SELECT count(*) FROM newsletter.sms_delivery_events d JOIN newsletter.sms_attempts a ON a.id = d.attempt_id
 WHERE a.outcome = 'accepted' AND a.provider_id IS NOT NULL AND d.closed_at IS NULL
"""
SENT_SINCE = (
    "SELECT count(*) FROM newsletter.sms_attempts WHERE id > $1 AND outcome = 'accepted'"
)
FORGOTTEN = """
SELECT count(*) FROM (SELECT FROM newsletter.sms_send_queue q JOIN unnest($1::text[]) AS text ON text = q.message_content
                       GROUP BY text HAVING bool_and(q.status = 'failed')) AS each
"""
AGED = "UPDATE newsletter.sms_logins SET renew_at = now()"
VACANT = "UPDATE newsletter.leases SET until = now()"
MADE_LIKELY = {"logging in": AGED, "leading": VACANT, "reaping": VACANT, "reconciling": VACANT}
"""What makes it likely that the next daemon comes into a state: the token is old, nobody leads."""

RETRIED = Which(Reason.POISON, None, {each: timedelta(days=1) for each in Category})


class Servers(Protocol):
    """The database of a storm: one server, or a pair of them."""

    def restart(self) -> None: ...

    def fail_over(self) -> None: ...


@dataclass(frozen=True)
class Size:
    """How much there is of everything."""

    rows: int
    kills: int
    freezes: int

    @property
    def budget_cents(self) -> int:
        """What pays a third of the promotions, which are two of five rows: some opt out."""
        return round(self.rows * 2 / 5 * 1 / 3 * 1.19)


SHORT, FULL = Size(1_500, 48, 10), Size(5_000, 200, 50)


@dataclass
class Storm:
    """*told* is called with what happens; *broken* daemons ended in a way that none may."""

    size: Size
    fates: Fates
    servers: Servers
    database: Database
    simulator: Simulator
    nursery: Nursery
    environ: dict[str, str]
    stops: Stops
    law: Statute
    variant: str | None = None
    told: Callable[[str], None] = lambda _: None
    broken: list[str] = field(default_factory=list)
    recovered: dict[str, float] = field(default_factory=dict)
    _calm: asyncio.Event = field(default_factory=asyncio.Event)
    _done: asyncio.Event = field(default_factory=asyncio.Event)
    _people: Population = field(default_factory=Population)
    _clock: SystemClock = field(default_factory=SystemClock)

    async def run(self) -> Reckoning:
        """Rage until all fates are met and every text is at its end; then reckon."""
        await self._ask(self._people.begin, self.size.budget_cents)
        for fault in FAULTS:
            self.simulator.add_fault(fault)
        async with asyncio.TaskGroup() as group:
            seats = [group.create_task(self._seat()) for _ in range(SEATS)]
            await self._rage()
            self._calm.set()
            self.law.calm(datetime.fromtimestamp(self._clock.wall(), UTC))
            began = self._clock.monotonic()
            self.simulator.world.faults.clear()
            await self._settle(began)
            self.recovered["everything"] = self._clock.monotonic() - began
            self._done.set()
            await asyncio.wait(seats)
        witness = self.witness
        found = await self._ask(reckon, witness)
        if not found.sound:
            found.evidence = await self._ask(evidence, found, witness.accepted)
        return found

    @property
    def witness(self) -> Witness:
        curfew = replace(self.law.curfew, stored=self._people.stored)
        return Witness.of(self.simulator, self.stops, curfew)

    async def _rage(self) -> None:
        """Queue texts as they are needed, and strike the database on the way."""
        told = 0.0
        blows = [
            (FAIL_OVER_AT, "failover", self.servers.fail_over),
            (RESTART_AT, "restart", self.servers.restart),
        ]
        while not self.fates.over and not await self._hopeless():
            if blows and self.fates.share >= blows[-1][0]:
                _, name, blow = blows.pop()
                await self._strike(name, blow)
            await self._feed()
            self._stop_somebody()
            await self._ask(wake)
            if self.fates.share >= told + TOLD_EACH:
                told = self.fates.share
                self._tell_progress()
            await self._clock.wait(self._calm, TICK_SECONDS)
        left = self.size.rows - len(self._people.numbers)
        if left > 0 and not await self._hopeless():
            await self._ask(self._people.add, left)

    def _stop_somebody(self) -> None:
        ours = self.simulator.world.settings.numbers[0].phone
        self.stops.tick(self.simulator, self._people.numbers, ours)

    def _tell_progress(self) -> None:
        fates = self.fates
        self.told(
            f"{fates.share:4.0%}  {fates.struck.total()} kills, {fates.froze.total()} freezes, "
            f"{len(self._people.numbers):,} people, {len(self.simulator.ledger.texts):,} texts, "
            f"{len(self.stops.stopped)} STOPs"
        )

    async def _feed(self) -> None:
        """Queue what the daemons need: the rows last as long as the fates, and never run out."""
        waiting = await self._ask(_count, WAITING)
        early = len(self._people.numbers) > self.fates.share * self.size.rows + ROWS_AT_ONCE
        if early and not waiting:
            await self._ask(self._people.add, TRICKLE)
        elif not early and waiting < ROWS_WAITING:
            await self._ask(self._people.add, ROWS_AT_ONCE)

    async def _hopeless(self) -> bool:
        """Say whether a variant has shown what it breaks: nothing gets better after that."""
        if self.variant is None:
            return False
        got = Counter(text.text for text in self.simulator.ledger.texts)
        return (
            bool(self.broken)
            or any(times > 1 for times in got.values())
            or await self._ask(_count, FORGOTTEN, list(got)) > 0
            or bool(await self._ask(ignored, self.simulator.ledger.texts))
            or await self._lawless()
        )

    async def _lawless(self) -> bool:
        witness = self.witness
        law, arrived = witness.law, witness.arrived
        return bool(
            law and (law.over(arrived) or law.outside(arrived, await self._ask(opened)))
        )

    async def _strike(self, name: str, blow: Callable[[], None]) -> None:
        """Strike the database, and measure until a text that was opened afterwards is accepted."""
        self.told(name)
        await asyncio.to_thread(blow)
        began = self._clock.monotonic()
        last = await self._ask(
            _count, "SELECT coalesce(max(id), 0) FROM newsletter.sms_attempts"
        )
        while not await self._ask(_count, SENT_SINCE, last):
            await self._feed()
            if self._clock.monotonic() - began > LATEST_RECOVERY_SECONDS:
                self.broken.append(
                    f"nothing is sent {LATEST_RECOVERY_SECONDS:.0f} s after a {name}"
                )
                break
            await self._clock.wait(self._done, LOOK_SECONDS)
        self.recovered[name] = self._clock.monotonic() - began

    async def _settle(self, began: float) -> None:
        """Wait until every text is at its end; what was set aside is put back, as a person would."""
        while not await self._hopeless():
            if await self._over():
                return
            await self._ask(wake_all)
            if self._clock.monotonic() - began > LONGEST_SECONDS:
                self.broken.append(f"not at its end: {await self._left()}")
                return
            await self._clock.wait(self._done, TICK_SECONDS)

    async def _over(self) -> bool:
        """Say whether every text is at its end, every STOP heard and every receipt read."""
        return not any((await self._left()).values()) and not await self._ask(
            retrying.retry, RETRIED
        )

    async def _left(self) -> dict[str, int]:
        return {
            "texts": await self._ask(_count, LIVE),
            "STOPs": await self._ask(unheard, self.stops),
            "receipts": await self._ask(_count, UNREAD),
        }

    async def _seat(self) -> None:
        """Keep one daemon alive: a new one as soon as the last one has died."""
        while not self._done.is_set():
            fate = self.fates.deal()
            if fate and fate.state in MADE_LIKELY:
                await self._ask(_execute, MADE_LIKELY[fate.state])
            child = await self.nursery.bear(
                self.environ,
                fate.doom if fate else None,
                variant=self.variant,
                off=self.fates.wrong_clock(),
            )
            await (self._follow(child, fate) if fate else self._accompany(child))
            code = child.ended.result()
            # One that was only just born had not yet learned to stop.
            stopped = code == -signal.SIGTERM and not child.lines("daemon.started")
            if code not in (0, -signal.SIGKILL) and not stopped:
                self.broken.append(f"exit {code}: {child.last_words()}")

    async def _follow(self, child: Child, fate: Fate) -> None:
        """Wait until *fate* has come; if it does not, the child is killed wherever it is."""
        await first(child.ended, child.stopped.wait(), seconds=PATIENCE_SECONDS)
        if child.stopped.is_set():
            await self._clock.wait(self._done, fate.seconds)
            child.wake()
            await first(child.ended, seconds=AWAKE_SECONDS)
            self.fates.met(fate)
        elif child.ended.done() and child.ended.result() == -signal.SIGKILL:
            self.fates.met(fate)
        else:
            self.fates.take_back(fate)
        if not child.ended.done():
            self.fates.killed_anywhere()
            child.signal(signal.SIGKILL)
            await child.ended

    async def _accompany(self, child: Child) -> None:
        """Let *child* work until there is a fate for the next one, or all is done."""
        while not (child.ended.done() or self._done.is_set() or self.fates.ready):
            await first(child.ended, self._done.wait(), seconds=TICK_SECONDS)
        child.signal(signal.SIGTERM)
        await first(child.ended, seconds=LONGEST_SECONDS)
        if not child.ended.done():
            self.broken.append(f"did not stop: {child.last_words()}")
            child.signal(signal.SIGKILL)
            await child.ended

    async def _ask(
        self,
        work: Callable[Concatenate[Connection, P], Awaitable[R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run *work* on the database, however often it takes."""
        while True:
            try:
                return await self.database.run(work, *args, **kwargs)
            except DatabaseLostError:
                await self._clock.wait(self._done, TICK_SECONDS)


async def first(
    *ends: "asyncio.Future[int] | Coroutine[Any, Any, object]", seconds: float | None
) -> None:
    """Return once one of *ends* is there, or after so many seconds."""
    waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(end) for end in ends]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait, end in zip(waits, ends, strict=True):
        if wait is not end:
            wait.cancel()


async def _count(conn: Connection, query: str, *args: object) -> int:
    return int(await conn.fetchval(query, *args))


async def _execute(conn: Connection, query: str) -> None:
    await conn.execute(query)


def faults_met(simulator: Simulator) -> Sequence[tuple[str, int]]:
    return sorted((str(kind), times) for kind, times in simulator.world.faults.befell.items())
