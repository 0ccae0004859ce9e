"""Takes back what dead processes held, as the leader, in one short transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from dispatcher.core.alerts import Alert
from dispatcher.store import alerts, settling, sql
from dispatcher.store.alerts import Changed
from dispatcher.store.database import Connection
from dispatcher.store.leases import Lead, must_lead

SQL = sql.load("reaping.sql")

POISON_AFTER = 3
LOST_AFTER = timedelta(minutes=15)
"""Longer than any request: a process that lives and is still silent has lost the attempt."""

LOST_SENTENCE = "The process that sent it was lost: whether it was sent is not known."


@dataclass
class Reaped:
    """*returned* rows were surely unsent, *unknown* attempts may have been sent."""

    returned: int = 0
    unknown: int = 0
    held: int = 0
    poisoned: Sequence[tuple[UUID, UUID | None]] = ()
    alerts: Changed = field(default_factory=lambda: Changed((), ()))

    def __bool__(self) -> bool:
        return bool(self.returned or self.unknown or self.held or self.poisoned)


async def reap(conn: Connection, lead: Lead, dead_after: timedelta) -> Reaped:
    """Take back what processes without a heartbeat for *dead_after* held."""
    async with conn.transaction():
        await must_lead(conn, lead)
        done = Reaped(unknown=await _doubt(conn, dead_after))
        await _take_back(conn, dead_after, done)
        done.held = len(await conn.fetch(SQL["hold_strange"]))
    return done


async def _take_back(conn: Connection, dead_after: timedelta, done: Reaped) -> None:
    ids = [r["id"] for r in await conn.fetch(SQL["unopened"], dead_after)]
    if not ids:
        return
    poisoned = await conn.fetch(SQL["poison"], ids, POISON_AFTER)
    done.poisoned = [(r["id"], r["campaign_id"]) for r in poisoned]
    if done.poisoned:
        set_aside = [Alert("message_poison", str(message)) for message, _ in done.poisoned]
        done.alerts = await alerts.raise_all(conn, set_aside)
    done.returned = len(await conn.fetch(SQL["give_back"], ids))


async def _doubt(conn: Connection, dead_after: timedelta) -> int:
    rows = await conn.fetch(SQL["opened"], dead_after, LOST_AFTER)
    if not rows:
        return 0
    # The rows before the ledger, as a settle does, or the two could wait for each other.
    await conn.execute(settling.SQL["lock_rows"], [r["message_id"] for r in rows])
    doubted = await conn.fetch(SQL["doubt"], [r["id"] for r in rows], LOST_SENTENCE)
    return len(doubted)
