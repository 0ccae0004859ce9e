"""Reads why a text was sent or not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from dispatcher.core import grounds
from dispatcher.core.guard import Rules
from dispatcher.core.judge import Judge
from dispatcher.store import sql
from dispatcher.store.database import Connection
from dispatcher.store.facts import read_facts
from dispatcher.store.verdicts import within_tier

SQL = sql.load("explaining.sql")

Record = Mapping[str, Any]
"""A verdict as it is on record; `core/grounds.py` says what is in it."""


@dataclass(frozen=True)
class Row:
    """The message's row as it stands."""

    id: UUID
    word: str
    category: str
    phone: str
    campaign: str | None
    campaign_status: str | None
    zone: str | None
    reason: str | None
    rule: str | None
    scheduled_at: datetime
    due_at: datetime
    expires_at: datetime | None
    sent_at: datetime | None
    held_at: datetime | None
    code: str | None
    sentence: str | None
    verdicts: list[Record]


@dataclass(frozen=True)
class Attempt:
    """A request for the message, what came of it, and what the rules said before it."""

    id: int
    opened_at: datetime
    outcome: str | None
    settled_at: datetime | None
    code: str | None
    decision: str | None
    decided_by: str | None
    category: str
    phone: str
    campaign: str | None
    zone: str | None
    verdict: Record | None
    delivery: str | None
    delivery_at: datetime | None
    delivery_code: str | None


@dataclass(frozen=True)
class Story:
    """All that is on record of *message*; its *row* may be gone, its *attempts* stay."""

    message: UUID
    row: Row | None
    attempts: list[Attempt]


async def story(conn: Connection, named: UUID | int) -> Story | None:
    """Return the story of a message, or of the one that an attempt was for."""
    message = named
    if isinstance(named, int):
        message = await conn.fetchval(SQL["message_of"], named)
    if not isinstance(message, UUID):
        return None
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        row = await conn.fetchrow(SQL["row"], message)
        attempts = await conn.fetch(SQL["attempts"], message)
    if row is None and not attempts:
        return None
    return Story(message, _row(row) if row else None, [_attempt(each) for each in attempts])


def _row(row: asyncpg.Record) -> Row:
    return replace(Row(**row), verdicts=json.loads(row["verdicts"]))


def _attempt(row: asyncpg.Record) -> Attempt:
    return replace(Attempt(**row), verdict=json.loads(row["verdict"] or "null"))


async def judged_now(conn: Connection, message: UUID, rules: Rules) -> Record | None:
    """Judge *message* by *rules* at the database's time; None without a row. Writes nothing."""
    judge = Judge(rules)
    async with conn.transaction(readonly=True):
        now: datetime = await conn.fetchval("SELECT now()")
        facts = (await read_facts(conn, [message], judge.memory)).get(message)
        if facts is None:
            return None
        within = await within_tier(conn, judge, now, rules.tier)
    record: Record = json.loads(
        json.dumps(grounds.record(facts, rules, now, within(facts)), ensure_ascii=False)
    )
    return record
