"""How far RingCentral's record has been read: what is stored, and the next token, at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher.core.raw import Changes, Raw, Source, SyncToken
from dispatcher.store import receipts, sql
from dispatcher.store.database import Connection
from dispatcher.store.leases import DeposedError, Lead, must_lead

SQL = sql.load("syncs.sql")

TOKEN_LASTS = timedelta(hours=1)
OVERLAP = timedelta(minutes=10)
"""A record may be of an attempt that was opened, or by a clock that goes, so much earlier."""


@dataclass(frozen=True)
class Gap:
    """What is still to be read from the list: the texts of that time, from *page* on."""

    since: datetime
    until: datetime
    page: int


@dataclass(frozen=True)
class Standing:
    """The *token* to read on with, None if there is none or a stale one.

    *known* is the token that is stored, *earliest* the time of the oldest text to follow.
    """

    known: str | None
    token: str | None
    gap: Gap | None
    earliest: datetime


async def standing(conn: Connection, login: str, follow: timedelta) -> Standing:
    """Return how far the record of *login* is read; texts are followed for so long."""
    row = await conn.fetchrow(SQL["standing"], login, TOKEN_LASTS, follow)
    assert row  # noqa: S101  # there is a row for any login
    gap = row["gap_since"] and Gap(row["gap_since"], row["gap_until"], row["gap_page"])
    token = row["token"] if row["fresh"] else None
    return Standing(row["token"], token, gap, row["earliest"])


async def move(conn: Connection, lead: Lead, token: str, found: Changes) -> int:
    """Store what changed since *token*, and go on; return how many are news."""
    then = found.then
    async with conn.transaction():
        await must_lead(conn, lead)
        if await conn.fetchval(SQL["move"], lead.login, token, then.token, then.at) is None:
            raise DeposedError
        return await receipts.keep(conn, lead.login, Source.SYNC, found.raws)


async def open_gap(
    conn: Connection, lead: Lead, known: str | None, then: SyncToken, follow: timedelta
) -> None:
    """Go on with *then* instead of the token that is *known*, and have the list read.

    Back to the token before, however old, and to the oldest text whose end is not known, as far
    as texts are followed.
    """
    async with conn.transaction():
        await must_lead(conn, lead)
        oldest = await conn.fetchval(SQL["oldest_open"])
        row = await conn.fetchrow(
            SQL["open_gap"], lead.login, known, then.token, then.at, follow, OVERLAP, oldest
        )
        if row is None:
            raise DeposedError


async def turn_page(
    conn: Connection, lead: Lead, gap: Gap, raws: Sequence[Raw], *, last: bool
) -> int:
    """Store the *raws* of the gap's page; return how many are news."""
    async with conn.transaction():
        await must_lead(conn, lead)
        turned = await conn.fetchval(SQL["turn_page"], lead.login, gap.until, gap.page, last)
        if turned is None:
            raise DeposedError
        return await receipts.keep(conn, lead.login, Source.LIST, raws)
