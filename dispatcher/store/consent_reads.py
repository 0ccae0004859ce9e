"""Compares RingCentral's list of opt-outs with ours, and takes over what it alone knows."""

from collections.abc import Mapping
from datetime import datetime, timedelta

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


async def news(conn: Connection, found: Mapping[str, datetime]) -> list[OptOut]:
    """Return those of *found*, numbers and when they opted out, that we don't know of."""
    rows = await conn.fetch(SQL["news"], list(found), list(found.values()))
    return [OptOut(r["phone"], r["at"], RINGCENTRAL) for r in rows]


async def adopt(conn: Connection, lead: Lead, asked: OptOut) -> OptedOut:
    """Make it ours, as the leader."""
    async with conn.transaction():
        await must_lead(conn, lead)
        return await consent.opt_out(conn, asked)


async def note(
    conn: Connection, lead: Lead, found: Mapping[str, datetime], adopted: int
) -> int:
    """Note that the list was read; return how many opted out with us alone."""
    async with conn.transaction():
        await must_lead(conn, lead)
        only_ours: int = await conn.fetchval(
            SQL["read"], lead.login, len(found), adopted, list(found)
        )
    return only_ours
