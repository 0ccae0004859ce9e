"""The PostgreSQL that all tests share, and what tells a run from another one."""

import gc
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from support.chaos import stops

from dispatcher.edge import postgres
from dispatcher.edge.postgres_binaries import Binaries, NoPostgresError, find

pytest_plugins = ["support.fixtures"]

# A busy machine fails no test.
settings.register_profile(
    "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")

# Nothing here outlives the run, so nothing need reach the disk.
HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

ROOM_BYTES = 2 * 1024**3

# owner: of the schema; app_host: the application's login; app_daemon: ours.
ROLES = ("owner", "app_host", "app_daemon")

BINARIES = pytest.StashKey[Binaries]()
NOT_RUN = pytest.StashKey[list[str]]()

MakeDatabase = Callable[..., AbstractAsyncContextManager[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgresql", type=int, metavar="MAJOR", help="run on this version")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NOT_RUN] = []
    try:
        config.stash[BINARIES] = find(config.getoption("postgresql"))
    except NoPostgresError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Collect no garbage while a report is made.

    Before Python 3.11.8 that can end the run with "AST constructor recursion depth mismatch"
    (gh-106905), and which test failed is never said.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_report_header(config: pytest.Config) -> str:
    binaries = config.stash[BINARIES]
    return f"PostgreSQL {binaries.version}: {binaries.folder}"


def pytest_deselected(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("needs_host"):
            item.config.stash[NOT_RUN].append(item.nodeid)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a worker does not run to the process that prints the summary."""
    told: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["not_run"] = session.config.stash[NOT_RUN]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    told = getattr(node, "workeroutput", {})  # none of a worker that died
    node.config.stash[NOT_RUN] = told.get("not_run", [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
    config: pytest.Config,
) -> None:
    for name in config.stash[NOT_RUN]:
        terminalreporter.write_line(f"not run here: {name} (make test-host runs it)")


@pytest.fixture(scope="session")
def binaries(pytestconfig: pytest.Config) -> Binaries:
    """The PostgreSQL that this run is about."""
    return pytestconfig.stash[BINARIES]


@pytest.fixture(scope="session")
def server(binaries: Binaries) -> Iterator[postgres.PrivateServer]:
    """The server of all tests. A test that stops or breaks one starts its own."""
    with postgres.start(binaries, HASTY | stops.SETTINGS, within=_memory()) as server:
        yield server


@pytest.fixture(scope="session")
async def make_database(server: postgres.PrivateServer) -> MakeDatabase:
    """Return `make_database(template="template1")`, which yields a DSN for the role `owner`."""
    await _execute(server, *(f"CREATE ROLE {role} LOGIN" for role in ROLES))
    numbers = itertools.count(1)

    @asynccontextmanager
    async def make(template: str = "template1") -> AsyncIterator[str]:
        name = f"test_{next(numbers)}"
        await _execute(server, f"CREATE DATABASE {name} OWNER owner TEMPLATE {template}")
        try:
            yield server.dsn(name, "owner")
        finally:
            await _execute(server, f"DROP DATABASE {name} WITH (FORCE)")

    return make


@pytest.fixture
async def empty_database(make_database: MakeDatabase) -> AsyncIterator[str]:
    """The DSN of a new database, for its owner, who is no superuser."""
    async with make_database() as dsn:
        yield dsn


def _memory() -> Path | None:
    """Return a file system in memory, if there is one: a database is copied there in no time."""
    memory = Path("/dev/shm")  # noqa: S108  # mkdtemp makes the folder in it
    roomy = memory.is_dir() and os.access(memory, os.W_OK)
    return memory if roomy and shutil.disk_usage(memory).free > ROOM_BYTES else None


async def _execute(server: postgres.PrivateServer, *statements: str) -> None:
    connection = await asyncpg.connect(server.dsn())
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
