"""Numbers that get no texts: what a person adds, lifts and looks at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dispatcher.core.reason import Reason as Verdict
from dispatcher.core.suppression import Reason, Wanted
from dispatcher.store import consent, sql
from dispatcher.store.consent import OptOut
from dispatcher.store.database import Connection
from dispatcher.store.said import said

SQL = sql.load("suppressions.sql")

PERSON, IMPORT = "person", "import"  # where we know it from


@dataclass(frozen=True)
class Spelled:
    """A number as the database spells it, None if it is none; what time it is, and our role."""

    phone: str | None = field(repr=False)
    now: datetime
    role: str


@dataclass(frozen=True)
class Suppression:
    """A reason that stands for a number, if only in name: it may have *ended*."""

    phone: str = field(repr=False)
    reason: str
    source: str
    since: datetime
    until: datetime | None
    lifted_at: datetime | None
    ended: bool


@dataclass(frozen=True)
class Added:
    """What it did: *holds* is False if it was lifted later, *cancelled* counts texts."""

    holds: bool
    until: datetime | None
    cancelled: int


@dataclass(frozen=True)
class People:
    """Who has a number: how many, and how many of them are subscribed or opted out."""

    people: int
    subscribed: int
    opted_out: int


@dataclass(frozen=True)
class Count:
    """For how many numbers a reason holds, and for how many its end has passed."""

    reason: str
    holds: int
    ended: int


async def spell(conn: Connection, phone: str) -> Spelled:
    row = await conn.fetchrow(SQL["spell"], phone)
    assert row  # noqa: S101  # a SELECT without FROM has one row
    return Spelled(**dict(row))


async def stands(conn: Connection, phone: str) -> list[Suppression]:
    """Return what is not lifted of the number."""
    return [Suppression(**dict(r)) for r in await conn.fetch(SQL["stands"], phone)]


async def add(conn: Connection, wanted: Wanted, source: str, by: str) -> Added | None:
    """Let nothing leave for the number any more, and cancel what is not yet opened.

    None: it is no number. Each in a transaction of its own, which locks in the order of all.
    """
    async with conn.transaction():
        phone = (await spell(conn, wanted.phone)).phone
        if phone is None:
            return None
        await said(conn, source, by, wanted.why)
        if wanted.reason is Reason.OPTED_OUT:
            return await _opt_out(conn, phone, wanted.since, source)
        await consent.lock_numbers(conn, [phone])
        row = await conn.fetchrow(
            SQL["suppress"], phone, wanted.reason, source, wanted.since, wanted.until,
            wanted.theirs,
        )  # fmt: skip
        if row is None:
            return Added(holds=False, until=None, cancelled=0)
        cancelled = await consent.cancel(conn, phone, Verdict.SUPPRESSED)
    return Added(holds=True, until=row["until"], cancelled=len(cancelled))


async def _opt_out(conn: Connection, phone: str, since: datetime, source: str) -> Added:
    done = await consent.opt_out(conn, OptOut(phone, since, source))
    holds = any(s.reason == Reason.OPTED_OUT for s in await stands(conn, phone))
    return Added(holds, None, len(done.cancelled))


async def lift(
    conn: Connection, phone: str, reasons: Sequence[str], by: str, why: str
) -> list[str]:
    """Lift those of *reasons* that are not an opt-out; return which were."""
    async with conn.transaction():
        await said(conn, PERSON, by, why)
        await consent.lock_numbers(conn, [phone])
        rows = await conn.fetch(SQL["lift"], phone, reasons)
    return [r["reason"] for r in rows]


async def opt_in(conn: Connection, phone: str, by: str, why: str) -> People | None:
    """Lift the opt-out as their START would; return who has the number then.

    None: there was none, or their STOP came at this moment.
    """
    async with conn.transaction():
        await said(conn, PERSON, by, why)
        now = (await spell(conn, phone)).now
        if not await consent.opt_in(conn, phone, now, source=PERSON):
            return None
        return await people(conn, phone)


async def people(conn: Connection, phone: str) -> People:
    row = await conn.fetchrow(SQL["people"], phone)
    assert row  # noqa: S101  # a count is one row
    return People(**dict(row))


async def look(conn: Connection, reason: str | None, most: int | None) -> list[Suppression]:
    """Return what is not lifted, the latest first; at most *most*."""
    return [Suppression(**dict(r)) for r in await conn.fetch(SQL["list"], reason, most)]


async def count(conn: Connection, reason: str | None) -> list[Count]:
    return [Count(**dict(r)) for r in await conn.fetch(SQL["count"], reason)]
