"""Who looks something up has its turn beside who looks all the time, and nobody in a penalty."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from support.inside import MovedClock
from support.shelf import pool

from dispatcher.loops import light
from dispatcher.loops.login_watch import LIGHT
from dispatcher.store import login
from dispatcher.store.database import Connection
from dispatcher.store.pool import Database

LOGIN = "shop"


class Clock(MovedClock):
    """It tells when somebody begins to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        if seconds:
            self.begun.set()
        return await super().wait(event, seconds)


class Engine:
    """What of an engine a look-up needs, with a database that is real."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, Clock()
        self.settings: Any = self
        self.login = LOGIN


@pytest.fixture
async def engine(database: str) -> AsyncIterator[Any]:
    """An engine at rest."""
    async with pool(database) as made:
        yield Engine(made)


async def test_who_needs_many_turns_in_a_row_has_them(engine: Any, daemon: Connection) -> None:
    """A list of many pages is of no use in part; webhooks have the record read all the time."""
    await login.make_bucket(daemon, LOGIN, LIGHT, capacity=1, per_second=20)
    ended = asyncio.Event()

    async def ask_all_the_time() -> None:
        while not ended.is_set():
            await light.turn(engine, LIGHT, light.LONGEST_WAIT)

    async with asyncio.timeout(30), asyncio.TaskGroup() as both:
        both.create_task(ask_all_the_time())
        had = [await light.turn(engine, LIGHT, light.LONGEST_WAIT) for _ in range(20)]
        ended.set()
    assert all(had)


async def test_a_penalty_holds_for_who_waits_already(engine: Any, daemon: Connection) -> None:
    """Each request in it would begin it anew."""
    await login.make_bucket(daemon, LOGIN, LIGHT, capacity=1, per_second=1)
    assert await light.turn(engine, LIGHT, light.LONGEST_WAIT)
    waits = asyncio.create_task(light.turn(engine, LIGHT, light.LONGEST_WAIT))
    await engine.clock.begun.wait()
    await login.throttle(daemon, LOGIN, LIGHT, timedelta(minutes=1))
    engine.clock.advance(5)
    assert not await waits


async def test_nobody_waits_for_long(engine: Any, daemon: Connection) -> None:
    await login.make_bucket(daemon, LOGIN, LIGHT, capacity=1, per_second=0.01)
    assert await light.turn(engine, LIGHT, light.LONGEST_WAIT)
    assert not await light.turn(engine, LIGHT, light.LONGEST_WAIT)
