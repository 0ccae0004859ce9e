"""A simulator for each test, on a clock that stands still until the test moves it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
from support.simulated import Client, Simulate
from support.webhook import Webhook, webhook

from dispatcher.simulator.clock import ManualClock
from dispatcher.simulator.server import start
from dispatcher.simulator.settings import Settings


@pytest.fixture
async def simulate() -> AsyncIterator[Simulate]:
    """Start a simulator with given settings; the client is not logged in."""
    async with AsyncExitStack() as stack:

        async def simulated(settings: Settings) -> Client:
            clock = ManualClock()
            simulator = await start(settings, clock=clock)
            stack.push_async_callback(simulator.stop)
            http = await stack.enter_async_context(aiohttp.ClientSession())
            return Client(simulator, clock, http)

        yield simulated


@pytest.fixture
async def logged_in(simulate: Simulate) -> Simulate:
    """Start a simulator with given settings; the client is logged in."""

    async def simulated(settings: Settings) -> Client:
        client = await simulate(settings)
        await client.login()
        return client

    return simulated


@pytest.fixture
async def client(logged_in: Simulate) -> Client:
    """A logged-in client of a simulator with nothing set."""
    return await logged_in(Settings())


@pytest.fixture
async def hook() -> AsyncIterator[Webhook]:
    """An address on this machine that says yes to all that it is told."""
    async with webhook() as listening:
        yield listening
