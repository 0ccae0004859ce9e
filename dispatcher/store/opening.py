"""Opens attempts: consent and fence once more, money reserved, a row of the ledger each."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from dispatcher.core import segments, texthash
from dispatcher.core.budget import grant
from dispatcher.core.guard import Allow, Cancel, Defer, Verdict, Wait
from dispatcher.core.message import Category, Claim, Facts
from dispatcher.core.reason import Reason
from dispatcher.store import claims, consent, paying, sql
from dispatcher.store.database import Connection
from dispatcher.store.facts import read_facts
from dispatcher.store.paying import TIER, Purses, Terms
from dispatcher.store.pool import durable
from dispatcher.store.settling import Key
from dispatcher.store.verdicts import Judge, note, write_verdicts

SQL = sql.load("attempts.sql")


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


@dataclass(frozen=True)
class _Paid:
    """A claim that may leave and can be paid, and what the rules said of it."""

    claim: Claim
    facts: Facts
    segments: int
    record: str


@dataclass
class Opened:
    """What became of the claims; *exceeded* names the campaigns whose turn has just ended."""

    attempts: list[Attempt] = field(default_factory=list)
    cancelled: list[tuple[Facts, Cancel]] = field(default_factory=list)
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
        await consent.share_numbers(conn, *_numbers(held))
        done = Opened()
        now, ready = await _look_again(conn, held, judge, done)
        purses = await paying.purses(
            conn, {f.campaign_id for _, f in ready if f.campaign_id}, terms
        )
        granted, broke = _pay(ready, judge, terms, purses, done)
        paid = [_Paid(c, f, n, judge.record(f, now, Allow())) for c, f, n in granted]
        room = await _write_ahead(conn, paid, terms, purses, done)
        await _begin(conn, done.attempts, terms, purses)
        over = await paying.exceed(conn, broke - room, terms.day)
        done.exceeded, done.day_exceeded = over.campaigns, over.day
        await write_verdicts(conn, done.cancelled, done.deferred, judge, now)
        await _hand_back(conn, done)
    return done


def _numbers(held: Sequence[Claim]) -> tuple[set[str], set[str]]:
    """Return the numbers that *held* are for, and those of promotions, which are counted."""
    numbers = {(c.facts.phone, c.facts.category) for c in held if c.facts.phone}
    counted = {phone for phone, category in numbers if category is Category.PROMOTION}
    return {phone for phone, _ in numbers}, counted


async def _look_again(
    conn: Connection, held: Sequence[Claim], judge: Judge, done: Opened
) -> tuple[datetime, list[tuple[Claim, Facts]]]:
    """Lock the claims that still stand under their fence, and judge them as they are now."""
    fences = [c.fence for c in held]
    rows = await conn.fetch(claims.SQL["hold"], [c.facts.id for c in held], fences)
    # By the fence too: a process that froze may hold a claim that was taken back, and the same
    # row anew.
    standing = {(r["id"], r["fence"]) for r in rows}
    known = await read_facts(conn, {each for each, _ in standing}, judge.memory)
    now: datetime = await conn.fetchval("SELECT now()")
    ready: list[tuple[Claim, Facts]] = []
    for claim in held:
        facts = known.get(claim.facts.id)
        if facts is None or (facts.id, claim.fence) not in standing:
            done.lost.append(claim)
            continue
        match _judged(claim, facts, ready, judge, now):
            case Allow():
                ready.append((claim, facts))
            case Wait():
                done.waiting.append(claim)
            case verdict:
                note(facts, verdict, done)
    return now, ready


def _judged(
    claim: Claim,
    facts: Facts,
    ready: Sequence[tuple[Claim, Facts]],
    judge: Judge,
    now: datetime,
) -> Verdict:
    """Judge *facts*; what may leave alone but not beside *ready* waits for its next turn."""
    verdict = judge(facts, now)
    if not isinstance(verdict, Allow):
        return verdict
    if (facts.phone, facts.category) != (claim.facts.phone, claim.facts.category):
        return Wait()  # the host made it another's: its number is not locked as it must be
    beside = _beside(facts, ready, now)
    # Another in this very batch may take the last place under a cap.
    return verdict if beside is facts or isinstance(judge(beside, now), Allow) else Wait()


def _beside(facts: Facts, ready: Sequence[tuple[Claim, Facts]], now: datetime) -> Facts:
    """Return *facts* as they will be once the promotions of *ready* to that number are open."""
    if facts.category is not Category.PROMOTION:
        return facts
    more = sum(f.phone == facts.phone and f.category is facts.category for _, f in ready)
    return replace(facts, promoted=(now,) * more + facts.promoted) if more else facts


def _pay(
    ready: Sequence[tuple[Claim, Facts]],
    judge: Judge,
    terms: Terms,
    purses: Purses,
    done: Opened,
) -> tuple[list[tuple[Claim, Facts, int]], frozenset[str]]:
    """Return those of *ready* that can be paid, with their segments, and what purses broke."""
    counted = [(c, f, segments.count(f.text).segments) for c, f in ready]
    asked = [((c, f, n), terms.price * n, paying.payers(f)) for c, f, n in counted]
    granted = grant(asked, purses.left)
    for (claim, facts, _), short in granted.unpaid:
        if purses.tier and TIER in short:
            note(facts, judge.put_off(facts, purses.tier.next, Reason.TIER_LIMIT), done)
        else:
            done.unpaid.append(claim)
    return granted.paid, granted.broke


async def _write_ahead(
    conn: Connection, paid: Sequence[_Paid], terms: Terms, purses: Purses, done: Opened
) -> frozenset[str]:
    """Write the ledger's rows; what it refuses this person already has, or may have.

    Returns the purses that such a text was to be paid from: they have room after all.
    """
    rows = await _open(conn, paid, terms, purses) if paid else {}
    room: set[str] = set()
    for each in paid:
        attempt = rows.get(each.facts.id)
        if attempt is None:
            done.cancelled.append((each.facts, Cancel(Reason.DUPLICATE)))
            room.update(paying.payers(each.facts))
        else:
            id_, waited = attempt
            done.attempts.append(Attempt(id_, each.claim, each.facts, each.segments, waited))
    return frozenset(room)


async def _open(
    conn: Connection, paid: Sequence[_Paid], terms: Terms, purses: Purses
) -> dict[UUID, tuple[int, float]]:
    """Return the attempt of each message that has one now, and how long it was due."""
    facts = [each.facts for each in paid]
    tier = purses.tier.day if purses.tier else None
    rows = await conn.fetch(
        SQL["open"], terms.process, terms.send_by, terms.price, terms.day, tier,
        [f.id for f in facts], [each.claim.fence for each in paid],
        [f.campaign_id for f in facts], [f.subscriber_id for f in facts],
        [f.category.value for f in facts], [f.phone for f in facts],
        [each.claim.sender for each in paid], [texthash.of(f.text) for f in facts],
        [each.segments for each in paid], [each.record for each in paid],
    )  # fmt: skip
    due = {f.id: f.scheduled_at for f in facts}
    return {
        r["message_id"]: (r["id"], (r["opened_at"] - due[r["message_id"]]).total_seconds())
        for r in rows
    }


async def _begin(
    conn: Connection, attempts: Sequence[Attempt], terms: Terms, purses: Purses
) -> None:
    """Mark the rows as opened, and set aside what their attempts may cost."""
    if not attempts:
        return
    ids, numbers = [a.facts.id for a in attempts], [a.id for a in attempts]
    await conn.execute(SQL["mark_opened"], ids, numbers, [a.segments for a in attempts])
    await paying.reserve(conn, [(a.facts, a.segments) for a in attempts], terms, purses.tier)


async def _hand_back(conn: Connection, done: Opened) -> None:
    """Put back what does not leave now, and no rule has anything against."""
    if done.waiting:
        await claims.hand_back(conn, done.waiting)
    if done.unpaid:
        await claims.hand_back(conn, done.unpaid, Reason.BUDGET)
