"""Finds the fate of unknown texts in RingCentral's own record."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dispatcher.core.message import Category

MARGIN = timedelta(minutes=2)
"""RingCentral's clock and the database's may differ by so much."""

Pair = tuple[str, str]


class IfAbsent(StrEnum):
    """What becomes of a text that the record does not show."""

    HOLD = "hold"
    DROP = "drop"
    RESEND = "resend"


@dataclass(frozen=True)
class Waits:
    """When to look, and when to give up.

    *first* is counted from the last moment at which a request that lasts *longest* may have
    arrived, *second* from the first look, *presume* from when the fate became unknown.
    """

    first: timedelta
    second: timedelta
    longest: timedelta
    presume: timedelta


@dataclass(frozen=True)
class Record:
    """A text in RingCentral's record: between whom, when by its clock, and its text's hash."""

    provider_id: str
    sender: str
    phone: str
    text_hash: bytes
    created_at: datetime

    @property
    def pair(self) -> Pair:
        return self.sender, self.phone


@dataclass(frozen=True)
class Doubt:
    """An attempt of unknown fate; its request could begin from *since* and end by *until*."""

    attempt: int
    category: Category
    sender: str
    phone: str
    text_hash: bytes
    since: datetime
    until: datetime

    @property
    def pair(self) -> Pair:
        return self.sender, self.phone

    def covers(self, moment: datetime) -> bool:
        return self.since - MARGIN <= moment <= self.until + MARGIN


@dataclass
class Seen:
    """What a record shows of doubts, by attempt; *absent* and *clouded* were not found.

    *clouded*: the same two numbers exchanged another text then, so that nothing follows.
    """

    found: dict[int, str] = field(default_factory=dict)
    absent: set[int] = field(default_factory=set)
    clouded: set[int] = field(default_factory=set)
    foreign: list[Record] = field(default_factory=list)


def look(
    doubts: Iterable[Doubt],
    records: Iterable[Record],
    ours: Collection[str],
    in_flight: Collection[Pair],
) -> Seen:
    """Compare *doubts* with *records* of their windows.

    A match has the same two numbers, the same text, a time in the window, and an id that is
    not among *ours*; each record serves one doubt, the earliest. What is left over is foreign,
    but not between the pairs *in_flight*: its answer may be on its way.
    """
    free = sorted((r for r in records if r.provider_id not in ours), key=lambda r: r.created_at)
    seen = Seen()
    missing = [d for d in sorted(doubts, key=lambda d: d.since) if not _adopt(d, free, seen)]
    for doubt in missing:
        cloud = any(r.pair == doubt.pair and doubt.covers(r.created_at) for r in free)
        (seen.clouded if cloud else seen.absent).add(doubt.attempt)
    open_pairs = {*in_flight, *(d.pair for d in missing)}
    seen.foreign = [r for r in free if r.pair not in open_pairs]
    return seen


def _adopt(doubt: Doubt, free: list[Record], seen: Seen) -> bool:
    for record in free:
        same = record.pair == doubt.pair and record.text_hash == doubt.text_hash
        if same and doubt.covers(record.created_at):
            seen.found[doubt.attempt] = record.provider_id
            free.remove(record)
            return True
    return False


def windows(
    doubts: Sequence[Doubt], longest: timedelta
) -> list[tuple[datetime, datetime, list[Doubt]]]:
    """Return few windows that cover *doubts*; only a lone doubt's is longer than *longest*."""
    spans: list[tuple[datetime, datetime, list[Doubt]]] = []
    for doubt in sorted(doubts, key=lambda d: d.since):
        since, until = doubt.since - MARGIN, doubt.until + MARGIN
        if spans and until - spans[-1][0] <= longest and since <= spans[-1][1] + longest / 4:
            first, last, members = spans[-1]
            spans[-1] = first, max(last, until), [*members, doubt]
        else:
            spans.append((since, until, [doubt]))
    return spans
