"""What became of texts, as receipts say: delivery events, campaigns' events, money."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import asyncpg

from dispatcher.core import news
from dispatcher.core.codes import sentence
from dispatcher.core.news import News, State
from dispatcher.core.receipts import FAILURES, RANKS, Status
from dispatcher.store import settling, sql
from dispatcher.store.database import Connection

SQL = sql.load("applying.sql")


@dataclass(frozen=True)
class _Text:
    """An attempt that was accepted, and what is known of its text."""

    attempt: int
    campaign: UUID | None
    day: date
    price: Decimal
    reserved: int
    billed: Decimal
    state: State

    @property
    def segments(self) -> int:
        return news.billed(self.state, self.reserved)

    @property
    def cents(self) -> Decimal:
        return self.price * self.segments


async def write(conn: Connection, told: Sequence[tuple[int, int, News]]) -> set[int]:
    """Write what receipts say of attempts that are locked; return the receipts that said more.

    Each of *told* is a receipt, its attempt and what it says. A text whose delivery event the
    application has deleted is not followed any more.
    """
    before = await _texts(conn, {attempt for _, attempt, _ in told})
    now, changed = dict(before), set()
    for receipt, attempt, said in told:
        text = now.get(attempt)
        if text is None:
            continue
        state = news.after(text.state, said)
        if state != text.state:
            now[attempt] = replace(text, state=state)
            changed.add(receipt)
    texts = [text for attempt, text in now.items() if text != before[attempt]]
    if texts:
        await _write(conn, texts)
    return changed


async def _texts(conn: Connection, attempts: set[int]) -> dict[int, _Text]:
    rows = await conn.fetch(SQL["states"], sorted(attempts))
    return {
        r["attempt"]: _Text(
            r["attempt"], r["campaign_id"], r["account_day"], r["segment_price"],
            r["segments_reserved"], r["cents_billed"], _state(r),
        )
        for r in rows
    }  # fmt: skip


def _state(row: asyncpg.Record) -> State:
    status = Status(row["status"])
    return State(
        status,
        RANKS[status],
        row["changed_at"],
        row["delivered_at"] or row["failed_at"],
        row["error_code"],
        row["failure_class"],
        handed_over=row["segments"] != 0,
        final=RANKS[status] >= RANKS[Status.FAILED],
        counted=row["segments_counted"],
        counted_at=row["counted_at"],
    )


async def _write(conn: Connection, texts: Sequence[_Text]) -> None:
    states = [t.state for t in texts]
    ids, cents = [t.attempt for t in texts], [t.cents for t in texts]
    segments = [t.segments for t in texts]
    await conn.execute(
        SQL["write_states"], ids, [s.status.value for s in states],
        [s.changed_at for s in states], [_delivered(s) for s in states],
        [_failed(s) for s in states], [s.code for s in states],
        [s.code and sentence(s.code) for s in states], [s.failure for s in states],
        segments, cents, [s.counted for s in states], [s.counted_at for s in states],
        [s.final for s in states],
    )  # fmt: skip
    await _events(conn, texts)
    await _money(conn, [t for t in texts if t.cents != t.billed])


def _delivered(state: State) -> datetime | None:
    return state.at if state.status is Status.DELIVERED else None


def _failed(state: State) -> datetime | None:
    return state.at if state.status in FAILURES else None


async def _events(conn: Connection, texts: Sequence[_Text]) -> None:
    """Write the campaign's events of what is at its end: DELIVERED or BOUNCED, never both."""
    ended = [(t.attempt, t.state) for t in texts if t.campaign and t.state.final]
    delivered = [(a, s.at) for a, s in ended if s.status is Status.DELIVERED]
    if delivered:
        await conn.execute(SQL["turn_bounced"], *map(list, zip(*delivered, strict=True)))
    if ended:
        await conn.execute(
            SQL["event_ended"],
            [attempt for attempt, _ in ended],
            ["DELIVERED" if s.status is Status.DELIVERED else "BOUNCED" for _, s in ended],
            [s.at for _, s in ended],
        )


async def _money(conn: Connection, texts: Sequence[_Text]) -> None:
    """Book the difference between what was billed so far and what RingCentral says, once."""
    if not texts:
        return
    await conn.execute(
        SQL["bill"],
        [t.attempt for t in texts],
        [t.segments for t in texts],
        [t.cents for t in texts],
    )
    budgets: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    days: defaultdict[date, Decimal] = defaultdict(Decimal)
    for text in texts:
        days[text.day] += text.cents - text.billed
        if text.campaign:
            budgets[text.campaign] += text.cents - text.billed
    if budgets:
        ids = sorted(budgets)
        await conn.execute(settling.SQL["share_budgets"], ids)
        await conn.execute(settling.SQL["lock_budgets"], ids)
        await conn.execute(SQL["bill_budgets"], ids, [budgets[i] for i in ids])
    for day in sorted(days):
        await conn.execute(SQL["bill_day"], day, days[day])
