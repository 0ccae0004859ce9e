"""The claim: one short transaction that waits for nothing but the database."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from dispatcher.core import senders
from dispatcher.core.guard import Allow, Cancel, Defer, Verdict, Wait
from dispatcher.core.lane import Lane, interleave
from dispatcher.core.message import Category, Claim, Facts
from dispatcher.core.reason import Reason
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("claims.sql")

LOOKED_AT_MOST = 500
_CATEGORIES = {
    category.value: category for category in Category
}  # a look-up, thousands a second

Judge = Callable[[Facts, datetime], Verdict]


@dataclass(frozen=True)
class Limits:
    """On whose behalf is claimed, and what one login may do."""

    process: int
    login: str
    group: str
    number_per_minute: int
    number_per_day: int
    day: date
    next_day: datetime
    lease: timedelta


@dataclass
class Claimed:
    """What one claim did, of *looked_at* rows that it locked.

    *token_seconds* is when the shared bucket has the next token. Nothing was claimed
    while *blocked_seconds* last, nor while the login is *stopped*: until a probe, which
    *needs_probe* asks for as soon as it is allowed.
    """

    claims: list[Claim] = field(default_factory=list)
    cancelled: list[tuple[Facts, Reason]] = field(default_factory=list)
    deferred: list[tuple[Facts, Defer]] = field(default_factory=list)
    served: list[Lane] = field(default_factory=list)
    looked_at: int = 0
    needs_probe: bool = False
    stopped: bool = False
    blocked_seconds: float = 0.0
    token_seconds: float = 0.0


@dataclass
class _Number:
    minute: int
    day: int


async def lanes(conn: Connection, day: date) -> tuple[list[Lane], datetime | None]:
    """Return every lane with a waiting row, and the database's time (None without any).

    All of them are exceeded once the budget of the account's *day* is.
    """
    rows = await conn.fetch(SQL["lanes"], day)
    found = [
        Lane(
            r["campaign"], r["own_category"], Category(r["category"]), r["due"], r["open"],
            r["exceeded"],
        )
        for r in rows
    ]  # fmt: skip
    return found, rows[0]["now"] if rows else None


async def claim(
    conn: Connection, line: Sequence[Lane], most: int, judge: Judge, limits: Limits
) -> Claimed:
    """Judge the next due messages of *line* and claim at most *most* of those allowed.

    A cancel and a deferral cost one write and no token; what is allowed and has no token, no
    number or no place stays as it is.
    """
    async with conn.transaction():
        bucket = await conn.fetchrow(SQL["bucket"], limits.login, limits.group)
        if not bucket:
            raise LookupError(f"the bucket of {limits.login} is gone")
        blocked = bucket["blocked_seconds"]
        done = Claimed(
            needs_probe=bucket["needs_probe"] and not blocked,
            stopped=bucket["needs_probe"],
            blocked_seconds=blocked,
            token_seconds=bucket["token_seconds"],
        )
        if not line:
            return done
        closed = blocked or bucket["needs_probe"]
        tokens = 0 if closed else min(most, max(bucket["tokens"], 0))
        by_lane = await _candidates(conn, line)
        done.looked_at = sum(map(len, by_lane))
        allowed = _judge(by_lane, line, judge, bucket["now"], done)
        chosen = await _choose(conn, interleave(allowed), tokens, limits, done)
        took = {message.id for message, _ in chosen}
        done.served = [x for n, x in enumerate(line) if any(m.id in took for m in allowed[n])]
        await _write(conn, chosen, limits, done)
    return done


async def _candidates(conn: Connection, line: Sequence[Lane]) -> list[list[Facts]]:
    each = max(1, LOOKED_AT_MOST // len(line))
    ids, categories = [x.campaign for x in line], [x.own_category for x in line]
    rows = await conn.fetch(SQL["candidates"], ids, categories, each)
    known = await facts(conn, [r["id"] for r in rows])
    by_lane: list[list[Facts]] = [[] for _ in line]
    for r in rows:
        by_lane[r["ord"] - 1].append(known[r["id"]])
    return by_lane


async def facts(conn: Connection, ids: Collection[UUID]) -> dict[UUID, Facts]:
    """Read what the guard judges the rows *ids* by."""
    rows = await conn.fetch(SQL["facts"], ids)
    return {r["id"]: Facts(**{**r, "category": _CATEGORIES[r["category"]]}) for r in rows}


def _judge(
    by_lane: list[list[Facts]], line: Sequence[Lane], judge: Judge, now: datetime, done: Claimed
) -> list[list[Facts]]:
    """Note the cancels and deferrals in *done*; return what may leave, lane by lane."""
    allowed: list[list[Facts]] = [[] for _ in line]
    for n, messages in enumerate(by_lane):
        for message in messages:
            match judge(message, now):
                case Cancel(reason):
                    done.cancelled.append((message, reason))
                case Defer() as verdict:
                    done.deferred.append((message, verdict))
                case Allow() if not line[n].exceeded:
                    allowed[n].append(message)
                case Allow() | Wait():
                    pass
    return allowed


async def _choose(
    conn: Connection, allowed: Sequence[Facts], tokens: int, limits: Limits, done: Claimed
) -> list[tuple[Facts, str]]:
    """Pair the first of *allowed* with their numbers, as far as tokens and numbers go."""
    if not tokens or not allowed:
        return []
    rows = await conn.fetch(
        SQL["senders"],
        limits.login,
        float(limits.number_per_minute),
        limits.number_per_day,
        limits.day,
    )
    numbers = {r["number"]: _Number(r["minute"], r["day"]) for r in rows}
    chosen: list[tuple[Facts, str]] = []
    for message in allowed:
        if len(chosen) == tokens:
            break
        sender = senders.choose(message.phone or "", list(numbers), message.last_sender)
        if sender is None:
            break
        if numbers[sender].day <= 0:
            done.deferred.append((message, Defer(limits.next_day, Reason.SENDER_LIMIT)))
        elif numbers[sender].minute > 0:
            numbers[sender].day -= 1
            numbers[sender].minute -= 1
            chosen.append((message, sender))
    return chosen


async def _write(
    conn: Connection,
    chosen: list[tuple[Facts, str]],
    limits: Limits,
    done: Claimed,
) -> None:
    """Write each verdict once, and take the tokens of what was claimed."""
    if done.cancelled:
        await cancel(conn, done.cancelled)
    if done.deferred:
        await defer(conn, done.deferred)
    if not chosen:
        return
    ids, numbers = [m.id for m, _ in chosen], [n for _, n in chosen]
    taken = {
        r["id"]: r["fence"]
        for r in await conn.fetch(SQL["take"], ids, limits.process, numbers, limits.lease)
    }
    done.claims = [Claim(m, taken[m.id], n) for m, n in chosen]
    await conn.execute(SQL["spend"], limits.login, limits.group, float(len(chosen)))
    per_number = {n: numbers.count(n) for n in set(numbers)}
    await conn.execute(
        SQL["spend_senders"], limits.login, list(per_number), list(per_number.values()),
        float(limits.number_per_minute), limits.day,
    )  # fmt: skip


async def cancel(conn: Connection, cancelled: Sequence[tuple[Facts, Reason]]) -> None:
    """Write decisions not to send."""
    ids, reasons = [m.id for m, _ in cancelled], [r.value for _, r in cancelled]
    await conn.execute(SQL["cancel"], ids, reasons)


async def defer(conn: Connection, deferred: Sequence[tuple[Facts, Defer]]) -> None:
    """Put the messages back until the time of their verdict."""
    ids = [m.id for m, _ in deferred]
    await conn.execute(
        SQL["defer"], ids, [v.until for _, v in deferred], [v.reason.value for _, v in deferred]
    )


async def hand_back(
    conn: Connection, held: Sequence[Claim], reason: Reason | None = None
) -> None:
    """Put claims that were not opened back as they came; *reason* says what they wait for."""
    ids, fences = [c.facts.id for c in held], [c.fence for c in held]
    await conn.execute(SQL["hand_back"], ids, fences, reason)
