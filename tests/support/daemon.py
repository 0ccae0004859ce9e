"""The real daemon as a process of its own, against a simulator over HTTP."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dispatcher.simulator.server import Simulator
from dispatcher.store.database import Connection
from support.command import PROGRAM, environ
from support.private import leaks, secrets

PATIENCE_SECONDS = 60
JWT, SECRET = "simulated-jwt", "simulated-secret"  # the simulator's defaults

FAST = {
    "SMS_DISPATCHER_HOURS": "off",
    "SMS_DISPATCHER_RATE_PER_MINUTE": "60000",
    "SMS_DISPATCHER_RATE_BURST": "50",
    "SMS_DISPATCHER_PER_NUMBER_PER_MINUTE": "60000",
    "SMS_DISPATCHER_PER_NUMBER_PER_DAY": "1000000",
    "SMS_DISPATCHER_LANES": "20",
    "SMS_DISPATCHER_HTTP_PORT": "0",
    "SMS_DISPATCHER_HEARTBEAT_SECONDS": "0.5",
    "SMS_DISPATCHER_POLL_SECONDS": "0.5",
    "SMS_DISPATCHER_DEAD_AFTER_SECONDS": "2",
    "SMS_DISPATCHER_LEAD_SECONDS": "1",
    "SMS_DISPATCHER_DATABASE_TIMEOUT_SECONDS": "5",
    "SMS_DISPATCHER_LIGHT_PER_MINUTE": "60000",
}
"""Limits out of the way, at any hour of the day."""


@dataclass
class Running:
    """A daemon that was started. *events* are the lines of its log so far; *ended*, it has no more."""

    process: asyncio.subprocess.Process
    ended: bool = False
    events: list[dict[str, Any]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    raw: str = ""
    complained: str = ""

    async def read(self) -> None:
        assert self.process.stdout
        while line := await self.process.stdout.readline():
            self.raw += line.decode()
            self.events.append(json.loads(line))
            self.changed.set()
        self.ended = True
        self.changed.set()

    async def said(self, event: str, times: int = 1) -> list[dict[str, Any]]:
        """Return the lines of *event* once there are so many of them."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(found := self._lines(event)) < times:
                assert not self.ended, await self.complaint()
                await self._more()
        return found

    async def begun(self, first: str) -> None:
        """Return once it has said *first*, or has ended instead."""
        while not self.ended and not self._lines(first):
            await self._more()

    def _lines(self, event: str) -> list[dict[str, Any]]:
        return [e for e in self.events if e.get("event") == event]

    async def _more(self) -> None:
        self.changed.clear()
        await self.changed.wait()

    async def complaint(self) -> str:
        """Return what a daemon that ended wrote to stderr."""
        assert self.process.stderr
        self.complained += (await self.process.stderr.read()).decode()
        return self.complained

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Send the signal and return the exit code."""
        self.process.send_signal(how)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.process.wait()


def environment(dsn: str, simulator: Simulator, **settings: str) -> dict[str, str]:
    """Return what the daemon is told by its environment."""
    return FAST | {
        "DATABASE_URL": dsn.replace("owner@", "app_daemon@"),
        "RINGCENTRAL_SERVER_URL": simulator.url,
        "RINGCENTRAL_CLIENT_ID": "simulated-client",
        "RINGCENTRAL_CLIENT_SECRET": SECRET,
        "RINGCENTRAL_JWT": JWT,
    } | {f"SMS_DISPATCHER_{k.upper()}": v for k, v in settings.items()}  # fmt: skip


@asynccontextmanager
async def daemon(
    dsn: str,
    simulator: Simulator,
    *,
    first: str = "daemon.started",
    program: Sequence[str | Path] = (PROGRAM,),
    **settings: str,
) -> AsyncIterator[Running]:
    """Run `sms-dispatcher run` by the daemon's own lesser role; it is killed at the end.

    It is handed over once it has said *first*, or has ended instead. *program* is what is run
    in its place.
    """
    env = environ(environment(dsn, simulator, **settings))
    process = await asyncio.create_subprocess_exec(
        *program, "run", env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    running = Running(process)
    reading = asyncio.create_task(running.read())
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_end, running, reading)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await running.begun(first)
        yield running
    told = (*secrets(env), *passed_through(simulator))
    assert leaks(running.raw + running.complained, told) == []


async def _end(running: Running, reading: "asyncio.Task[None]") -> None:
    if running.process.returncode is None:
        running.process.kill()
    await running.process.wait()
    await reading
    await running.complaint()


def passed_through(simulator: Simulator) -> Iterator[str]:
    """Yield the tokens that it gave out and the texts that it took."""
    for session in simulator.world.sessions:
        yield session.access
    for sent in simulator.ledger.texts:
        yield sent.text


async def until(conn: Connection, condition: str, *args: object) -> None:
    """Return once the SQL *condition* holds; the server does the waiting between two looks."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await conn.fetchval(f"SELECT {condition}", *args):
            await conn.execute("SELECT pg_sleep(0.02)")
