"""Reads the queue, the ledger and the budgets in one snapshot, and says where they differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from dispatcher.core import verify as core
from dispatcher.core.reason import DECISIONS, FAILURES
from dispatcher.core.reconcile import Record
from dispatcher.core.verify import THEIRS, Fault, Finding, Purse, Taken
from dispatcher.core.witness import Compared, Entry, Span, compare
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("verify.sql")

EARLIER = timedelta(minutes=15)
"""A record may be of an attempt that was opened by so much before it."""


@dataclass(frozen=True)
class Verified:
    """What was found; *theirs* texts were ended by the application and are no fault."""

    at: datetime
    rows: int
    attempts: int
    theirs: int
    findings: list[Finding]


async def look(conn: Connection) -> Verified:
    """Look at everything, in one READ ONLY snapshot."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        await conn.execute(SQL["settings"])
        sizes = await conn.fetchrow(SQL["sizes"])
        assert sizes  # noqa: S101  # a SELECT without FROM has one row
        ends = sorted(r.value for r in DECISIONS | FAILURES)
        counted = [
            *await conn.fetch(SQL["rows"], ends),
            *await conn.fetch(SQL["ledger"]),
            *await conn.fetch(SQL["unsettled"]),
            *await conn.fetch(SQL["provider_twice"]),
            *await conn.fetch(SQL["events"]),
            *await conn.fetch(SQL["event_twice"]),
        ]
        twice = core.twice([Taken(**dict(r)) for r in await conn.fetch(SQL["accepted_twice"])])
        money = core.money(
            _purses(await conn.fetch(SQL["settled"])), _purses(await conn.fetch(SQL["books"]))
        )
    theirs = sum(r["texts"] for r in counted if r["fault"] == THEIRS)
    found = [
        Finding(Fault(r["fault"]), r["texts"], r["examples"])
        for r in counted
        if r["fault"] != THEIRS
    ]
    return Verified(**dict(sizes), theirs=theirs, findings=[*found, *twice, *money])


def _purses(rows: Iterable[asyncpg.Record]) -> list[Purse]:
    return [
        Purse(r["purse"], r["is_day"], r["spent"], r["reserved"], r.get("rounds", True))
        for r in rows
    ]


async def witnessed(
    conn: Connection, login: str, span: Span, records: Sequence[Record]
) -> Compared:
    """Compare the ledger with the *records* of *login*, in one READ ONLY snapshot."""
    first, last = span.since, span.settled_by
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        await conn.execute(SQL["settings"])
        known = await conn.fetch(SQL["known"], [r.provider_id for r in records])
        entries = await conn.fetch(SQL["entries"], login, first - EARLIER, last, first)
    ours = {r["provider_id"] for r in known}
    return compare([Entry(**dict(r)) for r in entries], records, ours, span.longest)
