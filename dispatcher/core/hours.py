"""The hours at which a promotion or a reminder may leave."""

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

_OPENS, _CLOSES = timedelta(hours=8), timedelta(hours=21)
_HORIZON = timedelta(days=8)

# Files of the time zone database that name no place; the first is wherever this machine is.
_NO_PLACE = frozenset({"localtime", "posixrules", "Factory"})

MARGIN = timedelta(minutes=5)
"""How much earlier than 21:00 the last text leaves: what it may take to arrive."""


class Hours(StrEnum):
    """Which rule holds. FEDERAL: from 8:00 to 21:00 where the person is (47 CFR 64.1200)."""

    FEDERAL = "federal"
    OFF = "off"


def zones_of(area: Collection[str], stored: str | None) -> frozenset[str]:
    """Return the zones of a number: its *area*'s, and the one *stored* with the person.

    People move and keep their number, so one does not replace the other. What is stored can
    only narrow the hours; if it is not the name of a zone it is ignored.
    """
    name = (stored or "").strip()
    return frozenset(area) | ({name} if is_zone(name) else set())


def next_allowed(
    zones: Collection[str], now: datetime, rule: Hours, margin: timedelta = MARGIN
) -> datetime | None:
    """Return *now* if a text may leave now, else the first instant at which it may, in UTC.

    It may while each of *zones* is open: from 8:00 until *margin* before 21:00, that minute
    not included. None if they have no hour in common within eight days.
    """
    if rule is Hours.OFF:
        return now
    if not zones or now.tzinfo is None or margin < timedelta(0):
        raise ValueError("the hours rule needs zones, an aware time and a margin of 0 or more")
    places = [_zone(name) for name in zones]
    start = instant = now.astimezone(UTC)
    while instant - start <= _HORIZON:
        latest = max(_next_open(instant, place, _CLOSES - margin) for place in places)
        if latest == instant:
            return now if instant == start else instant
        instant = latest
    return None


def spread(first: datetime, window_seconds: int, key: bytes) -> datetime:
    """Return an instant within *window_seconds* from *first*, always the same for one *key*.

    So that all that was deferred to 8:00 does not wake in one second. It may lie after the
    end of a short common hour: whoever wakes is judged again.
    """
    share = int.from_bytes(hashlib.sha256(key).digest()[:8])
    microseconds = (share * window_seconds * 1_000_000) >> 64
    return first.astimezone(UTC) + timedelta(microseconds=microseconds)


def _next_open(instant: datetime, place: ZoneInfo, closes: timedelta) -> datetime:
    """Return *instant* if *place* is open then, else when its clocks next show 8:00."""
    local = instant.astimezone(place)
    midnight = datetime.combine(local.date(), datetime.min.time())
    clock = local.replace(tzinfo=None) - midnight
    if _OPENS <= clock < closes:
        return instant
    # Arithmetic on a local time moves the hands of its clock, whatever the night does.
    opening = local.replace(hour=8, minute=0, second=0, microsecond=0)
    if clock >= _OPENS:
        opening += timedelta(days=1)
    return opening.astimezone(UTC)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    """Return the zone. ZoneInfo itself keeps eight, and a toll-free number has eleven."""
    return ZoneInfo(name)


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Say whether *name* is that of an IANA time zone."""
    try:
        _zone(name)
    except (KeyError, ValueError, OSError):  # unknown; no path, or no zone's file; a folder
        return False
    return name not in _NO_PLACE
