"""The plans that PostgreSQL makes for our statements, as the daemon's connections have them."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from dispatcher.store.database import Connection
from dispatcher.store.pool import Database


@asynccontextmanager
async def one_connection(database: str) -> AsyncIterator[Database]:
    """Open a pool of one connection of the daemon's, which keeps the plans that it has made."""
    daemons = Database(
        database.replace("owner@", "app_daemon@"), size=1, seconds=60, statement_cache=0
    )
    await daemons.open()
    try:
        yield daemons
    finally:
        await daemons.close()


async def plan(conn: Connection, sql: str, given: str) -> list[dict[str, Any]]:
    """Return the nodes of the plan that PostgreSQL keeps, and of that for *given* alone."""
    await conn.execute(f"PREPARE asked AS {sql}")
    found = []
    for mode in ("force_generic_plan", "force_custom_plan"):
        await conn.execute(f"SET plan_cache_mode = {mode}")
        asked = "EXECUTE asked" + (f"({given})" if given else "")
        found += json.loads(await conn.fetchval(f"EXPLAIN (FORMAT json) {asked}"))
    await conn.execute("DEALLOCATE asked")
    return [node for each in found for node in nodes(each["Plan"])]


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for each in node.get("Plans", ()):
        yield from nodes(each)
