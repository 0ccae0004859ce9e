"""What the guard judges messages by, in one statement: in the claim and at the opening."""

from collections.abc import Collection
from dataclasses import fields
from uuid import UUID

import asyncpg

from dispatcher.core.message import Category, Facts
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("facts.sql")

_CATEGORIES = {each.value: each for each in Category}  # a look-up, thousands a second
_CATEGORY = [each.name for each in fields(Facts)].index("category")


async def read_facts(conn: Connection, ids: Collection[UUID]) -> dict[UUID, Facts]:
    """Return the facts of the rows *ids*, those that there are."""
    rows = await conn.fetch(SQL["facts"], ids)
    return {found.id: found for found in map(_facts, rows)}


def _facts(row: asyncpg.Record) -> Facts:
    # By place, not by name, which takes three times as long; a test compares the names.
    values = list(row.values())
    values[_CATEGORY] = _CATEGORIES[values[_CATEGORY]]
    return Facts(*values)
