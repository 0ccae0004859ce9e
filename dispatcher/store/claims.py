"""The claim: one short transaction that waits for nothing but the database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import chain
from uuid import UUID

from dispatcher.core import senders
from dispatcher.core.guard import Allow, Cancel, Defer, Memory, Verdict
from dispatcher.core.lane import Lane, interleave, suffices
from dispatcher.core.message import Category, Claim, Facts
from dispatcher.core.reason import Reason
from dispatcher.store import sql
from dispatcher.store.database import Connection
from dispatcher.store.facts import read_facts
from dispatcher.store.verdicts import Judge, note, within_tier, write_verdicts

SQL = sql.load("claims.sql")

LOOKED_AT_MOST = 500
SUSPECT = 2  # a row that outlived so many of its processes is claimed alone


@dataclass(frozen=True)
class Limits:
    """On whose behalf is claimed, and what one login may do.

    *idle*: the process holds nothing else, so that it may take a suspect. *tier*: the segments
    that the registration allows a day, 0 without a limit. *look*: how many rows at most.
    """

    process: int
    login: str
    group: str
    number_per_minute: int
    number_per_day: int
    day: date
    next_day: datetime
    lease: timedelta
    idle: bool
    tier: int = 0
    look: int = LOOKED_AT_MOST


@dataclass(frozen=True)
class Look:
    """How at *most* so many messages are looked at: by so much *memory* of earlier ones."""

    most: int
    memory: Memory
    judge: Callable[[Facts], Verdict]


@dataclass
class Claimed:
    """What one claim did with *tokens*, of *looked_at* rows that it locked.

    *token_seconds* is when the shared bucket has the next token. Nothing was claimed
    while *blocked_seconds* last, nor while the login is *stopped*: until a probe, which
    *needs_probe* asks for as soon as it is allowed.
    """

    claims: list[Claim] = field(default_factory=list)
    cancelled: list[tuple[Facts, Cancel]] = field(default_factory=list)
    deferred: list[tuple[Facts, Defer]] = field(default_factory=list)
    served: list[Lane] = field(default_factory=list)
    tokens: int = 0
    idle: bool = True
    looked_at: int = 0
    needs_probe: bool = False
    stopped: bool = False
    blocked_seconds: float = 0.0
    token_seconds: float = 0.0


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
    if not line:
        return (await _begin(conn, most, limits))[0]
    async with conn.transaction():
        done, now = await _begin(conn, most, limits)
        numbers = await _numbers(conn, limits) if done.tokens else {}
        within = await within_tier(conn, judge, now, limits.tier)
        pairs = await _choose(
            conn,
            line,
            Look(min(limits.look, LOOKED_AT_MOST), judge.memory, within),
            numbers,
            done,
        )
        for m in pairs.late:
            note(m, judge.put_off(m, limits.next_day, Reason.SENDER_LIMIT), done)
        await write_verdicts(conn, done.cancelled, done.deferred, judge, now)
        await _take(conn, pairs.chosen, limits, done)
    return done


async def _begin(conn: Connection, most: int, limits: Limits) -> tuple[Claimed, datetime]:
    """Lock the bucket and say what it allows; also the time that all is judged by."""
    bucket = await conn.fetchrow(SQL["bucket"], limits.login, limits.group)
    if not bucket:
        raise LookupError(f"the bucket of {limits.login} is gone")
    blocked = bucket["blocked_seconds"]
    closed = blocked or bucket["needs_probe"]
    done = Claimed(
        tokens=0 if closed else min(most, max(bucket["tokens"], 0)),
        needs_probe=bucket["needs_probe"] and not blocked,
        stopped=bucket["needs_probe"],
        idle=limits.idle,
        blocked_seconds=blocked,
        token_seconds=bucket["token_seconds"],
    )
    return done, bucket["now"]


async def _choose(
    conn: Connection,
    line: Sequence[Lane],
    look: Look,
    numbers: Mapping[str, senders.Room],
    done: Claimed,
) -> senders.Pairs[Facts]:
    """Return the messages to claim with their numbers; note in *done* what else was found.

    Most claims find enough in a first look at little more than the tokens pay for. Where they
    don't, or without a token, when all is about clearing away, it looks at all that it may.
    """
    tokens = done.tokens
    furthest = max(1, look.most // len(line))
    first = min(furthest, tokens * 5 // (4 * len(line)) + 8)
    known: dict[UUID, Facts] = {}
    for each in [first, furthest] if tokens and first < furthest else [furthest]:
        by_lane = await _candidates(conn, line, each, known, look.memory)
        verdicts = [[(m, look.judge(m)) for m in messages] for messages in by_lane]
        allowed = [
            [m for m, verdict in lane if isinstance(verdict, Allow) and not line[n].exceeded]
            for n, lane in enumerate(verdicts)
        ]
        pairs = senders.pair(_alone(interleave(allowed), idle=done.idle), tokens, numbers)
        ended = [len(m) < each or x.exceeded for m, x in zip(by_lane, line, strict=True)]
        if all(ended) or (len(pairs.chosen) == tokens and suffices(allowed, ended, tokens)):
            break
    done.looked_at = len(known)
    for message, verdict in chain.from_iterable(verdicts):
        note(message, verdict, done)
    took = {message.id for message, _ in pairs.chosen}
    done.served = [x for n, x in enumerate(line) if any(m.id in took for m in allowed[n])]
    return pairs


async def _numbers(conn: Connection, limits: Limits) -> dict[str, senders.Room]:
    rows = await conn.fetch(
        SQL["senders"],
        limits.login,
        float(limits.number_per_minute),
        limits.number_per_day,
        limits.day,
    )
    return {r["number"]: senders.Room(r["minute"], r["day"]) for r in rows}


async def _candidates(
    conn: Connection,
    line: Sequence[Lane],
    each: int,
    known: dict[UUID, Facts],
    memory: Memory,
) -> list[list[Facts]]:
    """Lock the first *each* of every lane, and add to *known* what it lacks of them."""
    ids, categories = [x.campaign for x in line], [x.own_category for x in line]
    rows = await conn.fetch(SQL["candidates"], ids, categories, each)
    known |= await read_facts(conn, [r["id"] for r in rows if r["id"] not in known], memory)
    by_lane: list[list[Facts]] = [[] for _ in line]
    for r in rows:
        by_lane[r["ord"] - 1].append(known[r["id"]])
    return by_lane


def _alone(allowed: Sequence[Facts], *, idle: bool) -> Sequence[Facts]:
    """Return those before the first suspect, or it alone if it is first and we hold nothing.

    So a message that kills its process is told from those that were merely beside it.
    """
    first = next((n for n, m in enumerate(allowed) if m.reaps >= SUSPECT), None)
    if first is None:
        return allowed
    return allowed[:1] if first == 0 and idle else allowed[:first]


async def _take(
    conn: Connection, chosen: list[tuple[Facts, str]], limits: Limits, done: Claimed
) -> None:
    """Claim *chosen*, each with its number, and take the tokens for them."""
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


async def hand_back(
    conn: Connection, held: Sequence[Claim], reason: Reason | None = None
) -> None:
    """Put claims that were not opened back as they came; *reason* says what they wait for."""
    ids, fences = [c.facts.id for c in held], [c.fence for c in held]
    await conn.execute(SQL["hand_back"], ids, fences, reason)
