"""The campaigns' figures by day, for people: what they are, and whether they are right."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from dispatcher.core.figures import NAMES, Day, Difference, Figures, Row, Total, differences
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("figures.sql")


@dataclass(frozen=True)
class Compared:
    """What a look has found; *stale* days wait to be counted and were left out."""

    at: datetime
    days: int
    stale: int
    differences: list[Difference]


async def note_all(conn: Connection) -> None:
    """Make every day stale that there ever was."""
    async with conn.transaction():
        await conn.execute(SQL["settings"])
        await conn.execute(SQL["note_all"])


async def look(conn: Connection) -> Compared:
    """Compare what stands with what all of it comes to, in one READ ONLY snapshot."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        await conn.execute(SQL["settings"])
        at = await conn.fetchval(SQL["now"])
        days = [Day(**d) for d in await conn.fetch(SQL["days"])]
        stale = {Day(**d) for d in await conn.fetch(SQL["stale"])}
        standing = _rows(await conn.fetch(SQL["standing"]))
        pairs = [d.campaign_id for d in days], [d.day for d in days]
        counted = _rows(await conn.fetch(SQL["counted"], *pairs))
    return Compared(at, len({*days} - stale), len(stale), differences(standing, counted, stale))


async def of_campaign(conn: Connection, campaign: UUID) -> Total:
    """Return what has become of *campaign* so far."""
    row = await conn.fetchrow(SQL["of_campaign"], campaign)
    assert row  # noqa: S101  # sums always have a row
    return Total(**row)


def _rows(rows: Iterable[asyncpg.Record]) -> list[Row]:
    return [
        Row(Day(r["campaign_id"], r["day"]), Figures(**{name: r[name] for name in NAMES}))
        for r in rows
    ]
