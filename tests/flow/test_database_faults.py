"""What may befall a database in mid-campaign: the daemon waits, and is back soon after it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from urllib.parse import urlsplit

import asyncpg
import pytest
from support.daemon import PATIENCE_SECONDS, daemon
from support.host import connected
from support.mid_campaign import BACK_SECONDS, count, furnish, sends_again, under_way
from support.relay import relayed

from dispatcher.core.durability import FSYNC_OFF
from dispatcher.edge import postgres
from dispatcher.edge.postgres import PrivateServer
from dispatcher.edge.postgres_binaries import Binaries
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 5}
TIME_OUT_SECONDS = 3.0
DISK = """
CREATE TABLE public.disk (is_full bool); INSERT INTO public.disk VALUES (false);
CREATE FUNCTION public.check_disk() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF (SELECT is_full FROM public.disk) THEN
        RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'newsletter' LOOP
        EXECUTE format('CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON newsletter.%I'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION public.check_disk()', name);
    END LOOP;
END $$;
"""
CROSSINGS = 3
CROSSED = f"""
CREATE SEQUENCE public.crossings;
CREATE FUNCTION public.cross() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF nextval('public.crossings') <= {CROSSINGS} THEN
        RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER crossed BEFORE INSERT ON newsletter.sms_attempts
    FOR EACH STATEMENT EXECUTE FUNCTION public.cross();
"""


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral whose limits are out of the way."""
    running = await start(Settings(limits=WIDE))
    yield running
    await running.stop()


def database_of(dsn: str) -> str:
    return urlsplit(dsn).path.lstrip("/")


async def backends(admin: Connection, dsn: str) -> list[int]:
    """Return the backends of the daemon's role."""
    rows = await admin.fetch(
        "SELECT pid FROM pg_stat_activity WHERE usename = 'app_daemon' AND datname = $1",
        database_of(dsn),
    )
    return [row["pid"] for row in rows]


async def terminate(server: PrivateServer, dsn: str) -> None:
    async with connected(server.dsn()) as admin:
        pids = await backends(admin, dsn)
        assert pids
        await admin.execute("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) pid", pids)


async def answering(dsn: str) -> None:
    """Return once the server that recovers takes connections again."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            with suppress(asyncpg.PostgresError, OSError):
                return await (await asyncpg.connect(dsn)).close()


async def tries(owner: Connection) -> None:
    """Let pass the time in which it tries a few times."""
    await owner.execute("SELECT pg_sleep(1.2)")


async def test_its_backends_are_terminated_again_and_again(
    database: str, server: PrivateServer, simulator: Simulator
) -> None:
    async with under_way(database, simulator) as running:
        for _ in range(3):
            await terminate(server, database)
            await sends_again(database)
    assert count(running, "library.warned") == 0


async def test_a_crash_and_a_restart(binaries: Binaries, simulator: Simulator) -> None:
    """When one backend is killed the server ends all of them and recovers."""
    with postgres.start(binaries) as server:
        dsn = await furnish(server)
        async with under_way(dsn, simulator) as running:
            async with connected(server.dsn()) as admin:
                (victim, *_) = await backends(admin, dsn)
                os.kill(victim, signal.SIGKILL)
            await running.said("database.lost")
            await answering(dsn)
            await sends_again(dsn)
            await asyncio.to_thread(server.restart)
            await sends_again(dsn)
            await asyncio.to_thread(server.restart, signal.SIGQUIT)
            await sends_again(dsn)


async def test_half_open_connections(database: str, simulator: Simulator) -> None:
    """As after a firewall has forgotten them, or the machine behind an address has changed."""
    async with relayed(database) as relay:
        seconds = {"database_timeout_seconds": str(TIME_OUT_SECONDS)}
        through = database.replace(database.partition("@")[2], relay.dsn.partition("@")[2])
        async with under_way(through, simulator, **seconds):
            relay.swallow()
            await sends_again(database, TIME_OUT_SECONDS + BACK_SECONDS)


async def test_a_full_disk(database: str, owner: Connection, simulator: Simulator) -> None:
    """Nothing can be written, all can be read: nothing is sent until there is room."""
    await owner.execute(DISK)
    async with under_way(database, simulator) as running:
        await owner.execute("UPDATE public.disk SET is_full = true")
        await running.said("database.lost")
        opened = "SELECT count(*) FROM newsletter.sms_attempts"
        before = await owner.fetchval(opened)
        await tries(owner)
        assert await owner.fetchval(opened) == before == len(simulator.ledger.texts)
        await owner.execute("UPDATE public.disk SET is_full = false")
        await sends_again(database)
    assert count(running, "database.lost") == 1


async def test_a_full_disk_is_told_of_once(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    """With nothing to send, each look at the queue gets its answer."""
    await owner.execute(DISK)
    async with daemon(database, simulator, poll_seconds="0.05") as running:
        await owner.execute("UPDATE public.disk SET is_full = true")
        await running.said("database.lost")
        await tries(owner)
        assert count(running, "database.regained") == 0
        await owner.execute("UPDATE public.disk SET is_full = false")
        await running.said("database.regained")
    assert count(running, "database.lost") == 1


async def test_what_could_be_lost_is_told_at_the_start(
    database: str, simulator: Simulator
) -> None:
    """The server of the tests does not sync."""
    async with daemon(database, simulator) as running:
        (warned,) = await running.said("warning.raised")
    assert (warned["level"], warned["sentence"]) == ("warning", FSYNC_OFF)


async def test_no_connection_is_left(
    database: str, owner: Connection, server: PrivateServer, simulator: Simulator
) -> None:
    async with under_way(database, simulator) as running:
        limit = f"ALTER DATABASE {database_of(database)} CONNECTION LIMIT"
        await owner.execute(f"{limit} 0")
        await terminate(server, database)
        await running.said("database.lost")
        await tries(owner)
        await owner.execute(f"{limit} -1")
        await sends_again(database)


WHY = "lets nobody in"


async def test_it_is_not_let_in_any_more(
    database: str, server: PrivateServer, simulator: Simulator
) -> None:
    """As after a change of its password: the loss is told, and why, with it or after it."""
    async with connected(server.dsn()) as admin, under_way(database, simulator) as running:
        await admin.execute("ALTER ROLE app_daemon NOLOGIN")
        try:
            await terminate(server, database)
            (told,) = await running.said("database.lost")
            if WHY not in told["sentence"]:  # a connection that was there was missed first
                _, told = await running.said("warning.raised", times=2)  # one is of its start
        finally:
            await admin.execute("ALTER ROLE app_daemon LOGIN")
        await sends_again(database)
    assert WHY in told["sentence"]
    assert count(running, "database.lost") == 1


async def test_what_another_transaction_undid_is_no_outage(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    """It is asked again, and said each time: a deadlock passes, a bug of ours would not."""
    await owner.execute(CROSSED)
    async with under_way(database, simulator) as running:
        crossed = await running.said("transaction.crossed", times=CROSSINGS)
    assert {"DeadlockDetectedError" in each["sentence"] for each in crossed} == {True}
    assert count(running, "database.lost") == 0
