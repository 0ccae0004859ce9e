"""Texts of unknown fate: what is known of them, and what a person decides."""

from datetime import datetime
from uuid import UUID

from dispatcher.core.fate import AT_ONCE, Failed, Fate, PutBack, Sent
from dispatcher.core.message import Category
from dispatcher.core.reason import Reason
from dispatcher.core.unknown import LOOKS, Choice, Ruling, Unknown
from dispatcher.store import settling, sql
from dispatcher.store.database import Connection
from dispatcher.store.pool import durable
from dispatcher.store.settling import Decision, Key, Settlement

SQL = sql.load("unknown.sql")

# The ledger's word for the outcome, its word for the decision, and what becomes of the row.
_MEANS: dict[Choice, tuple[str, str, Fate]] = {
    Choice.SENT: ("accepted", "sent", Sent(None)),
    Choice.FAILED: ("absent", "failed", Failed(Reason.CANCELLED_BY_PERSON)),
    Choice.RESEND: ("absent", "resent", PutBack(AT_ONCE, Reason.RETRY)),
}
_SENTENCE = "A person decided what became of it."


async def look(
    conn: Connection, message: UUID | None = None, attempt: int | None = None
) -> list[Unknown]:
    """Return the unknown texts, the oldest first; all, or those of one message or attempt."""
    rows = await conn.fetch(SQL["unknown"], message, attempt)
    return [Unknown(**(dict(r) | {"category": Category(r["category"])})) for r in rows]


async def now(conn: Connection) -> datetime:
    """Return what time it is to the database."""
    moment: datetime = await conn.fetchval(SQL["now"])
    return moment


async def who(conn: Connection) -> str:
    """Return the role that the database knows us by."""
    role: str = await conn.fetchval(SQL["who"])
    return role


async def resolve(conn: Connection, unknown: Unknown, ruling: Ruling) -> bool:
    """Write the *ruling*, with the money; return False if somebody was quicker."""
    if unknown.attempt is None:
        said = f"{ruling.choice}, says {ruling.by}: {ruling.why}"
        sent = ruling.choice is Choice.SENT
        return bool(await conn.fetchval(SQL["end_strange"], unknown.message, sent, said))
    async with durable(conn):
        row = await conn.fetchrow(SQL["key"], unknown.attempt)
        if row is None:
            return False
        key = Key(unknown.attempt, **dict(row))
        if not await _hold_fast(conn, key, ruling):
            return False
        outcome, word, fate = _MEANS[ruling.choice]
        decision = Decision(word, ruling.by, ruling.why)
        settlement = Settlement(key, outcome, None, _SENTENCE, fate, decision)
        done = await settling.settle_within(conn, [settlement])
    return not done.stale


async def _hold_fast(conn: Connection, key: Key, ruling: Ruling) -> bool:
    """Lock all that a settle locks, in its order, then see that it is still to be decided.

    Settling what another has settled would be taken for a late answer of RingCentral's.
    """
    lock = settling.SQL
    await conn.execute(lock["lock_parents"], [key.campaign] if key.campaign else [])
    await conn.execute(lock["lock_people"], [key.person] if key.person else [])
    await conn.execute(lock["lock_rows"], [key.message])
    again = ruling.choice is Choice.RESEND
    looks = LOOKS if again and not ruling.unsearched else 0
    return await conn.fetchval(SQL["hold_fast"], key.attempt, again, looks) is not None
