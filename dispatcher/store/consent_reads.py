"""Compares RingCentral's list of opt-outs with ours, and takes over what it alone knows."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from dispatcher.core.consents import Consent
from dispatcher.store import consent, sql
from dispatcher.store.consent import OptedOut, OptOut
from dispatcher.store.database import Connection
from dispatcher.store.leases import Lead, must_lead

SQL = sql.load("consent_reads.sql")

RINGCENTRAL = "ringcentral"  # where we know it from


async def due(conn: Connection, login: str, after: timedelta) -> bool:
    """Say whether the list was last read so long ago."""
    is_due: bool = await conn.fetchval(SQL["due"], login, after)
    return is_due


async def senders(conn: Connection, login: str) -> list[str]:
    """Return every number of ours, also those that may not send now."""
    return [r["number"] for r in await conn.fetch(SQL["senders"], login)]


async def news(conn: Connection, found: Sequence[Consent]) -> list[OptOut]:
    """Return those of *found* that we don't know of; what we told ourselves is no news."""
    rows = await conn.fetch(
        SQL["news"], [c.phone for c in found], [c.at for c in found], [c.by_api for c in found]
    )
    return [OptOut(r["phone"], r["at"], RINGCENTRAL) for r in rows]


async def adopt(conn: Connection, lead: Lead, asked: OptOut) -> OptedOut:
    """Make it ours, as the leader."""
    async with conn.transaction():
        await must_lead(conn, lead)
        return await consent.opt_out(conn, asked)


async def note(conn: Connection, lead: Lead, found: Collection[str], adopted: int) -> int:
    """Note that the list was read; return how many opted out with us alone."""
    async with conn.transaction():
        await must_lead(conn, lead)
        only_ours: int = await conn.fetchval(
            SQL["read"], lead.login, len(found), adopted, list(found)
        )
    return only_ours
