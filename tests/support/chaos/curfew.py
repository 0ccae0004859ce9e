"""When the strictest law lets a storm's texts arrive, and how many: the witness's own arithmetic.

It shares nothing with dispatcher.core, and knows no more days than the storm visits.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from support.chaos.lawclock import LawClock
from support.chaos.zones import Changes

HOUR = timedelta(hours=1)
OPENS, CLOSES, SATURDAY_CLOSES = 10 * HOUR, 18 * HOUR, 12 * HOUR
FREE = "transactional"
MOVED = "America/Chicago"
NEW_YORK, LOS_ANGELES = "America/New_York", "America/Los_Angeles"
AREAS = {"916": LOS_ANGELES, "212": NEW_YORK, "312": MOVED, "305": NEW_YORK}
STANDARD = {NEW_YORK: -5 * HOUR, LOS_ANGELES: -8 * HOUR}


class Week(NamedTuple):
    """The *friday* before the clocks are changed, and the first *holiday* after it."""

    friday: date
    holiday: date


WEEKS = (
    Week(date(2027, 3, 12), date(2027, 3, 26)),  # Good Friday
    Week(date(2027, 11, 5), date(2027, 11, 11)),  # Veterans Day
    Week(date(2028, 3, 10), date(2028, 4, 14)),
    Week(date(2028, 11, 3), date(2028, 11, 10)),  # as observed
    Week(date(2029, 3, 9), date(2029, 3, 30)),
    Week(date(2029, 11, 2), date(2029, 11, 12)),  # as observed
)
HOLIDAYS = frozenset(week.holiday for week in WEEKS)


def utc(day: date, hours: float = 0) -> datetime:
    return datetime.combine(day, time(), UTC) + hours * HOUR


def _moves() -> Iterator[tuple[datetime, timedelta]]:
    """Move a zone west in the afternoon, when it is open before and after, and by night."""
    for week in WEEKS:
        friday, monday = week.friday, week.friday + timedelta(days=3)
        yield utc(friday, 22.5), -8 * HOUR
        yield utc(friday, 32), -7 * HOUR
        yield utc(friday, 56), MORNING
        yield utc(monday, 22.5), -8 * HOUR
        yield utc(monday, 32), MORNING


MORNING = -5 * HOUR
MOVES: Changes = tuple(_moves())


def offset(zone: str, at: datetime) -> timedelta:
    """Return how far *zone* is ahead of UTC at *at*."""
    if zone == MOVED:
        return next((offset for since, offset in reversed(MOVES) if since <= at), MORNING)
    standard = STANDARD[zone]
    # At two o'clock on the second Sunday of March and on the first of November.
    begins = utc(_sunday(at.year, 3, 8), 2) - standard
    ends = utc(_sunday(at.year, 11, 1), 1) - standard
    return standard + HOUR if begins <= at < ends else standard


def _sunday(year: int, month: int, first: int) -> date:
    """Return the first Sunday from that day on."""
    day = date(year, month, first)
    return day + timedelta(days=7 - day.isoweekday())


def is_open(zone: str, at: datetime, margin: timedelta = timedelta(0)) -> bool:
    """Say whether a text may arrive in *zone* at *at*; with a *margin*, whether it may leave."""
    local = at.replace(tzinfo=None) + offset(zone, at)
    clock = local - datetime.combine(local.date(), time())
    if local.date() in HOLIDAYS or local.isoweekday() == 7:
        return False
    closes = SATURDAY_CLOSES if local.isoweekday() == 6 else CLOSES
    return OPENS <= clock < closes - margin


class Cap(NamedTuple):
    """At most *most* promotions in any stretch of time as long as *within*."""

    most: int
    within: timedelta


class Sent(NamedTuple):
    """What arrived, or was opened, and when."""

    category: str
    to: str
    at: datetime


@dataclass(frozen=True)
class Curfew:
    """The law of a storm: its *clock*, its *caps*, and the zones that are *stored* with people."""

    clock: LawClock
    caps: Sequence[Cap] = ()
    margin: timedelta = timedelta(0)
    stored: Mapping[str, str] = field(default_factory=dict)

    def zones(self, phone: str) -> set[str]:
        here = {AREAS[phone[2:5]]}
        return here | {self.stored[phone]} if phone in self.stored else here

    def outside(self, arrived: Iterable[Sent], opened: Iterable[Sent] = ()) -> list[str]:
        """Return what arrived while a zone was shut, and what was opened too late for it."""
        return [
            *self._shut(arrived, timedelta(0), "arrived"),
            *self._shut(opened, self.margin, "opened"),
        ]

    def _shut(self, texts: Iterable[Sent], margin: timedelta, what: str) -> Iterator[str]:
        for category, to, at in texts:
            law = self.clock.law(at)
            for zone in sorted(self.zones(to)):
                if category != FREE and not is_open(zone, law, margin):
                    local = law.replace(tzinfo=None) + offset(zone, law)
                    yield f"{to}: a {category} {what} on {local:%A, %Y-%m-%d %X.%f} in {zone}"

    def over(self, arrived: Iterable[Sent]) -> list[str]:
        """Return each promotion that was one more than a cap allows."""
        got: dict[str, list[datetime]] = defaultdict(list)
        for text in arrived:
            if text.category == "promotion":
                got[text.to].append(text.at)
        return [
            f"{to}: {most + 1} promotions within {times[n + most] - times[n]}, not {within}"
            for to, times in got.items()
            for most, within in self.caps
            for times in [sorted(times)]
            for n in range(len(times) - most)
            if times[n + most] - times[n] < within
        ]
