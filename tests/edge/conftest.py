"""A line to the simulator, and a watch over everything that is printed or logged meanwhile."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from support.fixtures import MakeDatabase
from support.ringcentral import PRIVATE, Connect, Line, ShiftedClock, account
from support.shelf import DatedShelf, new_shelf, pool

from dispatcher.edge.ringcentral.gateway import RingCentralGateway
from dispatcher.simulator.clock import ManualClock
from dispatcher.simulator.server import start
from dispatcher.simulator.settings import Settings
from dispatcher.store.pool import Database


@pytest.fixture
def watched(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[None]:
    """Everybody logs all that they have to say, and nothing private is in it."""
    caplog.set_level(logging.DEBUG)
    yield
    # Not caplog.text: here, in the teardown, it holds nothing of the test itself.
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    seen = "\n".join([*map(logging.Formatter().format, records), *capfd.readouterr()])
    assert [private for private in PRIVATE if private in seen] == []
    assert "earer " not in seen


@pytest.fixture(scope="session")
async def shelves(make_database: MakeDatabase, template: str) -> AsyncIterator[Database]:
    """A database in which each login of a test has a row of its own."""
    async with make_database(template) as dsn, pool(dsn) as database:
        yield database


@pytest.fixture
def shelf(shelves: Database) -> DatedShelf:
    """The shelf of a login that no other test knows."""
    return new_shelf(shelves)


@pytest.fixture
async def connect(watched: None, shelf: DatedShelf) -> AsyncIterator[Connect]:  # noqa: ARG001 - it listens
    """Return `connect(simulator's settings, **changed of the account)`, which gives a Line."""
    async with AsyncExitStack() as stack:

        async def connected(settings: Settings | None = None, **changed: Any) -> Line:
            theirs, clock = ManualClock(), ShiftedClock()
            simulator = await start(settings or Settings(), clock=theirs)
            stack.push_async_callback(simulator.stop)
            gateway = RingCentralGateway(account(simulator.url, **changed), clock, shelf)
            stack.push_async_callback(gateway.close)
            return Line(gateway, clock, simulator, theirs, shelf)

        yield connected


@pytest.fixture
async def line(connect: Connect) -> Line:
    """A gateway and a simulator with nothing set."""
    return await connect()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here depends on the environment of who runs it."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
