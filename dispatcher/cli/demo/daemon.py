"""The daemon of the demo: the same process that `sms-dispatcher run` is."""

import asyncio
import json
import os
import subprocess
import sys
from asyncio.subprocess import DEVNULL, STDOUT
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from dispatcher.core.errors import DispatcherError
from dispatcher.core.privacy import scrub

# -P: a folder `dispatcher` where the user happens to stand is not this program.
COMMAND = (sys.executable, "-P", "-m", "dispatcher", "run")
STOP_SECONDS = 10
START_SECONDS = 30
LOOK_SECONDS = 0.1

# Runs beside the daemon and stops it if we die without a word: its input ends then.
_WARDEN = 'read -r pid || exit 0; read -r done || kill "$pid"'


class DaemonEndedError(DispatcherError):
    """The daemon ended before the campaign did."""


class Daemon:
    """A daemon that was started; what it says is in *log*."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self.process = process
        self.log = log
        self._ended = asyncio.create_task(process.wait())

    async def pause(self, seconds: float) -> None:
        """Wait for *seconds*, but no longer than the daemon lives: raises if it has ended."""
        await asyncio.wait({self._ended}, timeout=seconds)
        if self._ended.done():
            raise DaemonEndedError(
                f"The daemon ended with exit code {self._ended.result()} before the campaign "
                f"did; its last words: {self._last_words()}. --keep DIR keeps its log."
            )

    async def started(self) -> None:
        """Return once it has checked all that it needs."""
        async with asyncio.timeout(START_SECONDS):
            while '"daemon.started"' not in self.log.read_text("utf-8", errors="replace"):
                await self.pause(LOOK_SECONDS)

    async def stop(self) -> None:
        """End it politely, then by force."""
        if self.process.returncode is None:
            self.process.terminate()
            await asyncio.wait({self._ended}, timeout=STOP_SECONDS)

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        if self.process.returncode is None:
            self.process.kill()

    def _last_words(self) -> str:
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        last = next((line for line in reversed(lines) if line.strip()), "none")
        with suppress(ValueError, KeyError, TypeError):  # a sentence of stderr's
            last = json.loads(last)["event"]
        return scrub(str(last)).rstrip(".")


@asynccontextmanager
async def running(log: Path, settings: Mapping[str, str]) -> AsyncIterator[Daemon]:
    """Run the daemon with *settings* in its environment; its log goes into the file *log*."""
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *COMMAND, env={**os.environ, **settings}, stdin=DEVNULL, stdout=file, stderr=STDOUT,
            start_new_session=True,  # Ctrl-C is for us; we then stop the daemon
        )  # fmt: skip
    warden = _warden(process.pid)
    daemon = Daemon(process, log)
    try:
        yield daemon
        await daemon.stop()
    finally:
        try:
            await daemon.stop()
        finally:
            daemon.kill()
            warden.communicate("done\n")


def _warden(pid: int) -> "subprocess.Popen[str]":
    warden = subprocess.Popen(  # noqa: S603  # our own words
        ["/bin/sh", "-c", _WARDEN],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    if warden.stdin:
        warden.stdin.write(f"{pid}\n")
        warden.stdin.flush()
    return warden
