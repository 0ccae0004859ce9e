"""Applies stored receipts: each once, in any order, with the same end."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from dispatcher.core import news
from dispatcher.core.inbound import Replies
from dispatcher.core.news import Inbound, News
from dispatcher.store import outcomes, settling, sql
from dispatcher.store.database import Connection

SQL = sql.load("applying.sql")

Row = asyncpg.Record


@dataclass(frozen=True)
class Terms:
    """*unfit_for*: how long a number that can't be texted is left alone."""

    unfit_for: timedelta
    replies: Replies


@dataclass
class Applied:
    """What became of *taken* receipts, by verdict; those *alone* need a transaction each.

    *rested* are numbers of ours that are not used for a while, with RingCentral's code.
    """

    taken: int = 0
    verdicts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    alone: list[int] = field(default_factory=list)
    early: int = 0
    rested: list[tuple[str, str]] = field(default_factory=list)


async def waits(conn: Connection, younger: timedelta) -> tuple[bool, bool]:
    """Tell whether there are new receipts, and early ones whose answer is there by now."""
    row = await conn.fetchrow(SQL["waits"], younger)
    assert row  # noqa: S101  # a SELECT without FROM has one row
    return row["new"], row["found"]


async def apply_new(conn: Connection, most: int, terms: Terms) -> Applied:
    """Apply new receipts, at most so many: first what a webhook brought, then the oldest."""
    async with conn.transaction():
        return await _apply(conn, await conn.fetch(SQL["new"], most), terms)


async def apply_early(conn: Connection, most: int, younger: timedelta, terms: Terms) -> Applied:
    """Apply those that came before our own answer was stored, and whose answer is there now.

    Whether it is there is read anew each time: however the two commits crossed, one of these
    looks comes after both.
    """
    async with conn.transaction():
        return await _apply(conn, await conn.fetch(SQL["found"], most, younger), terms)


async def _apply(conn: Connection, rows: Sequence[Row], terms: Terms) -> Applied:
    done = Applied(taken=len(rows))
    if not rows:
        return done
    told = await _sort(conn, rows, done)
    await write(conn, told, terms, done)
    return done


@dataclass(frozen=True)
class Told:
    """A receipt beside the attempt that it is about."""

    id: int
    news: News
    attempt: Row


async def _sort(conn: Connection, rows: Sequence[Row], done: Applied) -> list[Told]:
    """Return what can be applied with others; park what is early, leave what goes alone."""
    read = {r["id"]: news.read(r["body"]) for r in rows}
    attempts = await matches(conn, rows)
    told: list[Told] = []
    early: list[int] = []
    for row in rows:
        said, attempt = read[row["id"]], attempts.get(row["provider_id"])
        match said:
            case None:
                await end(conn, {row["id"]: "unreadable"}, done)
            case Inbound():
                done.alone.append(row["id"])
            case News() if attempt is None:
                early.append(row["id"])
            case News() if said.opts_out:
                done.alone.append(row["id"])
            case News():
                assert attempt  # noqa: S101  # the case before the last
                told.append(Told(row["id"], said, attempt))
    done.early = len(early)
    if early:
        await conn.execute(SQL["park"], early)
    return told


async def matches(conn: Connection, rows: Sequence[Row]) -> dict[str, Row]:
    """Return the attempts that *rows* are about, by RingCentral's id."""
    found = await conn.fetch(SQL["matches"], list({r["provider_id"] for r in rows}))
    return {r["provider_id"]: r for r in found}


async def write(conn: Connection, told: Sequence[Told], terms: Terms, done: Applied) -> None:
    """Write what *told* says of its attempts, in the caller's transaction.

    What is about people whom somebody else is changing stays as it is: the application may
    hold them for as long as an import lasts.
    """
    told = await _lock(conn, told)
    if not told:
        return
    changed = await outcomes.write(conn, [(t.id, t.attempt["id"], t.news) for t in told])
    verdicts = {t.id: "applied" if t.id in changed else "stale" for t in told}
    await _remember(conn, told, terms)
    done.rested = await _rest(conn, told)
    await end(conn, verdicts, done)


async def _lock(conn: Connection, told: Sequence[Told]) -> list[Told]:
    """Lock campaigns, people and attempts in the order of all; return what can be written."""
    campaigns = {t.attempt["campaign_id"] for t in told if t.attempt["campaign_id"]}
    await conn.execute(settling.SQL["lock_parents"], campaigns)
    busy = await _busy(conn, {t.attempt["subscriber_id"] for t in told} - {None})
    free = [t for t in told if t.attempt["subscriber_id"] not in busy]
    await _sent_last(conn, [t.attempt for t in free])
    await conn.execute(SQL["lock_attempts"], sorted({t.attempt["id"] for t in free}))
    return free


async def _busy(conn: Connection, people: set[UUID]) -> set[UUID]:
    """Lock *people*, those who are still there; return those whom somebody else holds."""
    locked = {r["id"] for r in await conn.fetch(SQL["free_people"], people)}
    if locked == people:
        return set()
    return {r["id"] for r in await conn.fetch(SQL["people"], people - locked)}


async def _sent_last(conn: Connection, attempts: Sequence[Row]) -> None:
    """Note when people had a text."""
    last: dict[object, object] = {}
    for a in sorted(attempts, key=lambda a: a["settled_at"]):
        if a["subscriber_id"]:
            last[a["subscriber_id"]] = a["settled_at"]
    await conn.execute(SQL["sent_last"], list(last), list(last.values()))


async def _remember(conn: Connection, told: Sequence[Told], terms: Terms) -> None:
    """Leave numbers alone that can't be texted, from the first word of it on."""
    unfit: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
    for t in told:
        if t.news.unfit:
            unfit[t.attempt["phone"], t.news.unfit.value].append(t.news.changed_at)
    if unfit:
        await conn.execute(
            SQL["remember"],
            [phone for phone, _ in unfit],
            [reason for _, reason in unfit],
            [min(times) for times in unfit.values()],
            [max(times) for times in unfit.values()],
            terms.unfit_for,
        )


async def _rest(conn: Connection, told: Sequence[Told]) -> list[tuple[str, str]]:
    """Rest numbers of ours that carriers stopped; return those that are resting now."""
    rests: dict[str, tuple[datetime, str]] = {}
    for t in told:
        if until := t.news.sender_rests:
            number, rest = t.attempt["sender"], (until, t.news.code or "")
            rests[number] = max(rests.get(number, rest), rest)
    if not rests:
        return []
    rows = await conn.fetch(
        SQL["rest"],
        list(rests),
        [until for until, _ in rests.values()],
        [code for _, code in rests.values()],
    )
    return [(r["number"], r["stopped_code"]) for r in rows if r["holds"]]


async def end(conn: Connection, verdicts: Mapping[int, str], done: Applied) -> None:
    """Note what came of receipts: they are not looked at again."""
    await conn.execute(SQL["applied"], list(verdicts), list(verdicts.values()))
    for verdict in verdicts.values():
        done.verdicts[verdict] += 1
