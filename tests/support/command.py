"""Runs `sms-dispatcher` as a user does: as a process of its own."""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory

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


def environ(told: dict[str, str]) -> dict[str, str]:
    """Return the environment: of the program's settings, what it is *told* only."""
    return {k: v for k, v in os.environ.items() if not k.startswith(OURS)} | told


def _told(dsn: str | None, env: dict[str, str]) -> dict[str, str]:
    return ({"DATABASE_URL": dsn} if dsn else {}) | env


async def run(*args: str, dsn: str | None = None, **env: str) -> Ran:
    """Run the command *args* to its end; of its settings, the environment holds *dsn* and *env*."""
    told = _told(dsn, env)
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = FORKS.Process(target=_be, args=(args, environ(told), Path.cwd(), out, err))
        process.start()
        try:
            await _end(process)
        finally:
            process.kill()
            process.join()
        said = _read(out, err)
    return _ran(process.exitcode, *said, secrets(told, *args))


async def run_program(*args: str, dsn: str | None = None, **env: str) -> Ran:
    """Do the same by the program's file: from the start of Python."""
    told = _told(dsn, env)
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *args,
        env=environ(told),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE_SECONDS):
        out, err = await process.communicate()
    return _ran(process.returncode, out, err, secrets(told, *args))


def _read(out: Path, err: Path) -> tuple[bytes, bytes]:
    return out.read_bytes(), err.read_bytes()


def _ran(code: int | None, out: bytes, err: bytes, private: Iterable[str]) -> Ran:
    ran = Ran(code or 0, out.decode(), err.decode())
    assert leaks(ran.out + ran.err, private) == []
    return ran


def _be(args: tuple[str, ...], env: dict[str, str], folder: Path, out: Path, err: Path) -> None:
    """Be the program."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    for number, file in enumerate((Path(os.devnull), out, err)):
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        os.dup2(descriptor, number)
        os.close(descriptor)
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
