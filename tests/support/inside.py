"""The whole daemon inside the test's own process, with a clock that the test moves."""

import asyncio
import json
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from dispatcher import config
from dispatcher.app.daemon import Daemon
from dispatcher.edge.clock import SystemClock
from dispatcher.ports import NO_FAILPOINTS, Failpoints
from dispatcher.simulator.server import Simulator
from support.daemon import PATIENCE_SECONDS, environment, passed_through
from support.private import leaks, secrets


class MovedClock(SystemClock):
    """The machine's time, and what a test adds to it: who waits is woken."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._moved = asyncio.Event()
        self._waits: list[float] = []
        self._more = asyncio.Condition()

    def monotonic(self) -> float:
        return super().monotonic() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        due = self.monotonic() + seconds
        async with self._more:
            self._waits.append(seconds)
            self._more.notify_all()
        while not event.is_set() and (left := due - self.monotonic()) > 0:
            ends = [asyncio.create_task(each.wait()) for each in (event, self._moved)]
            await asyncio.wait(ends, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            for each in ends:
                each.cancel()
        return event.is_set()

    async def waited(self, seconds: float, times: int) -> None:
        """Return once somebody has begun so many waits of so many seconds."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._more:
            await self._more.wait_for(lambda: self._waits.count(seconds) >= times)


LOOK_SECONDS = 0.02


@dataclass
class Inside:
    """A daemon at work; *url* is where it says how it is."""

    clock: MovedClock
    log: Path
    url: str

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Return what it has said of *event* so far."""
        lines = map(json.loads, self.said().splitlines())
        return [line for line in lines if line["event"] == event]

    async def told(self, event: str) -> None:
        """Return once it has said *event*."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.lines(event):
                await SystemClock().wait(asyncio.Event(), LOOK_SECONDS)

    async def readiness(self) -> tuple[int, dict[str, Any]]:
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"{self.url}/readyz") as answer,
        ):
            return answer.status, await answer.json()


@asynccontextmanager
async def inside(
    dsn: str, simulator: Simulator, failpoints: Failpoints = NO_FAILPOINTS, **settings: str
) -> AsyncIterator[Inside]:
    """Run the daemon until the end of the block; it must not have ended by then."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    environ = environment(dsn, simulator, http_port=port, **settings)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as log:
        clock = MovedClock()
        daemon = Daemon(config.load(None, environ), log, clock, failpoints=failpoints)  # type: ignore[arg-type]
        seen = Inside(clock, Path(log.name), f"http://127.0.0.1:{port}")
        work = asyncio.create_task(daemon.run())
        try:
            yield seen
            assert not work.done(), work
        finally:
            daemon.stop()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await work
            told = (*secrets(environ), *passed_through(simulator))
            assert leaks(seen.said(), told) == []
