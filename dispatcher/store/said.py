"""Says for the evidence where a change of consent is known from, who decided it, and why."""

from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("said.sql")


async def said(
    conn: Connection, source: str | None = None, by: str | None = None, why: str | None = None
) -> None:
    """Say it of what the rest of this transaction changes."""
    await conn.execute(SQL["said"], source, by, why)
