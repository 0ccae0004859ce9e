"""The daemon of the demo: the same process that `sms-dispatcher run` is."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, STDOUT
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dispatcher.core.errors import DispatcherError
from dispatcher.core.privacy import scrub
from dispatcher.edge.warden import Warden

# -P: a folder `dispatcher` where the user happens to stand is not this program.
COMMAND = (sys.executable, "-P", "-m", "dispatcher", "run")
STOP_SECONDS = 10
START_SECONDS = 30
LOOK_SECONDS = 0.1
MOST_RESTARTS = 5

# Each line is the id of the process to look after now.
_WARDEN = """\
while read -r word; do [ "$word" = done ] && exit 0; pid=$word; done
[ -z "$pid" ] || kill "$pid"
"""


class DaemonEndedError(DispatcherError):
    """The daemon ended before the campaign did."""


@dataclass(frozen=True)
class Standing:
    """How the daemon is: its *pid*, how often it was started again, whether it works by now."""

    pid: int
    restarts: int
    works: bool


class Daemon:
    """A daemon that is started again if a signal kills it, as systemd would.

    What it says is in *log*; *killed* is told of each signal once there is a new daemon.
    """

    def __init__(
        self, log: Path, settings: Mapping[str, str], killed: Callable[[int, Standing], None]
    ) -> None:
        self._log, self._settings, self._killed = log, settings, killed
        self._restarts = 0
        self._warden = Warden(_WARDEN)
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; its log goes on where the one before it ended."""
        with self._log.open("ab") as file:
            self._since = file.tell()
            self._process = await asyncio.create_subprocess_exec(
                *COMMAND, env={**os.environ, **self._settings},
                stdin=DEVNULL, stdout=file, stderr=STDOUT,
                start_new_session=True,  # Ctrl-C is for us; we then stop the daemon
            )  # fmt: skip
        self._works = False
        self._pid = self._process.pid
        self._warden.tell(str(self._pid))
        self._ended = asyncio.create_task(self._process.wait())

    def standing(self) -> Standing:
        """Say how it is; it works once it has checked all that it needs."""
        if not self._works:
            with self._log.open("rb") as file:
                file.seek(self._since)
                self._works = b'"daemon.started"' in file.read()
        return Standing(self._pid, self._restarts, self._works)

    async def pause(self, seconds: float) -> None:
        """Wait for *seconds*, or until it was killed: then start it again.

        Raises DaemonEndedError if it has ended by itself, or was killed too often.
        """
        await asyncio.wait({self._ended}, timeout=seconds)
        if self._ended.done():
            await self._start_again(self._ended.result())

    async def started(self) -> None:
        """Return once it works."""
        try:
            async with asyncio.timeout(START_SECONDS):
                while not self.standing().works:
                    await self.pause(LOOK_SECONDS)
        except TimeoutError:
            raise DaemonEndedError(
                f"The daemon has not started in {START_SECONDS} s; {self._last_words()}."
            ) from None

    async def stop(self) -> None:
        """End it politely, then by force; no new one is started."""
        try:
            if self._process and self._process.returncode is None:
                self._process.terminate()
                await asyncio.wait({self._ended}, timeout=STOP_SECONDS)
        finally:
            if self._process and self._process.returncode is None:
                self._process.kill()

    def dismiss(self) -> None:
        """Let the warden go: the daemon was stopped."""
        with self._warden:
            self._warden.tell("done")

    async def _start_again(self, code: int) -> None:
        if code >= 0:
            raise DaemonEndedError(
                f"The daemon ended with exit code {code} before the campaign did; "
                f"{self._last_words()}."
            )
        if self._restarts == MOST_RESTARTS:
            raise DaemonEndedError(
                f"The daemon was killed {MOST_RESTARTS + 1} times, the last time by "
                f"{name(-code)}: it is not started again; {self._last_words()}."
            )
        self._restarts += 1
        await self.start()
        self._killed(-code, self.standing())

    def _last_words(self) -> str:
        lines = self._log.read_text("utf-8", errors="replace").splitlines()
        last = next((line for line in reversed(lines) if line.strip()), "none")
        with suppress(ValueError, KeyError, TypeError):  # a sentence of stderr's
            last = json.loads(last)["event"]
        return f"its last words: {scrub(str(last)).rstrip('.')}. --keep DIR keeps its log"


def name(number: int) -> str:
    """Return what the signal *number* is called."""
    try:
        return signal.Signals(number).name
    except ValueError:  # one of the real-time signals
        return f"signal {number}"


@asynccontextmanager
async def running(
    log: Path, settings: Mapping[str, str], killed: Callable[[int, Standing], None]
) -> AsyncIterator[Daemon]:
    """Run the daemon with *settings* in its environment; its log goes into the file *log*."""
    log.open("wb").close()  # what another demo may have left there
    daemon = Daemon(log, settings, killed)
    try:
        await daemon.start()
        yield daemon
        await daemon.stop()
    finally:
        try:
            await daemon.stop()
        finally:
            daemon.dismiss()
