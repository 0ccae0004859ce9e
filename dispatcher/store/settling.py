"""Settles attempts: the outcome, what becomes of the row, and the money, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from dispatcher.core.fate import Failed, Fate, PutBack, Sent, Unknown
from dispatcher.store import sql
from dispatcher.store.database import Connection
from dispatcher.store.opening import Attempt
from dispatcher.store.pool import durable

SQL = sql.load("attempts.sql")


@dataclass(frozen=True)
class Settlement:
    """What is written of an attempt. *outcome* is the ledger's word, *sentence* ours."""

    attempt: Attempt
    outcome: str
    code: str | None
    sentence: str
    fate: Fate


@dataclass
class _Money:
    spent: Decimal = Decimal(0)
    back: Decimal = Decimal(0)


@dataclass
class Settled:
    """*stale* attempts were settled by somebody else; *begun* campaigns sent their first."""

    stale: list[Settlement] = field(default_factory=list)
    begun: list[UUID] = field(default_factory=list)


async def settle(conn: Connection, settlements: Sequence[Settlement]) -> Settled:
    """Write *settlements*, each once: doing it again changes nothing."""
    async with durable(conn):
        known = [s.attempt.facts for s in settlements]
        await conn.execute(SQL["lock_parents"], {f.campaign_id for f in known if f.campaign_id})
        await conn.execute(
            SQL["lock_people"], {f.subscriber_id for f in known if f.subscriber_id}
        )
        await conn.execute(SQL["lock_rows"], [f.id for f in known])
        closed = await _close(conn, settlements)
        done = Settled(stale=[s for s in settlements if s.attempt.id not in closed])
        live = [s for s in settlements if s.attempt.id in closed]
        await _rows(conn, live)
        done.begun = await _records(conn, live)
        await _money(conn, [(s, closed[s.attempt.id]) for s in live])
    return done


async def _close(
    conn: Connection, settlements: Sequence[Settlement]
) -> dict[int, tuple[UUID | None, date, Decimal]]:
    rows = await conn.fetch(
        SQL["close"],
        [s.attempt.id for s in settlements],
        [s.outcome for s in settlements],
        [s.fate.provider_id if isinstance(s.fate, Sent) else None for s in settlements],
        [s.code for s in settlements],
    )
    return {r["id"]: (r["campaign_id"], r["account_day"], r["cents_reserved"]) for r in rows}


async def _rows(conn: Connection, live: Sequence[Settlement]) -> None:
    """Move the queue's rows, those that still stand under their fence."""
    sent = [(s, s.fate) for s in live if isinstance(s.fate, Sent)]
    back = [(s, s.fate) for s in live if isinstance(s.fate, PutBack)]
    failed = [(s, s.fate) for s in live if isinstance(s.fate, Failed)]
    unknown = [(s, s.fate) for s in live if isinstance(s.fate, Unknown)]
    if sent:
        await conn.execute(SQL["accepted"], *_keys(sent), [f.provider_id for _, f in sent])
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
        await conn.execute(SQL["unknown"], *_keys(unknown), unknown[0][0].sentence)


def _keys(of: Sequence[tuple[Settlement, Fate]]) -> tuple[list[UUID], list[int]]:
    return [s.attempt.facts.id for s, _ in of], [s.attempt.claim.fence for s, _ in of]


async def _records(conn: Connection, live: Sequence[Settlement]) -> list[UUID]:
    """Write the events of what was accepted or failed; return campaigns that have begun."""
    sent = [s.attempt for s in live if isinstance(s.fate, Sent)]
    failed = [(s.attempt.id, s.sentence) for s in live if isinstance(s.fate, Failed)]
    if failed:
        await conn.execute(SQL["delivery_refused"], *map(list, zip(*failed, strict=True)))
    if not sent:
        return []
    ids = [a.id for a in sent]
    await conn.execute(SQL["delivery_accepted"], ids)
    await conn.execute(SQL["event_sent"], ids)
    new = {
        a.facts.campaign_id for a in sent if a.facts.campaign_id and not a.facts.campaign_begun
    }
    rows = await conn.fetch(SQL["campaign_begun"], sorted(new)) if new else []
    return [r["id"] for r in rows]


async def _money(
    conn: Connection, live: Sequence[tuple[Settlement, tuple[UUID | None, date, Decimal]]]
) -> None:
    """Spend or give back what the ledger reserved; for the unknown it stays reserved."""
    budgets: dict[UUID, _Money] = {}
    days: dict[date, _Money] = {}
    for settlement, (campaign, day, cents) in live:
        purses = [days.setdefault(day, _Money())]
        if campaign:
            purses.append(budgets.setdefault(campaign, _Money()))
        for purse in purses:
            if isinstance(settlement.fate, Sent):
                purse.spent += cents
            elif not isinstance(settlement.fate, Unknown):
                purse.back += cents
    if budgets:
        ids = sorted(budgets)
        await conn.execute(SQL["lock_budgets"], ids)
        await conn.execute(
            SQL["settle_budgets"],
            ids,
            [budgets[i].spent for i in ids],
            [budgets[i].back for i in ids],
        )
    for day in sorted(days):
        await conn.execute(SQL["settle_day"], day, days[day].spent, days[day].back)
