"""What a stored receipt says of a text, and how one after another makes what is known of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from dispatcher.core import receipts
from dispatcher.core.fate import SENDER_REST
from dispatcher.core.receipts import (
    HoldSender,
    Meaning,
    OptOut,
    Remember,
    Status,
    StopSender,
    Unfit,
    midnight_pacific,
)

_MOST_SEGMENTS = 1000
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
_LONGEST_CODE = 50  # of the host's column
_GONE = ("Deleted", "Purged")


Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Inbound:
    """A text to us: *entry* is RingCentral's record of it."""

    entry: Entry


@dataclass(frozen=True)
class News:
    """A word on a text of ours. *segments* is RingCentral's count, None if it says none.

    The record changes once more when somebody reads or deletes it: *at* is when what the word
    says came about, as far as the record tells. Of one that is deleted only its beginning is
    known: what it calls for must not begin anew months later.
    """

    meaning: Meaning
    code: str | None
    segments: int | None
    changed_at: datetime
    at: datetime

    # What it calls for is the same whenever it comes, and however often.

    @property
    def opts_out(self) -> bool:
        return OptOut() in self.meaning.effects

    @property
    def unfit(self) -> Unfit | None:
        """Why the number can't be texted, if so."""
        found = [e.unfit for e in self.meaning.effects if isinstance(e, Remember)]
        return found[0] if found else None

    @property
    def sender_rests(self) -> datetime | None:
        """Until when our number is not used, if it is to rest."""
        effects = self.meaning.effects
        if HoldSender() in effects:
            return midnight_pacific(self.changed_at)
        return self.changed_at + SENDER_REST if StopSender() in effects else None


@dataclass(frozen=True)
class State:
    """What is known of a text: the last word on it, and the last count of its segments.

    The two have times of their own, so that no order of receipts ends elsewhere.
    """

    status: Status = Status.QUEUED
    rank: int = 0
    changed_at: datetime | None = None
    at: datetime | None = None
    code: str | None = None
    failure: str | None = None
    handed_over: bool = True
    final: bool = False
    counted: int | None = None
    counted_at: datetime | None = None


def read(body: str) -> News | Inbound | None:
    """Return what the record says, None if that can't be told."""
    try:
        entry = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict):
        return None
    if entry.get("direction") == "Inbound":
        return Inbound(entry)
    code = _word(entry.get("deliveryErrorCode"))
    meaning = receipts.read(_word(entry.get("messageStatus")) or "", code)
    changed_at = _changed(entry)
    if meaning is None or changed_at is None:
        return None
    at = _time(entry.get("smsDeliveryTime")) or changed_at
    return News(meaning, code, _segments(entry.get("segmentCount")), changed_at, at)


def after(state: State, news: News) -> State:
    """Return what is known after *news* too: the same in whatever order all of it came."""
    word, meaning = state, news.meaning
    if _key(news) > _known(state):
        word = replace(
            state,
            status=meaning.status,
            rank=meaning.rank,
            changed_at=news.changed_at,
            at=news.at,
            code=news.code,
            failure=meaning.failure.value if meaning.failure else None,
            handed_over=meaning.handed_over,
            final=meaning.final,
        )
    if news.segments is None or (news.changed_at, news.segments) <= _count(state):
        return word
    return replace(word, counted=news.segments, counted_at=news.changed_at)


def billed(state: State, reserved: int) -> int:
    """Return the segments that are paid for: none of a text that went to no carrier."""
    if not state.handed_over:
        return 0
    return reserved if state.counted is None else state.counted


_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


_Key = tuple[int, datetime, str, str, datetime]


def _key(news: News) -> _Key:
    return news.meaning.rank, news.changed_at, news.code or "", news.meaning.status, news.at


def _known(state: State) -> _Key:
    changed_at, at = state.changed_at or _BEFORE_ALL, state.at or _BEFORE_ALL
    return (
        state.rank,
        changed_at,
        state.code or "",
        state.status if state.changed_at else "",
        at,
    )


def _count(state: State) -> tuple[datetime, int]:
    return state.counted_at or _BEFORE_ALL, state.counted or 0


def _changed(entry: Entry) -> datetime | None:
    """Return when what the record says changed last."""
    changed, made = _time(entry.get("lastModifiedTime")), _time(entry.get("creationTime"))
    is_gone = entry.get("availability") in _GONE
    return (made or changed) if is_gone else (changed or made)


def _word(value: object) -> str | None:
    """Return *value* if it is a word that the database and a person can hold."""
    fits = isinstance(value, str) and value.isascii() and value.isprintable()
    return value[:_LONGEST_CODE] if fits and isinstance(value, str) and value else None


def _segments(value: object) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return (
        value if is_count and isinstance(value, int) and 0 < value <= _MOST_SEGMENTS else None
    )


def _time(value: object) -> datetime | None:
    """Return the moment that *value* names; one without a zone is RingCentral's, in UTC."""
    if not isinstance(value, str):
        return None
    try:
        at = datetime.fromisoformat(value)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if _FIRST_YEAR <= at.year <= _LAST_YEAR else None
