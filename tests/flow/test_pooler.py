"""Through a pooler in transaction mode: other statements, no hints, the same result."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from support.daemon import daemon, until
from support.mid_campaign import STEADY, all_sent, enqueue, furnish, sends_again, soon
from support.pgbouncer import transaction_pooler
from support.queue import campaign, person, text

from dispatcher.edge import postgres
from dispatcher.edge.postgres_binaries import Binaries
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 5}
TEXTS = 60
TAKEN_OVER_SECONDS = 15.0


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral whose limits are out of the way."""
    running = await start(Settings(limits=WIDE))
    yield running
    await running.stop()


async def queued(owner: Connection) -> None:
    spring = await campaign(owner, budget=1000)
    for n in range(TEXTS):
        phone = f"+19165550{100 + n}"
        await text(owner, campaign=spring, person=await person(owner, phone=phone), phone=phone)


async def test_the_whole_way_without_prepared_statements(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await queued(owner)
    async with daemon(database, simulator, statement_cache_size="0") as running:
        await until(
            owner, f"count(*) = {TEXTS} FROM newsletter.sms_send_queue WHERE status = 'sent'"
        )
        assert await running.stop() == 0
    assert len(simulator.ledger.texts) == TEXTS


@pytest.mark.needs_host
async def test_prepared_statements_behind_pgbouncer_are_refused_with_a_sentence(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await queued(owner)
    async with (
        transaction_pooler(database, "app_daemon", "owner") as pooled,
        daemon(pooled, simulator, poll_seconds="0.01") as running,
    ):
        complaint = await running.complaint()
        assert await running.process.wait() == 2
    assert complaint.startswith("sms-dispatcher: ")
    assert "set statement_cache_size to 0" in complaint
    assert "Traceback" not in complaint


@pytest.mark.needs_host
async def test_the_whole_way_through_pgbouncer(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    """Nobody tells of new texts there: it is said once, and polling finds them."""
    await queued(owner)
    async with (
        transaction_pooler(database, "app_daemon", "owner") as pooled,
        daemon(pooled, simulator, statement_cache_size="0", poll_seconds="0.1") as running,
    ):
        await until(
            owner, f"count(*) = {TEXTS} FROM newsletter.sms_send_queue WHERE status = 'sent'"
        )
        await running.said("listener.deafened")
        late = await person(owner, phone="+19165550099")
        await text(owner, person=late, phone="+19165550099")
        await until(
            owner, f"count(*) > {TEXTS} FROM newsletter.sms_send_queue WHERE status = 'sent'"
        )
        assert await running.stop() == 0
        assert [e for e in running.events if e["level"] == "error"] == []
        assert len([e for e in running.events if e["event"] == "listener.deafened"]) == 1
    assert len(simulator.ledger.texts) == TEXTS + 1


@pytest.mark.needs_host
async def test_a_restart_behind_pgbouncer_and_the_lead_through_it(
    binaries: Binaries, simulator: Simulator
) -> None:
    """Its own patience with a server that is away, 15 s by default, is set to one."""
    through = STEADY | {"statement_cache_size": "0", "lead_seconds": "3"}
    with postgres.start(binaries) as server:
        dsn = await furnish(server)
        async with (
            transaction_pooler(dsn, "app_daemon", "owner") as pooled,
            daemon(pooled, simulator, **through) as leader,
            daemon(pooled, simulator, **through) as other,
        ):
            await leader.said("lead.gained")
            await enqueue(dsn)
            await leader.said("attempt.settled", times=5)
            await asyncio.to_thread(server.restart)
            await sends_again(dsn)
            leader.process.kill()
            async with soon(TAKEN_OVER_SECONDS):
                await other.said("lead.gained")
            await all_sent(dsn, simulator)
            assert await other.stop() == 0
