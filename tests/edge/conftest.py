"""A line to the simulator, and a watch over everything that is printed or logged meanwhile."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from support.ringcentral import PRIVATE, Connect, Line, ShiftedClock, account

from dispatcher.edge.ringcentral.gateway import RingCentralGateway
from dispatcher.simulator.clock import ManualClock
from dispatcher.simulator.server import start
from dispatcher.simulator.settings import Settings


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


@pytest.fixture
async def connect(watched: None) -> AsyncIterator[Connect]:  # noqa: ARG001 - it listens
    """Return `connect(simulator's settings, **changed of the account)`, which gives a Line."""
    async with AsyncExitStack() as stack:

        async def connected(settings: Settings | None = None, **changed: Any) -> Line:
            theirs, clock = ManualClock(), ShiftedClock()
            simulator = await start(settings or Settings(), clock=theirs)
            stack.push_async_callback(simulator.stop)
            gateway = RingCentralGateway(account(simulator.url, **changed), clock)
            stack.push_async_callback(gateway.close)
            return Line(gateway, clock, simulator, theirs)

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
