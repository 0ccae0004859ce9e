"""Campaigns as people move them: made, launched, paused, resumed, cancelled."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from dispatcher.core.errors import DispatcherError
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("campaigns.sql")


class CampaignError(DispatcherError):
    """The campaign is not there, or not in a state for what was asked."""


@dataclass(frozen=True)
class Campaign:
    """A campaign of the host's, as it stands."""

    id: UUID
    name: str
    channel: str
    status: str
    is_deleted: bool
    scheduled_at: datetime | None
    category: str


async def create(conn: Connection, name: str, text: str, category: str) -> UUID:
    """Make a draft and return its id."""
    try:
        made: UUID = await conn.fetchval(SQL["create"], name, text, category)
    except asyncpg.NotNullViolationError as error:
        raise CampaignError(
            f"The application wants newsletter.campaigns.{error.column_name} filled, of which "
            "we know nothing: give the column a default, or make the campaign there."
        ) from None
    return made


async def find(conn: Connection, campaign: UUID) -> Campaign:
    """Return the campaign of texts, or raise CampaignError."""
    row = await conn.fetchrow(SQL["find"], campaign)
    if not row or row["is_deleted"]:
        raise CampaignError(
            f"There is no campaign {campaign}: sms-dispatcher campaign status lists all."
        )
    if row["channel"] != "SMS":
        raise CampaignError(f"Campaign {campaign} is one of {row['channel']}, not of texts.")
    return Campaign(**row)


async def texts(conn: Connection, campaign: UUID) -> AsyncIterator[tuple[str, int]]:
    """Yield each wording that waits in *campaign*, and for how many people."""
    async with conn.transaction():
        async for row in conn.cursor(SQL["texts"], campaign, prefetch=500):
            yield row["text"], row["people"]


async def launch(
    conn: Connection, campaign: UUID, budget: int, at: datetime | None
) -> datetime | None:
    """Start the draft at *at* (None: now), with *budget* cents (0: no limit).

    Returns when it starts, or None if it is no draft any more or *at* is past.
    """
    async with conn.transaction():
        starts: datetime | None = await conn.fetchval(SQL["launch"], campaign, at)
        if starts:
            await conn.execute(SQL["launch_texts"], campaign, starts)
            await conn.execute(SQL["set_budget"], campaign, budget)
    return starts


async def pause(conn: Connection, campaign: UUID) -> str | None:
    """Pause what sends or is to send; return its new status, None if it does neither."""
    status: str | None = await conn.fetchval(SQL["pause"], campaign)
    return status


async def resume(conn: Connection, campaign: UUID) -> str | None:
    """Let a paused campaign go on; return its new status, None if it is not paused."""
    status: str | None = await conn.fetchval(SQL["resume_later"], campaign)
    return status or await conn.fetchval(SQL["resume"], campaign)


async def cancel(conn: Connection, campaign: UUID) -> str | None:
    """Cancel what is not over; return its new status, None if it is over."""
    status: str | None = await conn.fetchval(SQL["cancel"], campaign)
    return status


async def overdue(conn: Connection, campaign: UUID, lifetime: timedelta) -> int:
    """Count the waiting texts that are past their own end."""
    number: int = await conn.fetchval(SQL["overdue"], campaign, lifetime)
    return number
