"""A campaign's figures by day, and where what stands differs from what is counted anew."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True)
class Day:
    """A day of a campaign; without one, of the texts that belong to none."""

    campaign_id: UUID | None
    day: date


@dataclass(frozen=True)
class Figures:
    """What happened on a day: texts, people, and the sent texts' segments and cents."""

    queued: int = 0
    sent: int = 0
    delivered: int = 0
    failed: int = 0
    failed_refused: int = 0
    failed_number: int = 0
    failed_absent: int = 0
    failed_opted_out: int = 0
    failed_spam: int = 0
    failed_text: int = 0
    failed_sender: int = 0
    failed_limit: int = 0
    failed_broken: int = 0
    unconfirmed: int = 0
    unsubscribed: int = 0
    replied: int = 0
    segments: int = 0
    cost_exact: Decimal = Decimal(0)


TOO_LONG_SECONDS = 1.0

NAMES = tuple(f.name for f in fields(Figures))


@dataclass(frozen=True)
class Row:
    """The figures of a day as they stand, or as they were counted."""

    of: Day
    figures: Figures


@dataclass(frozen=True)
class Total:
    """What has become of a campaign so far; without *rolled_at* nothing was counted yet."""

    delivered: int
    failed: int
    replied: int
    unsubscribed: int
    rolled_at: datetime | None


@dataclass(frozen=True)
class Difference:
    """A figure that stands as one thing and counts as another."""

    of: Day
    figure: str
    stands: int | Decimal
    counted: int | Decimal


def differences(
    standing: Iterable[Row], counted: Iterable[Row], stale: Collection[Day]
) -> list[Difference]:
    """Return each figure that differs, but for days that are *stale*: they are told apart."""
    ours, theirs = _by_day(standing), _by_day(counted)
    days = sorted(
        {*ours, *theirs} - {*stale}, key=lambda d: (d.day, d.campaign_id or UUID(int=0))
    )
    return [
        Difference(day, name, getattr(stands, name), getattr(count, name))
        for day in days
        if (stands := ours.get(day, Figures())) != (count := theirs.get(day, Figures()))
        for name in NAMES
        if getattr(stands, name) != getattr(count, name)
    ]


def days_at_once(days: int, seconds: float, most: int) -> int:
    """Return how many to count next, after so many *days* took so many *seconds*.

    One transaction must stay far within the database's time-out, whatever a day holds.
    """
    if seconds > TOO_LONG_SECONDS:
        return max(1, days // 2)
    return min(most, days * 2) if seconds < TOO_LONG_SECONDS / 4 else days


def _by_day(rows: Iterable[Row]) -> Mapping[Day, Figures]:
    return {row.of: row.figures for row in rows}
