"""What RingCentral told us of texts: stored as it came."""

from collections.abc import Sequence

from dispatcher.core.raw import Raw, Source
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("receipts.sql")


async def keep(conn: Connection, login: str, source: Source, raws: Sequence[Raw]) -> int:
    """Store *raws* and hint that they are there; return how many of them are news."""
    if not raws:
        return 0
    found = {(r.provider_id, r.change): r for r in raws}
    each = [found[key] for key in sorted(found)]  # in one order: others store the same
    async with conn.transaction():
        rows = await conn.fetch(
            SQL["keep"],
            login,
            source.value,
            [r.provider_id for r in each],
            [r.change for r in each],
            [r.body for r in each],
        )
        if rows:
            await conn.execute(SQL["tell"])
    return len(rows)
