"""The lease by which one process leads: reaping, reconciling and periodic work for all."""

from datetime import timedelta

from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("leases.sql")

LEADER = "leader"


class DeposedError(Exception):
    """Another process leads now: what was about to be written is not."""


async def lead(conn: Connection, process: int, lasts: timedelta) -> int | None:
    """Take or renew the lead; return its fence, or None while another process leads."""
    fence: int | None = await conn.fetchval(SQL["lead"], LEADER, process, lasts)
    return fence


async def must_lead(conn: Connection, fence: int) -> None:
    """Raise DeposedError unless *fence* leads; call it first in a transaction that writes."""
    if await conn.fetchval(SQL["leads"], LEADER, fence) is None:
        raise DeposedError


async def resign(conn: Connection, process: int, fence: int) -> None:
    """Let the next one lead at once."""
    await conn.execute(SQL["resign"], LEADER, fence, process)
