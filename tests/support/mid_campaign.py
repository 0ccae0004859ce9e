"""A campaign that is interrupted, and must come to its end all the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dispatcher.edge.postgres import PrivateServer
from dispatcher.simulator.server import Simulator
from support.daemon import Running, daemon, until
from support.host import connected
from support.migrate import migrate
from support.queue import campaign, person, text
from support.standby import Pair

TEXTS = 60
BACK_SECONDS = 5.0
# Thirty texts a second: most are still to come when it is interrupted.
STEADY = {
    "rate_per_minute": "1800",
    "rate_burst": "1",
    "send_by_seconds": "1",
    "connect_timeout_seconds": "1",
    "read_timeout_seconds": "1",
    "first_look_seconds": "0.2",
    "second_look_seconds": "0.2",
}


async def furnish(server: PrivateServer | Pair) -> str:
    """Bring a server of the test's own to what the fixture `database` has; return its address."""
    async with connected(server.dsn()) as conn:
        await conn.execute(
            "CREATE ROLE owner LOGIN SUPERUSER; CREATE ROLE app_daemon LOGIN; CREATE ROLE app_host"
        )
    dsn = server.dsn(user="owner")
    await migrate(dsn, "grant_daemon")
    return dsn


async def enqueue(dsn: str) -> None:
    """Queue texts of a kind that is sent once more if RingCentral's record does not show it."""
    async with connected(dsn) as owner:
        spring = await campaign(owner, budget=0)
        await owner.execute("UPDATE newsletter.campaigns SET category = 'transactional'")
        for n in range(TEXTS):
            phone = f"+1916555{100 + n:04}"
            someone = await person(owner, phone=phone)
            await text(owner, campaign=spring, person=someone, phone=phone)


@asynccontextmanager
async def under_way(dsn: str, simulator: Simulator, **settings: str) -> AsyncIterator[Running]:
    """Hand over a daemon that has sent some; at the end each text must have arrived once."""
    async with daemon(dsn, simulator, **STEADY | settings) as running:
        await enqueue(dsn)
        await running.said("attempt.settled", times=5)
        yield running
        await all_sent(dsn, simulator)
        assert await running.stop() == 0
        assert "Traceback" not in running.raw + await running.complaint()


async def all_sent(dsn: str, simulator: Simulator) -> None:
    """Return once every text was sent, each of them once."""
    async with connected(dsn) as owner:
        await until(owner, "bool_and(status = 'sent') FROM newsletter.sms_send_queue")
    assert len(simulator.ledger.texts) == TEXTS
    assert set(simulator.ledger.per_number().values()) == {1}


@asynccontextmanager
async def soon(seconds: float = BACK_SECONDS) -> AsyncIterator[None]:
    """Measure how long the block takes: what nobody waits for longer than *seconds*."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    yield
    assert loop.time() - started <= seconds


async def sends_again(dsn: str, seconds: float = BACK_SECONDS) -> None:
    """Return once a text was sent whose attempt was opened from now on, which must be soon."""
    async with soon(seconds), connected(dsn) as owner:
        now = await owner.fetchval("SELECT clock_timestamp()")
        sent = "FROM newsletter.sms_attempts WHERE opened_at > $1 AND outcome = 'accepted'"
        await until(owner, f"EXISTS (SELECT {sent})", now)


def count(running: Running, event: str) -> int:
    """Return how often it has said *event* so far."""
    return len([e for e in running.events if e["event"] == event])
