"""Connections that pass a failpoint before and after each commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import asyncpg

from dispatcher.ports import Failpoints
from dispatcher.store import sql

_COMMIT = "COMMIT;"  # as asyncpg says it

work: ContextVar[str] = ContextVar("work")
"""What a connection is used for: the name of a transaction's commit."""


def watched(failpoints: Failpoints) -> "type[asyncpg.Connection[asyncpg.Record]]":
    """Return a class of connections for a pool.

    A transaction's points have the name of the work, a lone statement's its own; queries
    without a name (settings, the start of a transaction) have none.
    """

    class Watched(asyncpg.Connection):
        async def execute(self, query: str, *args: Any, **more: Any) -> str:  # noqa: ANN401
            with _passing(self, query):
                return await super().execute(query, *args, **more)

        async def fetch(self, query: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
            with _passing(self, query):
                return await super().fetch(query, *args, **more)

        async def fetchrow(self, query: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
            with _passing(self, query):
                return await super().fetchrow(query, *args, **more)

        async def fetchval(self, query: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
            with _passing(self, query):
                return await super().fetchval(query, *args, **more)

    @contextmanager
    def _passing(conn: Watched, query: str) -> Iterator[None]:
        committed = work.get() if query == _COMMIT else None
        name = committed or (None if conn.is_in_transaction() else sql.name(query))
        if name is None:
            yield
            return
        failpoints.reached(f"{name}:before")
        yield
        failpoints.reached(f"{name}:after")

    return Watched
