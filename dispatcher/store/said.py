"""Says, for the evidence that triggers write, who changes consent, and why."""

from uuid import UUID

from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("said.sql")


async def said(
    conn: Connection,
    source: str | None = None,
    by: str | None = None,
    why: str | None = None,
    text: UUID | None = None,
) -> None:
    """Let what follows in this transaction be recorded so; None leaves what was said before.

    *text* is the one of theirs that asks for it.
    """
    await conn.execute(SQL["say"], source, by, why, text)
