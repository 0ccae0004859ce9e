"""The threads that the SDK blocks, so that the event loop goes on."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from dispatcher.core.outcome import NotBegun
from dispatcher.edge.ringcentral.journey import Journey
from dispatcher.ports import NO_FAILPOINTS, Clock, Failpoints

T = TypeVar("T")


class Threads:
    """At most *size* requests at once; none lasts longer than *longest* from its first byte."""

    def __init__(
        self, clock: Clock, size: int, longest: float, failpoints: Failpoints = NO_FAILPOINTS
    ) -> None:
        self._clock = clock
        self._failpoints = failpoints
        self._longest = longest
        self._executor = ThreadPoolExecutor(size, thread_name_prefix="ringcentral")

    async def run(
        self, what: str, work: Callable[[Journey], T], begin_by: float
    ) -> T | NotBegun:
        """Run *work* in a thread; *what* is its kind of request.

        Cancelled, it lets nothing begin that has not begun; what has begun goes on without us.
        """
        journey = Journey(what, self._clock, begin_by, self._failpoints)
        patience = max(0.0, begin_by - self._clock.monotonic()) + self._longest
        future = asyncio.get_running_loop().run_in_executor(self._executor, work, journey)
        try:
            done, _ = await asyncio.wait({future}, timeout=patience)
        except asyncio.CancelledError:
            journey.call_off()
            future.cancel()  # nobody waits for what a thread that has begun will return
            raise
        if not done:
            # Time-outs of sockets start anew with every byte, and looking up a name has none.
            if journey.call_off():
                future.cancel()
                return NotBegun()
            journey.cut()
        return await future

    async def close(self) -> None:
        """Wait for the threads in flight: what they carry may still be sent."""
        await asyncio.to_thread(self._executor.shutdown)
