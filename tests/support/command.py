"""Runs `sms-dispatcher` as a user does: as a process of its own."""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from dispatcher.cli.main import COMMANDS, main
from support.private import leaks, secrets

PROGRAM = Path(sys.executable).with_name("sms-dispatcher")
PATIENCE_SECONDS = 60
OURS = ("PG", "DATABASE_URL", "RINGCENTRAL_", "SMS_DISPATCHER_", "CREDENTIALS_DIRECTORY")

# It has loaded every command, and forks: a process of its own, without the half second of its start.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([f"dispatcher.cli.{module}" for module in COMMANDS.values()])


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


def _environ(told: dict[str, str]) -> dict[str, str]:
    """Return the environment: of the program's settings, what it is *told* only."""
    return {k: v for k, v in os.environ.items() if not k.startswith(OURS)} | told


def _told(dsn: str | None, env: dict[str, str]) -> dict[str, str]:
    return ({"DATABASE_URL": dsn} if dsn else {}) | env


async def run(*args: str, dsn: str | None = None, **env: str) -> Ran:
    """Run the command *args* to its end; of its settings, the environment holds *dsn* and *env*."""
    told = _told(dsn, env)
    with TemporaryFile() as out, TemporaryFile() as err:
        files = DupFd(out.fileno()), DupFd(err.fileno())
        process = FORKS.Process(target=_be, args=(args, _environ(told), Path.cwd(), *files))
        process.start()
        try:
            await _end(process)
        finally:
            process.kill()
            process.join()
        for file in (out, err):
            file.seek(0)
        return _ran(process.exitcode, out.read(), err.read(), secrets(told, *args))


async def run_program(*args: str, dsn: str | None = None, **env: str) -> Ran:
    """Do the same by the program's file: from the start of Python."""
    told = _told(dsn, env)
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *args,
        env=_environ(told),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        out, err = await process.communicate()
    return _ran(process.returncode, out, err, secrets(told, *args))


def _ran(code: int | None, out: bytes, err: bytes, private: Iterable[str]) -> Ran:
    ran = Ran(code or 0, out.decode(), err.decode())
    assert leaks(ran.out + ran.err, private) == []
    return ran


def _be(
    args: tuple[str, ...], environ: dict[str, str], folder: Path, out: Any, err: Any
) -> None:
    """Be the program."""
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for there, here in ((nothing, 0), (out.detach(), 1), (err.detach(), 2)):
        os.dup2(there, here)
        os.close(there)
    sys.stdin = os.fdopen(0)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", encoding="utf-8")
    sys.argv = [str(PROGRAM), *args]
    sys.exit(main())


async def _end(process: BaseProcess) -> None:
    """Return once *process* has ended."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(process.sentinel, ended.set)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await ended.wait()
    finally:
        loop.remove_reader(process.sentinel)
