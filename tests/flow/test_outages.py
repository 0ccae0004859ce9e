"""What is away comes back, and the campaign goes on by itself: one event each way, no row failed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from support.daemon import daemon, until
from support.host import connected
from support.inside import Inside, inside
from support.migrate import migrate
from support.queue import campaign, person, text

from dispatcher.edge import postgres
from dispatcher.edge.clock import wait_until
from dispatcher.edge.postgres_binaries import Binaries
from dispatcher.loops.login_watch import LOGIN_RETRY_SECONDS
from dispatcher.simulator.clock import ManualClock
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

ALL_SENT = "bool_and(status = 'sent') FROM newsletter.sms_send_queue"
TEXTS = 60
PASSWORD = "never-to-be-shown"  # noqa: S105


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral that knows another JWT than ours, whose texts' limit is out of the way."""
    running = await start(Settings(limits={"medium": 100_000}, jwt="another"))
    yield running
    await running.stop()


def mend(simulator: Simulator, jwt: str = "simulated-jwt") -> None:
    simulator.world.settings = replace(simulator.world.settings, jwt=jwt)


def logins(simulator: Simulator) -> int:
    return sum(r.group == "auth" for r in simulator.ledger.requests)


async def pass_by(owner: Connection, seconds: float) -> None:
    """Let so much time pass for the login that is shared: the database's clock is never moved."""
    await owner.execute(
        "UPDATE newsletter.sms_logins SET refused_until = refused_until - $1::interval,"
        " asked_at = ARRAY(SELECT a - $1::interval FROM unnest(asked_at) AS a)",
        timedelta(seconds=seconds),
    )


async def one_more(owner: Connection, number: int) -> None:
    phone = f"+1916555{100 + number:04}"
    spring = await owner.fetchval("SELECT id FROM newsletter.campaigns")
    await text(owner, campaign=spring, person=await person(owner, phone=phone), phone=phone)


async def test_a_wrong_jwt_is_waited_for(database: str, owner: Connection) -> None:
    """For ten minutes, in which it is tried once a minute; RingCentral would suspend who asks more."""
    theirs = ManualClock()
    simulator = await start(Settings(jwt="another"), clock=theirs)
    await campaign(owner, budget=100)
    await one_more(owner, 1)
    async with inside(database, simulator) as running:
        await running.clock.waited(LOGIN_RETRY_SECONDS, 1)
        for n in range(2, 42):
            theirs.advance(LOGIN_RETRY_SECONDS)
            await pass_by(owner, LOGIN_RETRY_SECONDS)
            running.clock.advance(LOGIN_RETRY_SECONDS)
            await running.clock.waited(LOGIN_RETRY_SECONDS, n)
        status, said = await running.readiness()
        assert (status, said["ready"]) == (503, False)
        assert 5 <= logins(simulator) <= 11
        mend(simulator)
        theirs.advance(60)
        await pass_by(owner, 60)
        running.clock.advance(60)
        await until(owner, ALL_SENT)
        (refused,) = running.lines("login.refused")
        assert "JWT" in refused["sentence"]
        assert len(running.lines("login.done")) == 1
        assert (await running.readiness())[0] == 200
    await simulator.stop()
    assert len(simulator.ledger.texts) == 1


async def test_a_jwt_that_is_withdrawn_in_mid_campaign(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    mend(simulator)
    await campaign(owner, budget=100)
    await one_more(owner, 1)
    async with inside(database, simulator) as running:
        await until(owner, ALL_SENT)
        mend(simulator, "another")
        simulator.world.sessions.forget()
        before = logins(simulator)
        for n in range(2, 7):
            await one_more(owner, n)
        await until(owner, "needs_probe FROM newsletter.sms_buckets")
        await until(
            owner, "count(*) = 5 FROM newsletter.sms_send_queue WHERE status = 'pending'"
        )
        assert logins(simulator) == before + 1
        mend(simulator)
        await pass_by(owner, 60)
        running.clock.advance(60)
        await owner.execute("UPDATE newsletter.sms_buckets SET blocked_until = now()")
        await until(owner, ALL_SENT)
        (refused,) = running.lines("login.refused")
        assert "JWT" in refused["sentence"]
        (stopped,) = running.lines("login.stopped")
        assert stopped["why"] == "login_refused"
        assert len(running.lines("login.resumed")) == 1
    assert len(simulator.ledger.texts) == 6


async def test_a_database_that_is_away_for_a_while(
    binaries: Binaries, simulator: Simulator
) -> None:
    """It stops in mid-campaign, with texts claimed that wait for their turn."""
    mend(simulator)
    with postgres.start(binaries, {"fsync": "off"}) as server:
        async with connected(server.dsn()) as conn:
            await conn.execute("CREATE ROLE app_daemon LOGIN; CREATE ROLE app_host")
            await migrate(server.dsn(), "grant_daemon")
            await campaign(conn, budget=0)
        dsn = server.dsn().replace("postgres@", "owner@")
        async with daemon(dsn, simulator, rate_per_minute="1200", rate_burst="1") as running:
            async with connected(server.dsn()) as conn:
                await conn.execute(
                    "UPDATE newsletter.sms_buckets SET capacity = 60, tokens = 60"
                )
                for n in range(TEXTS):
                    await one_more(conn, n)
            await running.said("attempt.settled", times=5)
            server.stop()
            await running.said("database.lost")
            await running.said("listener.lost")
            server.restart()
            await running.said("database.regained")
            await running.said("listener.regained")
            async with connected(server.dsn()) as conn:
                await until(conn, ALL_SENT)
            assert await running.stop() == 0
            assert "Traceback" not in running.raw + await running.complaint()
    for event in ("database.lost", "database.regained", "listener.lost", "listener.regained"):
        # Connecting at start is a regaining too, if the server was slow.
        assert len([e for e in running.events if e["event"] == event]) == 1, event
    assert set(simulator.ledger.per_number().values()) == {1}
    assert len(simulator.ledger.texts) == TEXTS


async def test_a_database_that_lets_us_not_in_is_waited_for_and_told_of(
    binaries: Binaries, simulator: Simulator
) -> None:
    """Somebody has to mend that; who is called at night reads what, in the log and at /readyz."""
    mend(simulator)
    with postgres.start(binaries) as server:  # fsync off would be warned of too
        dsn = server.dsn("campaigns", f"app_daemon:{PASSWORD}")
        async with connected(server.dsn()) as admin, inside(dsn, simulator) as running:
            lost = await said(running, "database.lost")
            assert "lets nobody in with this user and password. Waiting alone" in lost
            status, ready = await running.readiness()
            assert (status, ready["checks"]["database"]["note"]) == (503, lost)
            await admin.execute("CREATE ROLE app_daemon LOGIN; CREATE ROLE app_host")
            warned = await said(running, "warning.raised")
            assert 'no such database: database "campaigns" does not exist. Create' in warned
            assert (await running.readiness())[1]["checks"]["database"]["note"] == warned
            await admin.execute("CREATE DATABASE made")
            await migrate(server.dsn("made"), "grant_daemon")
            await admin.execute("ALTER DATABASE made RENAME TO campaigns")
            await said(running, "daemon.started")
            assert (await running.readiness())[1]["checks"]["database"]["ok"]
            for each in ("database.lost", "warning.raised", "database.regained"):
                assert len(running.lines(each)) == 1
            assert PASSWORD not in running.said()


async def said(running: Inside, event: str) -> str:
    """Return the sentence of *event* once it is told."""
    told = await asyncio.to_thread(wait_until, lambda: bool(running.lines(event)), 60)
    assert told, running.said()
    return str(running.lines(event)[0].get("sentence", ""))
