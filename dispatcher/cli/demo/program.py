"""Runs this very program as its users do, where nothing of theirs is configured."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping
from pathlib import Path

from dispatcher.core.errors import DispatcherError

# What could lead to a real database, a real account or a proxy between us and ourselves.
_THEIRS = ("PG", "DATABASE_URL", "RINGCENTRAL_", "SMS_DISPATCHER_", "CREDENTIALS_DIRECTORY")
_PROXY = "_PROXY"

# -P: a folder `dispatcher` where the user happens to stand is not this program.
COMMAND = (sys.executable, "-P", "-m", "dispatcher")


class CommandFailedError(DispatcherError):
    """A command of the demo's own did not succeed."""


def environment(**settings: str) -> dict[str, str]:
    """Return the environment and *settings*, without anything else that we would read."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_THEIRS) and not name.upper().endswith(_PROXY)
    }
    return clean | settings


async def run(*words: str, env: Mapping[str, str], cwd: Path) -> str:
    """Run one command and return what it printed; if it fails, its sentence is ours."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *words, env=env, cwd=cwd, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )
    try:
        out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        said = err.decode(errors="replace").strip() or f"exit code {process.returncode}"
        raise CommandFailedError(f"sms-dispatcher {' '.join(words[:2])} failed: {said}")
    return out.decode(errors="replace")
