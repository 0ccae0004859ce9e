"""Keeps the campaigns' figures by day: counts anew the days on which something has changed."""

from dataclasses import dataclass

from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("rollups.sql")

NOTES = 50_000
DAYS = 20
"""What one transaction takes at most. Each day is counted whole: rather many notes at once."""


@dataclass(frozen=True)
class Rolled:
    """How many *days* were counted, and whether some that were stale by then are *left*."""

    days: int
    left: bool


async def roll(conn: Connection, most: int = DAYS, *, wait: bool = False) -> Rolled | None:
    """Count *most* of the stale days; None: another is at it, and we do not *wait* for it.

    It needs no fence: the lock lets one at a time count, and who counts twice does no harm.
    """
    async with conn.transaction():
        if not await _ours(conn, wait=wait):
            return None
        days = await conn.fetch(SQL["take"], NOTES, most)
        if days:
            pairs = [d["campaign_id"] for d in days], [d["day"] for d in days]
            await conn.execute(SQL["clear"], *pairs)
            await conn.execute(SQL["count"], *pairs)
    return Rolled(len(days), left=any(d["left"] for d in days))


async def rezone(conn: Connection, zone: str) -> bool | None:
    """Let days begin and end in *zone*; say whether that is new. None: not now, as for roll().

    What stands is counted anew by and by, and until then stands as it is.
    """
    async with conn.transaction():
        if not await _ours(conn, wait=False):
            return None
        new: bool = await conn.fetchval(SQL["rezone"], zone)
    return new


async def _ours(conn: Connection, *, wait: bool) -> bool:
    if wait:
        await conn.execute(SQL["lock"])
        return True
    ours: bool = await conn.fetchval(SQL["try_lock"])
    return ours
