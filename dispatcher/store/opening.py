"""Opens attempts: consent and fence once more, money reserved, a row of the ledger each."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from dispatcher.core import segments, texthash
from dispatcher.core.budget import Purse, grant
from dispatcher.core.guard import Allow, Cancel, Defer, Wait
from dispatcher.core.message import Claim, Facts
from dispatcher.core.reason import Reason
from dispatcher.store import claims, consent, sql
from dispatcher.store.claims import Judge
from dispatcher.store.database import Connection
from dispatcher.store.facts import read_facts
from dispatcher.store.pool import durable
from dispatcher.store.settling import Key

SQL = sql.load("attempts.sql")

DAY = "day"  # the purse that every text is paid from, beside its campaign's


@dataclass(frozen=True)
class Terms:
    """Under which terms attempts are opened. *price* is of a segment, in cents."""

    process: int
    send_by: timedelta
    price: Decimal
    day: date
    day_budget: int


@dataclass(frozen=True)
class Attempt:
    """An open attempt: its request may begin. It has *waited* seconds since it was due."""

    id: int
    claim: Claim
    facts: Facts
    segments: int
    waited: float

    @property
    def key(self) -> Key:
        """What it is settled by."""
        f = self.facts
        return Key(
            self.id, f.id, self.claim.fence, f.campaign_id, f.subscriber_id, f.campaign_begun
        )


@dataclass
class Opened:
    """What became of the claims; *exceeded* names the campaigns whose turn has just ended."""

    attempts: list[Attempt] = field(default_factory=list)
    cancelled: list[tuple[Facts, Reason]] = field(default_factory=list)
    deferred: list[tuple[Facts, Defer]] = field(default_factory=list)
    lost: list[Claim] = field(default_factory=list)
    waiting: list[Claim] = field(default_factory=list)
    unpaid: list[Claim] = field(default_factory=list)
    exceeded: list[UUID] = field(default_factory=list)
    day_exceeded: bool = False


async def open_attempts(
    conn: Connection, held: Sequence[Claim], judge: Judge, terms: Terms
) -> Opened:
    """Open an attempt for each of *held* that may still leave and can be paid."""
    async with durable(conn):
        # First, while we hold nothing: no opt-out is committed between our look and our word.
        await consent.share_numbers(conn, {c.facts.phone for c in held if c.facts.phone})
        done = Opened()
        now, ready = await _look_again(conn, held, judge, done)
        paid, broke = await _pay(conn, ready, terms, done)
        room = await _write_ahead(conn, paid, terms, now, done)
        await _exceed(conn, broke - room, terms, done)
        await _write_back(conn, done)
    return done


async def _look_again(
    conn: Connection, held: Sequence[Claim], judge: Judge, done: Opened
) -> tuple[datetime, list[tuple[Claim, Facts]]]:
    """Lock the claims that still stand under their fence, and judge them as they are now."""
    fences = [c.fence for c in held]
    rows = await conn.fetch(claims.SQL["hold"], [c.facts.id for c in held], fences)
    # By the fence too: a process that froze may hold a claim that was taken back, and the same
    # row anew.
    standing = {(r["id"], r["fence"]) for r in rows}
    known = await read_facts(conn, {each for each, _ in standing})
    now: datetime = await conn.fetchval("SELECT now()")
    ready: list[tuple[Claim, Facts]] = []
    for claim in held:
        facts = known.get(claim.facts.id)
        if facts is None or (facts.id, claim.fence) not in standing:
            done.lost.append(claim)
            continue
        match judge(facts, now):
            case Allow() if facts.phone != claim.facts.phone:
                done.waiting.append(claim)  # the host gave it another number, not locked by us
            case Allow():
                ready.append((claim, facts))
            case Cancel(reason):
                done.cancelled.append((facts, reason))
            case Defer() as verdict:
                done.deferred.append((facts, verdict))
            case Wait():
                done.waiting.append(claim)
    return now, ready


async def _pay(
    conn: Connection, ready: list[tuple[Claim, Facts]], terms: Terms, done: Opened
) -> tuple[list[tuple[Claim, Facts, int]], frozenset[str]]:
    """Return those of *ready* that can be paid, with their segments, and what purses broke."""
    purses = await _purses(conn, {f.campaign_id for _, f in ready if f.campaign_id}, terms)
    counted = [(c, f, segments.count(f.text).segments) for c, f in ready]
    asked = [((c, f, n), terms.price * n, _payers(f)) for c, f, n in counted]
    granted = grant(asked, purses)
    done.unpaid = [c for c, _, _ in granted.unpaid]
    return granted.paid, granted.broke


def _payers(facts: Facts) -> tuple[str, ...]:
    return (str(facts.campaign_id), DAY) if facts.campaign_id else (DAY,)


async def _exceed(conn: Connection, broke: Collection[str], terms: Terms, done: Opened) -> None:
    """End the turn of those that could not pay a text."""
    campaigns = [UUID(name) for name in broke if name != DAY]
    if campaigns:
        done.exceeded = [r["campaign_id"] for r in await conn.fetch(SQL["exceed"], campaigns)]
    if DAY in broke:
        done.day_exceeded = await conn.fetchval(SQL["exceed_day"], terms.day) is not None


async def _purses(
    conn: Connection, campaigns: Collection[UUID], terms: Terms
) -> dict[str, Purse]:
    await conn.execute(SQL["share_budgets"], campaigns)
    rows = await conn.fetch(SQL["budgets"], sorted(campaigns))
    await conn.execute(SQL["make_day"], terms.day, terms.day_budget)
    day = await conn.fetchval(SQL["day"], terms.day)
    return {DAY: Purse(day)} | {str(r["campaign_id"]): Purse(r["left"]) for r in rows}


async def _write_ahead(
    conn: Connection,
    paid: list[tuple[Claim, Facts, int]],
    terms: Terms,
    now: datetime,
    done: Opened,
) -> set[str]:
    """Write the ledger's rows; what it refuses this person already has, or may have.

    Returns the purses that such a text was to be paid from: they have room after all.
    """
    room: set[str] = set()
    if not paid:
        return room
    rows = await conn.fetch(
        SQL["open"], terms.process, terms.send_by, terms.price, terms.day,
        [f.id for _, f, _ in paid], [c.fence for c, _, _ in paid],
        [f.campaign_id for _, f, _ in paid], [f.subscriber_id for _, f, _ in paid],
        [f.category.value for _, f, _ in paid], [f.phone for _, f, _ in paid],
        [c.sender for c, _, _ in paid], [texthash.of(f.text) for _, f, _ in paid],
        [n for _, _, n in paid],
    )  # fmt: skip
    written = {r["message_id"]: r for r in rows}
    for claim, facts, count in paid:
        row = written.get(facts.id)
        if row is None:
            done.cancelled.append((facts, Reason.DUPLICATE))
            room.update(_payers(facts))
        else:
            waited = (now - facts.scheduled_at).total_seconds()
            done.attempts.append(Attempt(row["id"], claim, facts, count, waited))
    await _reserve(conn, done.attempts, terms)
    return room


async def _reserve(conn: Connection, attempts: Sequence[Attempt], terms: Terms) -> None:
    """Mark the rows as opened, and set aside what their attempts may cost."""
    ids, numbers = [a.facts.id for a in attempts], [a.id for a in attempts]
    await conn.execute(SQL["mark_opened"], ids, numbers, [a.segments for a in attempts])
    segments: Counter[UUID] = Counter()
    for attempt in attempts:
        if attempt.facts.campaign_id:
            segments[attempt.facts.campaign_id] += attempt.segments
    prices = [terms.price * count for count in segments.values()]
    await conn.execute(SQL["reserve"], list(segments), prices)
    total = terms.price * sum(a.segments for a in attempts)
    await conn.execute(SQL["reserve_day"], terms.day, total)


async def _write_back(conn: Connection, done: Opened) -> None:
    """Write what does not leave after all, each row once."""
    if done.cancelled:
        await claims.cancel(conn, done.cancelled)
    if done.deferred:
        await claims.defer(conn, done.deferred)
    if done.waiting:
        await claims.hand_back(conn, done.waiting)
    if done.unpaid:
        await claims.hand_back(conn, done.unpaid, Reason.BUDGET)
