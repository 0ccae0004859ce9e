"""How far texts are followed: what is read of RingCentral's record, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("following.sql")


@dataclass(frozen=True)
class Read:
    """How far a login's record is read; *gap_page* of what was missed is read next."""

    login: str
    token_at: datetime | None
    read_at: datetime | None
    gap_since: datetime | None
    gap_until: datetime | None
    gap_page: int | None


@dataclass(frozen=True)
class State:
    """Receipts in a *state*: new, early, or a verdict of today."""

    state: str
    receipts: int
    oldest: datetime


@dataclass(frozen=True)
class Following:
    """All of it, *now*; of so many *texts* the end is awaited, the *oldest* since then."""

    now: datetime
    reads: Sequence[Read]
    states: Mapping[str, State]
    texts: int
    oldest: datetime | None


async def look(conn: Connection, zone: str) -> Following:
    """Look in one snapshot; the day is that of *zone*."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        now: datetime = await conn.fetchval(SQL["now"])
        reads = [Read(**dict(r)) for r in await conn.fetch(SQL["syncs"])]
        states = [State(**dict(r)) for r in await conn.fetch(SQL["receipts"], zone)]
        awaited = await conn.fetchrow(SQL["open"])
    assert awaited  # noqa: S101  # a count has one row
    return Following(now, reads, {s.state: s for s in states}, *awaited.values())
