"""What the leader ends: texts that nobody confirms, old receipts, campaigns taken for spam."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from dispatcher.core.alerts import Alert
from dispatcher.store import alerts, sql
from dispatcher.store.alerts import Changed
from dispatcher.store.database import Connection
from dispatcher.store.leases import Lead, must_lead

SQL = sql.load("closing.sql")


async def end_unconfirmed(conn: Connection, lead: Lead, after: timedelta, most: int) -> int:
    """Await no more news of texts that were accepted so long ago; their status stays."""
    return await _each(conn, lead, SQL["end_unconfirmed"], after, most)


async def give_up(conn: Connection, lead: Lead, after: timedelta, most: int) -> int:
    """Take receipts for foreign that have had no attempt of ours for so long."""
    return await _each(conn, lead, SQL["give_up"], after, most)


async def forget(conn: Connection, lead: Lead, after: timedelta, most: int) -> int:
    """Delete receipts that were applied so long ago."""
    return await _each(conn, lead, SQL["forget"], after, most)


async def _each(conn: Connection, lead: Lead, query: str, after: timedelta, most: int) -> int:
    async with conn.transaction():
        await must_lead(conn, lead)
        return len(await conn.fetch(query, after, most))


@dataclass(frozen=True)
class SpamRule:
    """More than *percent* of at least *least* texts."""

    percent: float
    least: int


@dataclass(frozen=True)
class Paused:
    """A campaign that was paused: of its *texts* so many were *filtered*."""

    campaign: UUID
    texts: int
    filtered: int


async def pause_filtered(
    conn: Connection, lead: Lead, rule: SpamRule
) -> tuple[Sequence[Paused], Changed]:
    """Pause the campaigns that carriers take for spam, and raise their alerts."""
    async with conn.transaction():
        await must_lead(conn, lead)
        rows = await conn.fetch(SQL["filtered"], rule.percent, rule.least)
        if not rows:
            return [], Changed((), ())
        paused = {r["id"] for r in await conn.fetch(SQL["pause"], [r["id"] for r in rows])}
        raised = await alerts.raise_all(
            conn, [Alert("spam_filtered", str(each)) for each in sorted(paused)]
        )
    return [
        Paused(r["id"], r["texts"], r["filtered"]) for r in rows if r["id"] in paused
    ], raised
