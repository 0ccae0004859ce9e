"""Which instants the law's clock of a storm visits: the edges of days, one after the other."""

import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from support.chaos.curfew import HOUR, MOVED, MOVES, STANDARD, WEEKS, Week, is_open, utc
from support.chaos.lawclock import LawClock, Visit

ZONES = (*STANDARD, MOVED)
STEP = timedelta(minutes=30)
FIRST_HOUR, LAST_HOUR = 9, 28  # UTC: every zone of a day opens and closes in between
NOON = utc(date(2030, 6, 5), 20)  # a Wednesday: everything is open
OPENINGS_SEEN = 0.6

Stretch = tuple[datetime, datetime]


def course(start: datetime, chance: random.Random, margin: timedelta) -> LawClock:
    """Return a clock that begins in spring or in autumn, and stays at NOON in the end.

    All that closes does so while it runs: a text on its way when it leaves out some hours
    arrives in a zone that is open before and after them. Opening it may leave out.
    """
    visits, at = [], start
    for week in WEEKS[chance.randrange(2) :]:
        for begins, ends in _merged(_stretches(week, chance, margin)):
            visits.append(Visit(at, begins))
            at += ends - begins
    return LawClock([*visits, Visit(at, NOON)])


def _stretches(week: Week, chance: random.Random, margin: timedelta) -> Iterator[Stretch]:
    for ahead in (0, 1, 3):
        yield from _edges(week.friday + timedelta(days=ahead), chance, margin)
    night = utc(week.friday + timedelta(days=2), 7 if week.friday.month == 3 else 6)
    yield from (_around(night, 0.6, 0.6), _around(night + 12 * HOUR, 0, 1.2))
    yield _around(utc(week.holiday, 19), 0, 1.5)


def _edges(day: date, chance: random.Random, margin: timedelta) -> Iterator[Stretch]:
    """Yield a stretch around each instant at which a zone closes, and most that open."""
    for zone in ZONES:
        at, last = utc(day, FIRST_HOUR), utc(day, LAST_HOUR)
        while at < last:
            was, at = is_open(zone, at), at + STEP
            if was and not is_open(zone, at):
                yield _around(at, margin.total_seconds() + chance.uniform(1.5, 3), 0.6)
            elif not was and is_open(zone, at) and chance.random() < OPENINGS_SEEN:
                yield _around(at, 0.7, chance.uniform(1.5, 3))
    yield from (
        _around(at, 0.7, 1.5)
        for at, _ in MOVES
        if utc(day, FIRST_HOUR) < at < utc(day, LAST_HOUR)
    )


def _around(at: datetime, before: float, after: float) -> Stretch:
    return at - timedelta(seconds=before), at + timedelta(seconds=after)


def _merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    done: list[Stretch] = []
    for begins, ends in sorted(stretches):
        if done and begins <= done[-1][1]:
            done[-1] = done[-1][0], max(done[-1][1], ends)
        else:
            done.append((begins, ends))
    return done
