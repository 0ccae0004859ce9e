"""How the server keeps what is committed."""

from dispatcher.core import durability
from dispatcher.core.durability import Durability
from dispatcher.core.privacy import Sentence
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("durability.sql")


async def look(conn: Connection) -> Durability:
    row = await conn.fetchrow(SQL["look"])
    assert row  # noqa: S101  # it is one row whatever there is
    return Durability(**row)


async def risks(conn: Connection) -> list[Sentence]:
    """Return what this server could lose, and what mends it."""
    return durability.risks(await look(conn))
