"""What systemd is told, over a real datagram socket."""

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.systemd import Listening, notify_socket

from dispatcher.edge.clock import SystemClock
from dispatcher.edge.systemd import Systemd


# Only Linux has abstract names, and systemd.
@pytest.fixture(params=["path", *(["abstract"] if sys.platform == "linux" else [])])
def listening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listening]:
    """A notification socket as systemd makes them: in the file system, or with no file."""
    with notify_socket(tmp_path, abstract=request.param == "abstract") as made:
        yield made


def told(listening: Listening, watchdog: str = "") -> Systemd:
    environ = {"NOTIFY_SOCKET": listening.name, "WATCHDOG_USEC": watchdog}
    return Systemd(environ, SystemClock())


async def test_each_state_is_told_once(listening: Listening) -> None:
    systemd = told(listening)
    systemd.ready()
    systemd.ready()
    systemd.stopping()
    systemd.stopping()
    assert [await listening.heard(), await listening.heard()] == ["READY=1", "STOPPING=1"]
    assert listening.rest() == []


async def test_the_watchdog_is_fed_in_half_of_its_time(listening: Listening) -> None:
    loop = asyncio.get_running_loop()
    async with told(listening, watchdog="200000").watched(lambda: "idle"):
        assert await listening.heard() == "STATUS=idle"
        assert await listening.heard() == "WATCHDOG=1"
        before = loop.time()
        assert [await listening.heard() for _ in range(5)] == ["WATCHDOG=1"] * 5
    assert 0.3 < loop.time() - before < 1.0, "five times in 0.5 s, in peace or in a rush"


async def test_a_status_is_told_when_it_changes(listening: Listening) -> None:
    """And only then: six looks see it, two lines leave."""
    states = iter(["idle", "idle", "sending", "sending", "sending", "sending"])
    seen = asyncio.Event()

    def state() -> str:
        said = next(states, None)
        if said is None:
            seen.set()
        return said or "sending"

    async with told(listening, watchdog="40000").watched(state), asyncio.timeout(5):
        await seen.wait()
    lines = [await listening.heard() for _ in range(8)]
    assert [x for x in lines if x != "WATCHDOG=1"] == ["STATUS=idle", "STATUS=sending"]


async def test_without_a_watchdog_only_the_status_is_told(listening: Listening) -> None:
    async with told(listening).watched(lambda: "idle"):
        assert await listening.heard() == "STATUS=idle"
    assert listening.rest() == []


@pytest.mark.parametrize(
    "name", ["", "/nowhere/at/all", "relative", "@nobody-listens-here", "/" + "x" * 200]
)
async def test_nobody_who_listens_is_no_trouble(name: str) -> None:
    systemd = Systemd({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "1000"}, SystemClock())
    looked = asyncio.Event()
    async with systemd.watched(lambda: looked.set() or "idle"):  # type: ignore[func-returns-value]
        systemd.ready()
        if name:
            await asyncio.wait_for(looked.wait(), 5)
    systemd.stopping()


async def test_a_listener_who_reads_nothing_holds_nobody_up(tmp_path: Path) -> None:
    with (
        notify_socket(tmp_path) as deaf,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as us,
    ):
        with suppress(BlockingIOError):
            while True:  # until its line is full
                us.sendto(b"x", socket.MSG_DONTWAIT, deaf.name)
        told(deaf).ready()
