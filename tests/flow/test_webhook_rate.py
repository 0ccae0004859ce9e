"""Fifty calls a second, each at its time: all are answered soon, and none is lost."""

import asyncio
import statistics
from collections.abc import AsyncIterator

import aiohttp
import pytest
from support.hook import Hook, call, called, free_port, ours, told

from dispatcher.edge.clock import SystemClock
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

RATE, CALLS = 50, 500
SECONDS = 0.25
CLOCK = SystemClock()


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral."""
    running = await start(Settings())
    yield running
    await running.stop()


async def test_fifty_calls_a_second(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    hook = Hook(free_port())
    took: list[float] = []
    async with (
        called(database, simulator, hook),
        aiohttp.ClientSession() as http,
        asyncio.TaskGroup() as group,
    ):
        (subscription,) = ours(simulator, hook)

        async def one(number: int, due: float) -> None:
            assert await call(http, hook.url, told(subscription, number)) == 200
            took.append(CLOCK.monotonic() - due)

        began = CLOCK.monotonic()
        for number in range(CALLS):
            due = began + number / RATE
            await CLOCK.wait(asyncio.Event(), due - CLOCK.monotonic())
            group.create_task(one(number, due))
    assert statistics.quantiles(took, n=100)[98] < SECONDS
    assert await owner.fetchval("SELECT count(*) FROM newsletter.sms_receipts") == CALLS
