"""One database and one RingCentral, in which daemons die and are started again."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path

from dispatcher.core.unknown import Choice, Ruling
from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store import unknown, verify
from dispatcher.store.database import Connection
from support.chaos.doom import Doom
from support.chaos.nursery import Child, Nursery, nursery
from support.chaos.reckoning import HISTORY
from support.daemon import environment, passed_through, until
from support.private import leaks, secrets
from support.queue import campaign, person, text

PATIENCE_SECONDS = 20
PRICE = Decimal("1.19")
WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 1000}
SWIFT = {
    "heartbeat_seconds": "0.2",
    "dead_after_seconds": "0.7",
    "lead_seconds": "1",
    "poll_seconds": "0.2",
    "send_by_seconds": "0.7",
    "connect_timeout_seconds": "0.5",
    "read_timeout_seconds": "0.7",
    "first_look_seconds": "0.3",
    "second_look_seconds": "0.3",
    "light_per_minute": "60000",
    "sync_seconds": "0.2",
    "metrics_seconds": "0.2",
}
"""Everything within seconds that in the product takes minutes, in the same order."""

AGAIN = Ruling(Choice.RESEND, "a person", "Both requests died with their processes.")
SETTLED = (
    "NOT EXISTS (SELECT FROM newsletter.sms_send_queue WHERE status IN ('pending', 'sending')"
    " AND held_at IS NULL)"
)


FOLLOWED = "NOT EXISTS (SELECT FROM newsletter.sms_delivery_events WHERE closed_at IS NULL)"


class Trial:
    """Texts are transactional, so that none ends as held."""

    def __init__(
        self, dsn: str, owner: Connection, simulator: Simulator, born: Nursery
    ) -> None:
        self.owner, self.simulator, self.nursery = owner, simulator, born
        self.environ = environment(dsn, simulator, **SWIFT)
        self._texts = 0
        self._earlier = 0

    async def begin(self) -> None:
        self._campaign = await campaign(self.owner, budget=0)
        await self.owner.execute("UPDATE newsletter.campaigns SET category = 'transactional'")

    async def texts(self, count: int) -> None:
        """Queue so many texts, each to a person of its own."""
        for _ in range(count):
            self._texts += 1
            phone = f"+1916555{self._texts:04}"
            someone = await person(self.owner, phone=phone)
            await text(self.owner, campaign=self._campaign, person=someone, phone=phone)

    def set(self, **settings: str) -> None:
        """Let all daemons from now on have these settings."""
        self.environ |= {f"SMS_DISPATCHER_{k.upper()}": v for k, v in settings.items()}

    def fault(self, kind: Kind, times: int = 1, **more: object) -> None:
        self.simulator.add_fault(
            Fault.parse({"kind": kind, "group": "medium", "times": times, **more})
        )

    async def die(
        self,
        point: str,
        stop_when: Callable[[], Awaitable[object]] | None = None,
        *,
        lost: str | None = None,
        **settings: str,
    ) -> None:
        """Start a daemon that dies at *point*; after *stop_when* it is told to stop.

        Before that it loses the answer to the commit *lost*.
        """
        changed = {f"SMS_DISPATCHER_{k.upper()}": v for k, v in settings.items()}
        child = await self._bear(changed, Doom(point, lost=lost))
        if stop_when:
            await child.said("daemon.started")
            await stop_when()
            child.signal(signal.SIGTERM)
        code = await self._end(child, f"{point} was not reached")
        assert code == -signal.SIGKILL, f"{point}: {code} {child.last_words()}"

    async def finish(self) -> None:
        """Let a daemon without a doom bring all to its end, and hear of each what became of it."""
        child = await self._bear({}, None)
        await self.leads()
        await until(self.owner, SETTLED)
        await self._send_held()
        await until(self.owner, SETTLED)
        await until(self.owner, FOLLOWED)
        child.signal(signal.SIGTERM)
        assert await self._end(child, "it did not stop") == 0

    async def _send_held(self) -> None:
        """Do as a person would: a text whose second request died as well is held."""
        for each in await unknown.look(self.owner):
            await unknown.resolve(self.owner, each, AGAIN)

    async def leads(self) -> None:
        """Return once the newest daemon leads."""
        await until(self.owner, "owner > $1 FROM newsletter.leases", self._earlier)

    async def holds_claims(self) -> None:
        """Return once it holds claims that are not opened."""
        await until(
            self.owner,
            "count(*) > 0 FROM newsletter.sms_send_queue WHERE status = 'sending' AND attempt_id IS NULL AND claimed_by > $1",
            self._earlier,
        )

    async def _bear(self, changed: dict[str, str], doom: Doom | None) -> Child:
        self._earlier = await self.owner.fetchval(
            "SELECT coalesce(max(id), 0) FROM newsletter.processes"
        )
        return await self.nursery.bear(self.environ | changed, doom)

    async def _end(self, child: Child, complaint: str) -> int:
        await asyncio.wait({child.ended}, timeout=PATIENCE_SECONDS)
        assert child.ended.done(), f"{complaint}: {child.last_words()}"
        return child.ended.result()

    async def reckon(self) -> None:
        """Demand that everybody got one text, and that the books say so."""
        numbers = {f"+1916555{n:04}": 1 for n in range(1, self._texts + 1)}
        got = self.simulator.ledger.per_number()
        wrong = [n for n in {*got, *numbers} if got.get(n) != numbers.get(n)]
        assert got == numbers, [
            (got.get(n, 0), *(r["line"] for r in await self.owner.fetch(HISTORY, n)))
            for n in wrong
        ]
        found = await verify.look(self.owner)
        assert found.findings == [], found.findings
        money = await self.owner.fetchrow(
            "SELECT spent_exact, reserved_exact FROM newsletter.campaign_budgets"
        )
        assert tuple(money or ()) == (self._texts * PRICE, 0), money


@asynccontextmanager
async def trial(dsn: str, owner: Connection, folder: Path) -> AsyncIterator[Trial]:
    async with AsyncExitStack() as stack:
        simulator = await start(
            Settings(limits=WIDE, lag=0.05, sent_after=0.05, final_after=0.1)
        )
        stack.push_async_callback(simulator.stop)
        made = Trial(dsn, owner, simulator, await stack.enter_async_context(nursery(folder)))
        await made.begin()
        yield made
        told = (*secrets(made.environ), *passed_through(simulator))
        assert leaks(made.nursery.said(), told) == []
