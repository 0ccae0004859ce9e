"""The one place where the machine's time comes in."""

import asyncio
import random
import time
from collections.abc import Callable

_PAUSE_SECONDS = 0.01
_GIVEN_SECONDS = 0.0001


class SystemClock:
    """The Clock port as the machine has it."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        """Return the seconds since 1970, for the log and the metrics alone."""
        return time.time()

    def chance(self) -> float:
        return random.random()  # noqa: S311  # it spreads retries and guards no secret

    def give_way(self) -> None:
        # Who has waited for Python's lock for 5 ms may take it away in the middle of two
        # instructions. Once all have had their turn, those 5 ms begin anew.
        time.sleep(_GIVEN_SECONDS)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await event.wait()
        except TimeoutError:
            return False


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return True once *condition* holds, or False if it does not within *seconds*.

    It blocks its thread: for tests and for what runs before the event loop does.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(_PAUSE_SECONDS)
    return True
