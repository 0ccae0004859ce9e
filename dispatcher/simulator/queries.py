"""Reads query parameters as RingCentral does, and refuses those that it can't read."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from dispatcher.simulator.errors import refused
from dispatcher.simulator.exchange import Call
from dispatcher.simulator.store import Filter

DEFAULT_PER_PAGE = 100
MAX_PER_PAGE = 1000
_DAY = timedelta(days=1)
_EARLIEST, _LATEST = 1970, 9998  # a day can be taken off or added
_MOST_DIGITS = 18
_TYPES = ("Fax", "SMS", "VoiceMail", "Pager")
_DIRECTIONS = ("Inbound", "Outbound")
_AVAILABILITY = ("Alive", "Deleted", "Purged")
_READ = ("Read", "Unread")


def moment(call: Call, name: str) -> datetime | None:
    """Return a time in UTC. A bare `+` in its offset has become a space: that is refused."""
    text = call.one(name)
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refused("CMN-101", parameter=name) from None
    if not _EARLIEST <= at.year <= _LATEST:
        raise refused("CMN-101", parameter=name)
    return at


def is_count(text: str) -> bool:
    """Tell whether *text* is a number that anybody could mean."""
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def number(call: Call, name: str, default: int) -> int:
    text = call.one(name)
    if text is None:
        return default
    if not is_count(text) or int(text) < 1:
        raise refused("CMN-101", parameter=name)
    return int(text)


def choices(call: Call, name: str, allowed: Collection[str]) -> tuple[str, ...]:
    values = tuple(value for value in call.query.get(name, ()) if value)
    if not set(values) <= set(allowed):
        raise refused("CMN-101", parameter=name)
    return values


def wanted_messages(call: Call) -> Filter:
    """Read the filters that a list and a full sync share."""
    until = moment(call, "dateTo")
    since = moment(call, "dateFrom") or (until or call.now) - _DAY
    return Filter(
        since,
        until,
        choices(call, "messageType", _TYPES),
        choices(call, "direction", _DIRECTIONS),
        choices(call, "readStatus", _READ),
        choices(call, "availability", _AVAILABILITY) or ("Alive",),
        call.one("phoneNumber"),
        call.one("conversationId"),
    )


def page_of(call: Call, uri: str, found: Sequence[Any]) -> tuple[Sequence[Any], dict[str, Any]]:
    """Return the part of *found* that is asked for, and what the answer says of the pages."""
    page = number(call, "page", 1)
    per_page = min(number(call, "perPage", DEFAULT_PER_PAGE), MAX_PER_PAGE)
    pages = max(1, -(-len(found) // per_page))
    start = (page - 1) * per_page
    part = found[start : start + per_page]
    paging = {
        "page": page,
        "perPage": per_page,
        "totalPages": pages,
        "totalElements": len(found),
        "pageStart": start,
        "pageEnd": start + max(len(part) - 1, 0),
    }
    return part, {"paging": paging, "navigation": _navigation(call, uri, page, pages)}


def _navigation(call: Call, uri: str, page: int, pages: int) -> dict[str, Any]:
    targets = {"firstPage": 1, "lastPage": pages}
    if page < pages:
        targets["nextPage"] = page + 1
    if 1 < page <= pages:
        targets["previousPage"] = page - 1
    return {name: {"uri": _page_uri(call, uri, target)} for name, target in targets.items()}


def _page_uri(call: Call, uri: str, page: int) -> str:
    return f"{uri}?{urlencode({**call.query, 'page': [str(page)]}, doseq=True)}"
