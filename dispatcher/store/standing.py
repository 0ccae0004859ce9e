"""Reads how the queue and its campaigns stand, for people."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from dispatcher.core.standing import Dispatchers, Held, People, Texts
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("standing.sql")


@dataclass(frozen=True)
class Standing:
    """A campaign and its money, in cents; no budget row is no budget at all."""

    id: UUID
    name: str
    status: str
    category: str
    scheduled_at: datetime | None
    sent_at: datetime | None
    completed_at: datetime | None
    budget_cents: int | None
    spent_exact: Decimal | None
    reserved_exact: Decimal | None
    overspent_exact: Decimal | None
    exceeded: bool

    @property
    def left(self) -> Decimal | None:
        """What may still be spent; None without a limit."""
        if not self.budget_cents or self.spent_exact is None or self.reserved_exact is None:
            return None
        return max(Decimal(0), self.budget_cents - self.spent_exact - self.reserved_exact)


async def campaigns(conn: Connection, campaign: UUID | None = None) -> list[Standing]:
    """Return *campaign*, or the last that were touched."""
    return [Standing(**row) for row in await conn.fetch(SQL["campaigns"], campaign)]


async def words(conn: Connection, of: list[UUID]) -> dict[UUID, Counter[str]]:
    """Count the texts of each campaign by word."""
    found: dict[UUID, Counter[str]] = {campaign: Counter() for campaign in of}
    for row in await conn.fetch(SQL["words"], of):
        found[row["campaign_id"]][row["word"]] = row["texts"]
    return found


async def texts(conn: Connection, campaign: UUID | None = None) -> list[Texts]:
    """Return the texts of *campaign*, or of the whole queue, those that are alike together."""
    return [Texts(**row) for row in await conn.fetch(SQL["texts"], campaign)]


async def held(conn: Connection, campaign: UUID | None = None) -> list[Held]:
    """Return which rules hold texts of *campaign*, or of the whole queue, most texts first."""
    return [Held(**row) for row in await conn.fetch(SQL["held"], campaign)]


async def people(conn: Connection, campaign: UUID) -> list[People]:
    """Return for whom texts of *campaign* wait, those of one area code and zone together."""
    return [People(**row) for row in await conn.fetch(SQL["people"], campaign)]


async def oldest(conn: Connection) -> datetime | None:
    """Return since when the first text that may leave has waited."""
    due: datetime | None = await conn.fetchval(SQL["oldest"])
    return due


async def dispatchers(conn: Connection, lease: timedelta, zone: str) -> Dispatchers:
    """Return what all campaigns share."""
    row = await conn.fetchrow(SQL["dispatchers"], lease, zone)
    assert row  # noqa: S101  # a SELECT without FROM has one row
    return Dispatchers(**row)
