"""A database that says nothing: every wait for it ends, and the next connection is a good one."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from support.relay import Relay, relayed

from dispatcher.store import listening, pool
from dispatcher.store.database import Connection
from dispatcher.store.listening import listen
from dispatcher.store.pool import Database, DatabaseLostError

SECONDS = 1.0
GOODBYE = 0.2
SLACK = 0.5  # less than a second time-out


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short waits, so that one too many is seen."""
    monkeypatch.setattr(pool, "GOODBYE_SECONDS", GOODBYE)
    monkeypatch.setattr(listening, "PROBE_SECONDS", SECONDS)


@asynccontextmanager
async def within(seconds: float) -> AsyncIterator[None]:
    """Measure: a cancellation that comes too late may be swallowed on its way."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    async with asyncio.timeout(seconds + 10):
        yield
    assert loop.time() - started < seconds


def of(dsn: str, size: int = 3) -> Database:
    return Database(dsn, size=size, seconds=SECONDS, statement_cache=0)


async def _use(database: Database) -> None:
    await database.open()
    await database.run(_transaction)


async def _listen_and_probe(database: Database, relay: Relay) -> None:
    async with listen(database, {}) as alive:
        relay.swallow()
        await alive()


async def _transaction(conn: Connection) -> None:
    async with conn.transaction():
        await conn.fetchval("SELECT 7")


async def _sleep(conn: Connection) -> None:
    await conn.execute("SELECT pg_sleep(0.1)")


@pytest.mark.parametrize(
    "moment", [b"SET synchronous_commit", b"BEGIN", b"SELECT 7", b"COMMIT"]
)
async def test_a_silence_at_any_moment_ends(empty_database: str, moment: bytes) -> None:
    """In a transaction the rollback waits too, and a connection being set up says goodbye."""
    async with relayed(empty_database) as relay:
        database = of(relay.dsn)
        relay.mute_at = moment
        async with within(SECONDS + GOODBYE + SLACK):
            with pytest.raises(DatabaseLostError):
                await _use(database)
        assert relay.muted.is_set()
        await _use(database)
        await database.close()


async def test_half_open_connections_cost_one_time_out(empty_database: str) -> None:
    async with relayed(empty_database) as relay:
        database = of(relay.dsn)
        await database.open()
        await asyncio.gather(*(database.run(_sleep) for _ in range(3)))
        assert len(relay.lines) == 3
        relay.swallow()
        with pytest.raises(DatabaseLostError):
            await database.run(_transaction)
        async with within(SLACK):
            await database.run(_transaction)
        relay.swallow()
        async with within(SECONDS + GOODBYE + SLACK):
            await database.close()


async def test_a_server_that_never_answers_is_waited_for_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = of(f"postgresql://owner@127.0.0.1:{silent.getsockname()[1]}/test")
        async with within(SECONDS + SLACK):
            with pytest.raises(DatabaseLostError):
                await database.open()


@pytest.mark.parametrize("moment", [b"LISTEN", b"UNLISTEN"])
async def test_a_listener_waits_for_no_silence(
    database: str, empty_database: str, moment: bytes
) -> None:
    """In another database it is deaf, as behind a pooler, and takes its leave."""
    async with relayed(empty_database) as relay:
        ours = of(database)
        await ours.open()
        ours.dsn, relay.mute_at = relay.dsn, moment
        async with within(SECONDS + listening.ECHO_SECONDS + SLACK):
            with pytest.raises(DatabaseLostError):
                async with listen(ours, {}):
                    pytest.fail("nobody has answered")
        assert relay.muted.is_set()
        await ours.close()


async def test_a_listener_notices_that_its_connection_is_half_open(database: str) -> None:
    async with relayed(database) as relay:
        ours = of(relay.dsn)
        await ours.open()
        with pytest.raises(DatabaseLostError):
            await _listen_and_probe(ours, relay)
        await ours.close()
