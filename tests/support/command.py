"""Runs `sms-dispatcher` as a user does: as a process of its own."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from support.private import leaks, secrets

PROGRAM = Path(sys.executable).with_name("sms-dispatcher")
PATIENCE_SECONDS = 60
OURS = ("PG", "DATABASE_URL", "RINGCENTRAL_", "SMS_DISPATCHER_", "CREDENTIALS_DIRECTORY")


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


async def run(*args: str, dsn: str | None = None, **env: str) -> Ran:
    """Run the program with *args*; of its settings, the environment holds *dsn* and *env* only."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    named = {"DATABASE_URL": dsn} if dsn else {}
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *args,
        env=clean | named | env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        out, err = await process.communicate()
    ran = Ran(process.returncode or 0, out.decode(), err.decode())
    assert leaks(ran.out + ran.err, secrets(named | env, *args)) == []
    return ran
