"""Says what texts wait for, from one look at the queue and at the dispatchers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dispatcher.core.reason import Reason


class Wait(StrEnum):
    """What texts wait for, the most general first: the first one that holds binds."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PAUSED = "paused"
    NO_DAEMON = "no_daemon"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    NO_SENDER = "no_sender"
    DAY_BUDGET = "day_budget"
    BUDGET = "budget"
    RATE = "rate"
    SENDER_LIMIT = "sender_limit"
    TIER = "tier"
    HOURS = "hours"
    CAP = "cap"
    LATER = "later"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Texts:
    """Rows of the queue that are alike; *due* of them may leave by their time.

    *status* is their campaign's, SENDING for those of none. *code* and *sentence* belong to a
    failure, *first_due* is the earliest time of any of them.
    """

    status: str
    exceeded: bool
    word: str
    reason: str | None
    code: str | None
    sentence: str | None
    texts: int
    due: int
    held: int
    first_due: datetime


@dataclass(frozen=True)
class Dispatchers:
    """What all campaigns share, *now* by the database's clock.

    *senders* are our numbers that may send; *blocked_until* is when RingCentral may be called
    again, None if now; *unreachable*: it did not answer when last asked.
    """

    now: datetime
    daemons: int
    senders: int
    blocked_until: datetime | None
    unreachable: bool
    day_exceeded: bool


@dataclass(frozen=True)
class Waiting:
    """So many *texts* wait for *wait*, until a time if it is known."""

    wait: Wait
    texts: int
    until: datetime | None = None


@dataclass(frozen=True)
class Held:
    """So many *texts* wait for *rule*, from the *first* that may go to the *last*."""

    reason: str
    rule: str
    texts: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class People:
    """So many *texts* wait for numbers like *phone*, whose owners stored the zone *zone*."""

    category: str
    phone: str
    zone: str | None
    texts: int


CLOSED = {"DRAFT": Wait.DRAFT, "SCHEDULED": Wait.SCHEDULED, "PAUSED": Wait.PAUSED}


def waits(groups: Sequence[Texts], shared: Dispatchers) -> list[Waiting]:
    """Return all that the texts of *groups* wait for, in the order of Wait."""
    found = [*_closed(groups), *_open([g for g in groups if g.status == "SENDING"], shared)]
    unknown = sum(g.texts for g in groups if g.word == "unknown")
    if unknown:
        found.append(Waiting(Wait.UNKNOWN, unknown))
    return sorted(found, key=lambda w: list(Wait).index(w.wait))


def words(groups: Iterable[Texts]) -> Counter[str]:
    """Count the texts by word."""
    counted: Counter[str] = Counter()
    for group in groups:
        counted[group.word] += group.texts
    return counted


def _closed(groups: Sequence[Texts]) -> Iterable[Waiting]:
    for status, wait in CLOSED.items():
        texts = sum(g.texts for g in groups if g.status == status and g.word == "pending")
        if texts:
            yield Waiting(wait, texts)


def _open(groups: Sequence[Texts], shared: Dispatchers) -> Iterable[Waiting]:
    pending = [g for g in groups if g.word == "pending"]
    texts = sum(g.texts for g in pending)
    if not texts:
        return
    yield from _for_all(texts, shared)
    due = sum(g.due for g in pending if not g.exceeded)
    broke = sum(g.due for g in pending if g.exceeded)
    if broke:
        yield Waiting(Wait.BUDGET, broke)
    if due:
        yield Waiting(Wait.RATE, due)
    yield from _later([g for g in pending if g.due < g.texts], shared.now)


def _for_all(texts: int, shared: Dispatchers) -> Iterable[Waiting]:
    if not shared.daemons:
        yield Waiting(Wait.NO_DAEMON, texts)
    if shared.unreachable:
        yield Waiting(Wait.UNREACHABLE, texts, shared.blocked_until)
    elif shared.blocked_until:
        yield Waiting(Wait.BLOCKED, texts, shared.blocked_until)
    if not shared.senders:
        yield Waiting(Wait.NO_SENDER, texts)
    if shared.day_exceeded:
        yield Waiting(Wait.DAY_BUDGET, texts)


def _later(groups: Sequence[Texts], now: datetime) -> Iterable[Waiting]:
    kinds: dict[str, Wait] = {
        Reason.QUIET_HOURS: Wait.HOURS,
        Reason.SENDER_LIMIT: Wait.SENDER_LIMIT,
        Reason.TIER_LIMIT: Wait.TIER,
        Reason.FREQUENCY_CAP: Wait.CAP,
    }
    for wait in (*kinds.values(), Wait.LATER):
        alike = [g for g in groups if kinds.get(g.reason or "", Wait.LATER) is wait]
        if alike:
            first = min((g.first_due for g in alike if g.first_due > now), default=None)
            yield Waiting(wait, sum(g.texts - g.due for g in alike), first)
