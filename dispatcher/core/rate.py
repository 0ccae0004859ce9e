"""What the headers of an answer say of RingCentral's rate."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

DEFAULT_RETRY_SECONDS = 60.0
LONGEST_RETRY_SECONDS = 86_400.0

# Names change, so none is written down; but it becomes a key and a label, so not anything goes.
_GROUP = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_COUNTS = ("limit", "remaining", "window")
_COUNT = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True)
class RateSeen:
    """*group* takes *limit* requests in *window* seconds; so many of them are left."""

    group: str
    limit: int
    remaining: int
    window: int


def rate_seen(headers: Mapping[str, str]) -> RateSeen | None:
    """Return what the four headers say, or None if one is missing or can't be meant."""
    headers = lowered(headers)
    counts = [headers.get(f"x-rate-limit-{name}", "") for name in _COUNTS]
    group = limit_group(headers)
    if group is None or not all(map(_COUNT.fullmatch, counts)):
        return None
    limit, remaining, window = map(int, counts)
    sane = limit > 0 and window > 0 and remaining <= limit
    return RateSeen(group, limit, remaining, window) if sane else None


def limit_group(headers: Mapping[str, str]) -> str | None:
    """Return the group that the answer names, in lower case: documents write it both ways."""
    group = lowered(headers).get("x-rate-limit-group", "").strip().lower()
    return group if _GROUP.fullmatch(group) else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, at most a day, or None if no sense can be made of it.

    A date is measured from the answer's own Date: both are of one clock, and ours is not asked.
    """
    headers = lowered(headers)
    given = headers.get("retry-after", "").strip()
    seconds = float(given) if _COUNT.fullmatch(given) else _until(given, headers.get("date"))
    return min(seconds, LONGEST_RETRY_SECONDS) if seconds > 0 else None


def lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _until(given: str, now: str | None) -> float:
    then, since = _moment(given), _moment(now or "")
    return (then - since).total_seconds() if then and since else 0.0


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else None
