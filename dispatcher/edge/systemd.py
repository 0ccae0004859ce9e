"""Tells systemd that the daemon is ready, alive, what it waits for, and that it ends."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from dispatcher.ports import Clock

STATUS_SECONDS = 1.0
_MICROSECONDS = 1_000_000


class Systemd:
    """The protocol of sd_notify(3). Without a `NOTIFY_SOCKET` everything here does nothing.

    What can't be told is let go: the daemon does not depend on who watches it.
    """

    def __init__(self, environ: Mapping[str, str], clock: Clock) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        watchdog = environ.get("WATCHDOG_USEC", "")
        # Half of what systemd allows, so that one late breath ends nothing.
        self._breath = int(watchdog) / _MICROSECONDS / 2 if watchdog.isdecimal() else None
        self._clock = clock
        self._told: set[str] = set()

    def ready(self) -> None:
        """Say, once, that the start is over: it works, or waits by itself for what is away."""
        self._once("READY=1")

    def stopping(self) -> None:
        self._once("STOPPING=1")

    @asynccontextmanager
    async def watched(self, status: Callable[[], str]) -> AsyncIterator[None]:
        """Feed the watchdog from the event loop, and show *status* whenever it is another.

        A loop that something blocks feeds nothing, and systemd starts the daemon again.
        """
        if not self._address:
            yield
            return
        feeding = asyncio.create_task(self._feed(status))
        try:
            yield
        finally:
            feeding.cancel()

    async def _feed(self, status: Callable[[], str]) -> None:
        said, fed_at, never = "", float("-inf"), asyncio.Event()
        every = min(STATUS_SECONDS, self._breath or STATUS_SECONDS)
        while True:
            if (now := status()) != said:
                said = now
                self._send(f"STATUS={said}")
            if self._breath and self._clock.monotonic() - fed_at + every > self._breath:
                fed_at = self._clock.monotonic()
                self._send("WATCHDOG=1")
            await self._clock.wait(never, every)

    def _once(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._send(line)

    def _send(self, line: str) -> None:
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto(line.encode(), socket.MSG_DONTWAIT, self._address)
