"""What the guard judges messages by, in one statement: in the claim and at the opening."""

from collections.abc import Collection
from dataclasses import fields
from uuid import UUID

import asyncpg

from dispatcher.core.guard import Memory
from dispatcher.core.message import Category, Facts
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("facts.sql")

_CATEGORIES = {each.value: each for each in Category}  # a look-up, thousands a second
_NAMES = [each.name for each in fields(Facts)]
_CATEGORY, _PROMOTED = _NAMES.index("category"), _NAMES.index("promoted")


async def read_facts(
    conn: Connection, ids: Collection[UUID], memory: Memory
) -> dict[UUID, Facts]:
    """Return the facts of the rows *ids*, those that there are, as far back as *memory*."""
    rows = await conn.fetch(SQL["facts"], ids, memory.within, memory.most)
    return {found.id: found for found in map(_facts, rows)}


def _facts(row: asyncpg.Record) -> Facts:
    # By place, not by name, which takes three times as long; a test compares the names.
    values = list(row.values())
    values[_CATEGORY] = _CATEGORIES[values[_CATEGORY]]
    values[_PROMOTED] = tuple(values[_PROMOTED])
    return Facts(*values)
