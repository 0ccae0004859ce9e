"""What came meanwhile is stored in one go; who waits for it waits for less than a second."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.daemon import until
from support.host import connected
from support.inside import MovedClock
from support.shelf import pool

from dispatcher.core.notice import Heard, Notice, What
from dispatcher.core.raw import raw
from dispatcher.edge.postgres import PrivateServer
from dispatcher.loops import hearing
from dispatcher.loops.hearing import Hearing
from dispatcher.store.database import Connection
from dispatcher.store.pool import Database

STANDS_IN_LINE = "EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
COMMITS = (
    "SELECT count(*) FROM newsletter.sms_receipts GROUP BY received_at ORDER BY received_at"
)
CROSSED = """
CREATE SEQUENCE public.crossings;
CREATE FUNCTION public.cross() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF nextval('public.crossings') <= 2 THEN
        RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER crossed BEFORE INSERT ON newsletter.sms_receipts FOR EACH STATEMENT EXECUTE FUNCTION public.cross();
"""


class Engine:
    """What of an engine it needs, with a database that is real."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock, self.outages = database, MovedClock(), 0
        self.settings: Any = self
        self.login = "login"

    async def outage(self, _error: Exception) -> None:
        self.outages += 1

    def database_wrote(self, _began: float) -> None:
        """Take note."""


@pytest.fixture
async def engine(database: str, owner: Connection) -> AsyncIterator[Engine]:
    """An engine at rest, of a login that has a subscription."""
    await owner.execute(
        "INSERT INTO newsletter.sms_subscriptions (login, subscription_id, owner_id, address, token_mark, status, expires_at,"
        " silent_after) VALUES ('login', 'one', 'ours', 'https://a.example/hook', '', 'Active', now() + interval '1 day', '1 min')"
    )
    async with pool(database, size=1) as made:
        yield Engine(made)


@asynccontextmanager
async def hears(engine: Engine) -> AsyncIterator[Hearing]:
    made = Hearing(engine)  # type: ignore[arg-type]
    async with AsyncExitStack() as stack, asyncio.timeout(30):
        running = asyncio.create_task(made.run())
        stack.push_async_callback(asyncio.wait, {running})
        stack.callback(made.end)
        yield made


@asynccontextmanager
async def held_up(database: str) -> AsyncIterator[None]:
    """Let nobody read the subscription meanwhile."""
    async with connected(database) as conn, conn.transaction():
        await conn.execute("LOCK newsletter.sms_subscriptions")
        yield


def notice(number: int = 1, owner: str = "ours") -> Notice:
    return Notice("one", owner, What.INBOUND, raw({"id": str(number), "direction": "Inbound"}))


async def test_each_is_told_what_became_of_its_own(engine: Engine) -> None:
    async with hears(engine) as ear:
        asked = (ear.take(notice(1)), ear.take(notice(2, "theirs")))
        assert [*await asyncio.gather(*asked)] == [Heard.STORED, Heard.STRANGE]


async def test_what_comes_meanwhile_goes_in_one(
    database: str, owner: Connection, engine: Engine
) -> None:
    async with hears(engine) as ear:
        async with held_up(database):
            first = asyncio.create_task(ear.take(notice(1000)))
            await until(owner, STANDS_IN_LINE)
            others = [asyncio.create_task(ear.take(notice(n))) for n in range(1, 150)]
            await engine.clock.waited(hearing.PATIENCE_SECONDS, times=150)
        assert {*await asyncio.gather(first, *others)} == {Heard.STORED}
    assert [row[0] for row in await owner.fetch(COMMITS)] == [1, 100, 49]


async def test_nobody_waits_for_longer_than_that(
    database: str, owner: Connection, engine: Engine
) -> None:
    """And who was in line behind is not stored when nobody waits any more."""
    async with hears(engine) as ear:
        async with held_up(database):
            first = asyncio.create_task(ear.take(notice(1)))
            await until(owner, STANDS_IN_LINE)
            second = asyncio.create_task(ear.take(notice(2)))
            await engine.clock.waited(hearing.PATIENCE_SECONDS, times=2)
            engine.clock.advance(hearing.PATIENCE_SECONDS)
            assert {*await asyncio.gather(first, second)} == {Heard.UNAVAILABLE}
        assert await ear.take(notice(3)) is Heard.STORED
    rows = await owner.fetch("SELECT provider_id FROM newsletter.sms_receipts ORDER BY 1")
    assert [row[0] for row in rows] == ["1", "3"]


async def test_a_database_that_goes_away_is_said_at_once(
    database: str, server: PrivateServer, engine: Engine
) -> None:
    admin = server.dsn(urlsplit(database).path.lstrip("/"))
    async with connected(admin) as conn, hears(engine) as ear:
        async with held_up(database):
            first = asyncio.create_task(ear.take(notice(1)))
            await until(conn, STANDS_IN_LINE)
            await conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app_daemon'"
                " AND datname = current_database()"
            )
            assert await first is Heard.UNAVAILABLE
        assert await ear.take(notice(2)) is Heard.STORED
    assert engine.outages == 1


async def test_what_others_undid_is_done_again(owner: Connection, engine: Engine) -> None:
    await owner.execute(CROSSED)
    async with hears(engine) as ear:
        assert await ear.take(notice()) is Heard.STORED
    assert engine.outages == 0


async def test_the_line_has_an_end(
    database: str, owner: Connection, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "MOST_WAITING", 2)
    async with hears(engine) as ear:
        async with held_up(database):
            first = asyncio.create_task(ear.take(notice(0)))
            await until(owner, STANDS_IN_LINE)
            two = [asyncio.create_task(ear.take(notice(n))) for n in (1, 2)]
            await engine.clock.waited(hearing.PATIENCE_SECONDS, times=3)
            assert await ear.take(notice(3)) is Heard.UNAVAILABLE
        assert {*await asyncio.gather(first, *two)} == {Heard.STORED}


async def test_at_the_end_who_waits_is_stored(
    database: str, owner: Connection, engine: Engine
) -> None:
    async with hears(engine) as ear:
        async with held_up(database):
            asked = [asyncio.create_task(ear.take(notice(n))) for n in range(3)]
            await until(owner, STANDS_IN_LINE)
            ear.end()
        assert {*await asyncio.gather(*asked)} == {Heard.STORED}
