"""Time as the simulator sees it, so that a test can move it instead of waiting."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the simulator knows of time. `now` is aware and in UTC."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    async def wait(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """Stands still until it is advanced; who waits is woken once their time has come."""

    def __init__(self, start: datetime = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0
        self._waiting: list[tuple[float, asyncio.Event]] = []
        self._more = asyncio.Condition()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    async def wait(self, seconds: float) -> None:
        if seconds <= 0:
            return
        waiter = (self._elapsed + seconds, asyncio.Event())
        self._waiting.append(waiter)
        try:
            async with self._more:
                self._more.notify_all()
            await waiter[1].wait()
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    async def waiters(self, count: int = 1) -> None:
        """Return once so many wait: to advance before they do would leave them waiting."""
        async with self._more:
            await self._more.wait_for(lambda: len(self._waiting) >= count)

    def advance(self, seconds: float) -> None:
        """Move time; call it in the loop that the waiters run in."""
        self._elapsed += seconds
        for _, due in (entry for entry in self._waiting if entry[0] <= self._elapsed):
            due.set()
        self._waiting = [entry for entry in self._waiting if entry[0] > self._elapsed]
