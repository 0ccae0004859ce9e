"""Pays for texts that are about to leave: what they may cost is set aside, or they stay."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from dispatcher.core.budget import Purse
from dispatcher.core.message import Category, Facts
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("attempts.sql")

DAY = "day"  # the purse that every text is paid from, beside its campaign's
TIER = "tier"  # the segments that the registration allows a day, as a purse at our price


@dataclass(frozen=True)
class Terms:
    """Under which terms attempts are opened. *price* is of a segment, in cents.

    *tier*: the segments that the registration allows a day, 0 without a limit.
    """

    process: int
    send_by: timedelta
    price: Decimal
    day: date
    day_budget: int
    tier: int = 0


@dataclass(frozen=True)
class TierDay:
    """The carriers' *day*, its *segments* so far, and when the *next* one begins."""

    day: date
    segments: int
    next: datetime


@dataclass(frozen=True)
class Purses:
    """What texts are paid from, all locked; *tier* is None without a limit."""

    left: dict[str, Purse]
    tier: TierDay | None


@dataclass(frozen=True)
class Exceeded:
    """Whose turn has just ended: *campaigns*, and whether the account's *day* is among them."""

    campaigns: list[UUID]
    day: bool


def payers(facts: Facts) -> tuple[str, ...]:
    """Return the purses that must all pay for this text.

    An answer to a person's own text counts against the registration's day and waits for none.
    """
    limit = () if facts.category is Category.COMPLIANCE else (TIER,)
    return (str(facts.campaign_id), DAY, *limit) if facts.campaign_id else (DAY, *limit)


async def purses(conn: Connection, campaigns: Collection[UUID], terms: Terms) -> Purses:
    """Lock and read the purses of *campaigns*, of the day and of the registration."""
    await conn.execute(SQL["share_budgets"], campaigns)
    rows = await conn.fetch(SQL["budgets"], sorted(campaigns))
    await conn.execute(SQL["make_day"], terms.day, terms.day_budget)
    day = await conn.fetchval(SQL["day"], terms.day)
    left = {DAY: Purse(day)} | {str(r["campaign_id"]): Purse(r["left"]) for r in rows}
    if not terms.tier:
        return Purses(left, None)
    (row,) = await conn.fetch(SQL["tier_day"])
    tier = TierDay(**row)
    room = Purse(terms.price * max(terms.tier - tier.segments, 0))
    return Purses(left | {TIER: room}, tier)


async def exceed(conn: Connection, broke: Iterable[str], day: date) -> Exceeded:
    """End the turn of the purses that could not pay a text."""
    names = frozenset(broke)
    campaigns = [UUID(name) for name in names - {DAY, TIER}]
    ended = await conn.fetch(SQL["exceed"], campaigns) if campaigns else []
    over = await conn.fetchval(SQL["exceed_day"], day) if DAY in names else None
    return Exceeded([r["campaign_id"] for r in ended], over is not None)


async def reserve(
    conn: Connection, texts: Sequence[tuple[Facts, int]], terms: Terms, tier: TierDay | None
) -> None:
    """Set aside what *texts*, each with its segments, may cost."""
    segments: Counter[UUID] = Counter()
    for facts, count in texts:
        if facts.campaign_id:
            segments[facts.campaign_id] += count
    prices = [terms.price * count for count in segments.values()]
    await conn.execute(SQL["reserve"], list(segments), prices)
    total = sum(count for _, count in texts)
    await conn.execute(SQL["reserve_day"], terms.day, terms.price * total)
    if tier:
        await conn.execute(SQL["count_tier"], tier.day, total)
