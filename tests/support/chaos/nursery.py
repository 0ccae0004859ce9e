"""Daemons as processes that are born in no time, and whose death is told."""

import asyncio
import json
import os
import signal
import sys
import zoneinfo
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dispatcher.edge.clock import SystemClock
from support.chaos.doom import Doom
from support.command import environ

LAST_LINES = 12
LOOK_SECONDS = 0.02
TESTS = Path(__file__).parents[2]


@dataclass
class Child:
    """A daemon. *ended* has its exit code, negative for a signal; *stopped* is set by SIGSTOP."""

    pid: int
    log: Path
    ended: "asyncio.Future[int]"
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    def signal(self, how: signal.Signals) -> None:
        if not self.ended.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, how)

    def wake(self) -> None:
        self.stopped.clear()
        self.signal(signal.SIGCONT)

    async def said(self, event: str) -> None:
        """Return once it has said *event*."""
        while not self.lines(event):
            assert not self.ended.done(), self.last_words()
            await SystemClock().wait(asyncio.Event(), LOOK_SECONDS)

    def last_words(self) -> str:
        if not self.log.exists():
            return "nothing"
        return "\n".join(self.log.read_text("utf-8").splitlines()[-LAST_LINES:])

    def lines(self, event: str) -> list[dict[str, Any]]:
        """Return what it has said of *event* so far."""
        found: list[dict[str, Any]] = []
        if not self.log.exists():  # it has only just been born
            return found
        for line in self.log.read_text("utf-8").splitlines():
            with suppress(ValueError):  # a line that its death cut short
                found.append(json.loads(line))
        return [line for line in found if line.get("event") == event]


class Nursery:
    """Bears daemons; their logs lie in *folder*."""

    def __init__(self, zygote: asyncio.subprocess.Process, folder: Path) -> None:
        self._zygote = zygote
        self.folder = folder
        self._births: asyncio.Queue[int] = asyncio.Queue()
        self._children: dict[int, Child] = {}
        self._born = 0
        self._one_by_one = asyncio.Lock()

    async def read(self) -> None:
        """Take what the zygote tells, until it ends."""
        assert self._zygote.stdout
        while line := await self._zygote.stdout.readline():
            self._hear(json.loads(line))

    def _hear(self, told: dict[str, Any]) -> None:
        pid = told["pid"]
        if "born" in told:
            loop = asyncio.get_running_loop()
            log = self.folder / f"{self._born}.log"
            self._children[pid] = Child(pid, log, loop.create_future())
            self._births.put_nowait(pid)
        elif "stopped" in told:
            self._children[pid].stopped.set()
        else:
            self._children.pop(pid).ended.set_result(told["ended"])

    async def bear(
        self,
        environ: Mapping[str, str],
        doom: Doom | None = None,
        *,
        variant: str | None = None,
        off: float = 0,
    ) -> Child:
        """Start a daemon with *environ*; its wall clock is so many seconds *off*."""
        async with self._one_by_one:
            self._born += 1
            born = {
                "log": str(self.folder / f"{self._born}.log"),
                "environ": dict(environ),
                "doom": doom and asdict(doom),
                "variant": variant,
                "off": off,
            }
            assert self._zygote.stdin
            self._zygote.stdin.write(f"{json.dumps(born)}\n".encode())
            await self._zygote.stdin.drain()
            return self._children[await self._births.get()]

    def said(self) -> str:
        """Return all that any of them has said."""
        logs = sorted(self.folder.glob("*.log"))
        return "".join(log.read_text("utf-8", errors="replace") for log in logs)


@asynccontextmanager
async def nursery(folder: Path, zones: Path | None = None) -> AsyncIterator[Nursery]:
    """Bear daemons until the end of the block; all of them end with it.

    They take time zones from the folder *zones* first.
    """
    paths = [*([str(zones)] if zones else []), *zoneinfo.TZPATH]
    zygote = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "support.chaos.zygote",
        env=environ({"PYTHONPATH": str(TESTS), "PYTHONTZPATH": os.pathsep.join(paths)}),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    made = Nursery(zygote, folder)
    reading = asyncio.create_task(made.read())
    try:
        yield made
    finally:
        assert zygote.stdin
        zygote.stdin.close()
        await zygote.wait()
        await reading
