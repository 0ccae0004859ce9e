"""Settles attempts: the outcome, what becomes of the row, and the money, in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from dispatcher.core.fate import Failed, Fate, PutBack, Sent, Unknown
from dispatcher.store import sql
from dispatcher.store.database import Connection
from dispatcher.store.pool import durable

SQL = sql.load("attempts.sql")


@dataclass(frozen=True)
class Key:
    """The attempt, and the rows that its outcome changes; *begun*: its campaign has sent."""

    attempt: int
    message: UUID
    fence: int
    campaign: UUID | None
    person: UUID | None
    begun: bool


@dataclass(frozen=True)
class Decision:
    """How an unknown fate was decided: a *word* of the ledger's, by whom, and why."""

    word: str
    by: str
    why: str


@dataclass(frozen=True)
class Settlement:
    """What is written of an attempt. *outcome* is the ledger's word, *sentence* ours."""

    key: Key
    outcome: str
    code: str | None
    sentence: str
    fate: Fate
    decision: Decision | None = None


@dataclass
class _Money:
    spent: Decimal = Decimal(0)
    back: Decimal = Decimal(0)


@dataclass
class Settled:
    """*stale* attempts were settled by somebody else; *begun* campaigns sent their first.

    An answer that came after its fate was decided otherwise is *late*: news for the ledger.
    """

    stale: list[Settlement] = field(default_factory=list)
    late: list[Settlement] = field(default_factory=list)
    begun: list[UUID] = field(default_factory=list)


class Reserved(NamedTuple):
    """What was set aside for an attempt: money of its campaign and its day, segments."""

    campaign: UUID | None
    day: date
    cents: Decimal
    tier_day: date | None
    segments: int


async def settle(conn: Connection, settlements: Sequence[Settlement]) -> Settled:
    """Write *settlements*, each once: doing it again changes nothing."""
    async with durable(conn):
        return await settle_within(conn, settlements)


async def settle_within(conn: Connection, settlements: Sequence[Settlement]) -> Settled:
    """Do the same in the caller's transaction."""
    keys = [s.key for s in settlements]
    await conn.execute(SQL["lock_parents"], {k.campaign for k in keys if k.campaign})
    await conn.execute(SQL["lock_people"], {k.person for k in keys if k.person})
    await conn.execute(SQL["lock_rows"], [k.message for k in keys])
    closed = await _close(conn, settlements)
    done = Settled(stale=[s for s in settlements if s.key.attempt not in closed])
    done.late = await _late(conn, done.stale)
    live = [s for s in settlements if s.key.attempt in closed]
    await _rows(conn, live)
    await _decide(conn, live)
    done.begun = await _records(conn, live)
    await _money(conn, [(s, closed[s.key.attempt]) for s in live])
    await _tier(conn, [closed[s.key.attempt] for s in live if _surely_unsent(s)])
    return done


async def _close(conn: Connection, settlements: Sequence[Settlement]) -> dict[int, Reserved]:
    """Write the outcomes; return what was set aside for those that were still open."""
    rows = await conn.fetch(
        SQL["close"],
        [s.key.attempt for s in settlements],
        [s.outcome for s in settlements],
        [_provider_id(s) for s in settlements],
        [s.code for s in settlements],
    )
    return {
        r["id"]: Reserved(
            r["campaign_id"], r["account_day"], r["cents_reserved"], r["tier_day"],
            r["segments_reserved"],
        )
        for r in rows
    }  # fmt: skip


async def _late(conn: Connection, stale: Sequence[Settlement]) -> list[Settlement]:
    """Write down answers that came too late to change anything; return them.

    What a rule or a person decides without RingCentral's word is no answer of its.
    """
    told = [s for s in stale if not s.decision or _provider_id(s)]
    if not told:
        return []
    rows = await conn.fetch(
        SQL["late"],
        [s.key.attempt for s in told],
        [s.outcome for s in told],
        [_provider_id(s) for s in told],
    )
    news = {r["id"] for r in rows}
    return [s for s in told if s.key.attempt in news]


async def _decide(conn: Connection, live: Sequence[Settlement]) -> None:
    decided = [(s.key.attempt, s.decision) for s in live if s.decision]
    if decided:
        await conn.execute(
            SQL["decide"],
            [attempt for attempt, _ in decided],
            [d.word for _, d in decided],
            [d.by for _, d in decided],
            [d.why for _, d in decided],
        )


def _provider_id(settlement: Settlement) -> str | None:
    return settlement.fate.provider_id if isinstance(settlement.fate, Sent) else None


async def _rows(conn: Connection, live: Sequence[Settlement]) -> None:
    """Move the queue's rows, those that still stand under their fence."""
    sent = [(s, s.fate) for s in live if isinstance(s.fate, Sent)]
    back = [(s, s.fate) for s in live if isinstance(s.fate, PutBack)]
    failed = [(s, s.fate) for s in live if isinstance(s.fate, Failed)]
    unknown = [(s, s.fate) for s in live if isinstance(s.fate, Unknown)]
    if sent:
        await conn.execute(SQL["accepted"], *_keys(sent), [s.key.attempt for s, _ in sent])
    if back:
        await conn.execute(
            SQL["put_back"], *_keys(back), [f.wait for _, f in back],
            [f.reason.value for _, f in back], [s.code for s, _ in back],
            [s.sentence for s, _ in back], [f.counts for _, f in back],
        )  # fmt: skip
    if failed:
        await conn.execute(
            SQL["failed"], *_keys(failed), [f.reason.value for _, f in failed],
            [s.code for s, _ in failed], [s.sentence for s, _ in failed],
        )  # fmt: skip
    if unknown:
        await conn.execute(SQL["unknown"], *_keys(unknown), [s.sentence for s, _ in unknown])


def _keys(of: Sequence[tuple[Settlement, Fate]]) -> tuple[list[UUID], list[int]]:
    return [s.key.message for s, _ in of], [s.key.fence for s, _ in of]


async def _records(conn: Connection, live: Sequence[Settlement]) -> list[UUID]:
    """Write the events of what was accepted or failed; return campaigns that have begun."""
    sent = [s.key for s in live if isinstance(s.fate, Sent)]
    failed = [(s.key.attempt, s.sentence) for s in live if isinstance(s.fate, Failed)]
    if failed:
        await conn.execute(SQL["delivery_refused"], *map(list, zip(*failed, strict=True)))
    if not sent:
        return []
    ids = [k.attempt for k in sent]
    await conn.execute(SQL["delivery_accepted"], ids)
    await conn.execute(SQL["event_sent"], ids)
    new = {k.campaign for k in sent if k.campaign and not k.begun}
    rows = await conn.fetch(SQL["campaign_begun"], sorted(new)) if new else []
    return [r["id"] for r in rows]


def _surely_unsent(settlement: Settlement) -> bool:
    return settlement.outcome in {"throttled", "refused", "unreached"}


async def _tier(conn: Connection, unsent: Sequence[Reserved]) -> None:
    """Give the segments of what surely did not leave back to their day."""
    days: Counter[date] = Counter()
    for reserved in unsent:
        if reserved.tier_day:
            days[reserved.tier_day] += reserved.segments
    for day in sorted(days):
        await conn.execute(SQL["count_tier"], day, -days[day])


async def _money(conn: Connection, live: Sequence[tuple[Settlement, Reserved]]) -> None:
    """Spend or give back what the ledger reserved; for the unknown it stays reserved."""
    budgets: dict[UUID, _Money] = {}
    days: dict[date, _Money] = {}
    for settlement, reserved in live:
        cents = reserved.cents
        purses = [days.setdefault(reserved.day, _Money())]
        if reserved.campaign:
            purses.append(budgets.setdefault(reserved.campaign, _Money()))
        for purse in purses:
            if isinstance(settlement.fate, Sent):
                purse.spent += cents
            elif not isinstance(settlement.fate, Unknown):
                purse.back += cents
    if budgets:
        ids = sorted(budgets)
        await conn.execute(SQL["share_budgets"], ids)
        await conn.execute(SQL["lock_budgets"], ids)
        await conn.execute(
            SQL["settle_budgets"],
            ids,
            [budgets[i].spent for i in ids],
            [budgets[i].back for i in ids],
        )
    for day in sorted(days):
        await conn.execute(SQL["settle_day"], day, days[day].spent, days[day].back)
