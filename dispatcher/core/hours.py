"""The hours at which promotions may leave: the first instant that every rule allows."""

import hashlib
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from dispatcher.core.law import Applied, Rule
from dispatcher.core.places import zone_of

HORIZON = timedelta(days=15)


class Open(NamedTuple):
    """From *opens* until before *closes* all rules allow it; *last* was the last to open.

    Both times are in UTC. Where nothing binds, *closes* is a horizon away and *last* None.
    """

    opens: datetime
    closes: datetime
    last: Applied | None


@lru_cache(maxsize=8192)
def next_open(rules: tuple[Applied, ...], now: datetime, margin: timedelta) -> Open | None:
    """Return when all *rules* allow it next, from *now* on; None if not within fifteen days.

    It ends *margin* before the first of them closes: what a text may take to arrive.
    """
    if now.tzinfo is None or margin < timedelta(0):
        raise ValueError("the hours need an aware time and a margin of 0 or more")
    start = instant = now.astimezone(UTC)
    last: Applied | None = None
    if not rules:
        return Open(start, start + HORIZON, None)
    while instant - start <= HORIZON:
        stretches = [(alone(rule, zone, instant, margin), (rule, zone)) for rule, zone in rules]
        found = [(each[0], each[1], applied) for each, applied in stretches if each]
        if len(found) < len(rules):
            return None
        opens = max(opens for opens, _, _ in found)
        if opens <= instant:
            return Open(instant, min(closes for _, closes, _ in found), last)
        last = next(applied for first, _, applied in found if first == opens)
        instant = opens
    return None


def alone(
    rule: Rule, zone: str, now: datetime, margin: timedelta
) -> tuple[datetime, datetime] | None:
    """Return from when until when *rule* allows it in *zone*, now or next, in UTC."""
    day = now.astimezone(zone_of(zone)).date() - timedelta(days=1)
    for _ in range(HORIZON.days + 3):
        if window := rule.window(day):
            opens = max(_instants(zone, day, window.opens))
            closes = min(_instants(zone, day, window.closes)) - margin
            if max(opens, now) < closes:
                return opens, closes
        day += timedelta(days=1)
    return None


def spread(first: datetime, window: timedelta, key: bytes) -> datetime:
    """Return an instant within *window* from *first*, always the same for one *key*.

    So that all that was deferred to 8:00 does not wake in one second.
    """
    share = int.from_bytes(hashlib.sha256(key).digest()[:8])
    return first.astimezone(UTC) + (
        window // timedelta(microseconds=1) * share >> 64
    ) * timedelta(microseconds=1)


def length(rules: Collection[Applied], now: datetime, margin: timedelta) -> timedelta:
    """Return for how long of the 24 hours from *now* all *rules* allow it."""
    applied, total, instant = tuple(rules), timedelta(0), now
    end = now + timedelta(days=1)
    while instant < end and (found := next_open(applied, instant, margin)):
        total += max(min(found.closes, end) - min(found.opens, end), timedelta(0))
        instant = found.closes + margin
    return total


def _instants(zone: str, day: date, clock: timedelta) -> tuple[datetime, datetime]:
    """Return when a clock in *zone* shows that time on *day*, twice.

    They differ in the night that repeats an hour, and in the one that leaves out the time.
    """
    # Arithmetic on a local time moves the hands of its clock, whatever the night does.
    local = datetime.combine(day, datetime.min.time(), zone_of(zone)) + clock
    return local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)
