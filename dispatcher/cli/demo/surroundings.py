"""An environment in which nothing of the user's is configured."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

# What could lead to a real database, a real account, or a proxy between us and ourselves.
_THEIRS = ("PG", "DATABASE_URL", "RINGCENTRAL_", "SMS_DISPATCHER_", "CREDENTIALS_DIRECTORY")
_PROXY = "_PROXY"


@contextmanager
def nothing_configured() -> Iterator[None]:
    """Take away what we, and the processes that we start, would read of the user's."""
    theirs = [
        name for name in os.environ if name.startswith(_THEIRS) or name.upper().endswith(_PROXY)
    ]
    before = {name: os.environ.pop(name) for name in theirs}
    try:
        yield
    finally:
        os.environ.update(before)
