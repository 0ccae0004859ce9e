"""Opt-outs. To be replaced whole: this one only suppresses the number."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("consent.sql")


@dataclass(frozen=True)
class OptOut:
    """Who wants no more texts, since when, and how we know."""

    phone: str
    at: datetime
    source: str
    inbound_id: UUID | None = None
    attempt_id: int | None = None


@dataclass(frozen=True)
class OptedOut:
    """What followed."""

    new: bool
    cancelled: list[tuple[UUID, UUID | None]] = field(default_factory=list)


async def opt_out(conn: Connection, out: OptOut) -> OptedOut:
    """Suppress the number, in the caller's transaction."""
    new = await conn.fetchval(SQL["suppress"], out.phone, out.source, out.at)
    return OptedOut(new is not None)
