"""The one place where the machine's time comes in."""

import time
from collections.abc import Callable

_PAUSE_SECONDS = 0.01


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
