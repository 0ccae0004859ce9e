"""Fixtures that stand on the migrated schema."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from urllib.parse import urlsplit

import pytest

from dispatcher.store.database import Connection
from support.host import connected
from support.migrate import migrate

MakeDatabase = Callable[..., AbstractAsyncContextManager[str]]


@pytest.fixture(scope="session")
async def template(make_database: MakeDatabase) -> AsyncIterator[str]:
    """The name of a migrated database that `database` is copied from."""
    async with make_database() as dsn:
        await migrate(dsn, "grant_daemon", "grant_host")
        yield urlsplit(dsn).path.lstrip("/")


@pytest.fixture
async def database(make_database: MakeDatabase, template: str) -> AsyncIterator[str]:
    """The DSN of a migrated database of the test's own, for the schema's owner."""
    async with make_database(template) as dsn:
        yield dsn


@pytest.fixture
async def owner(database: str) -> AsyncIterator[Connection]:
    """A connection of the schema's owner."""
    async with connected(database) as conn:
        yield conn


@pytest.fixture
async def daemon(database: str) -> AsyncIterator[Connection]:
    """A connection of the daemon's role, which has what --grant-to gives and no more."""
    async with connected(database.replace("owner@", "app_daemon@"), jit="off") as conn:
        yield conn


@pytest.fixture
async def app(database: str) -> AsyncIterator[Connection]:
    """A connection of the host application's role, with what --grant-host gives."""
    async with connected(database.replace("owner@", "app_host@")) as conn:
        yield conn
