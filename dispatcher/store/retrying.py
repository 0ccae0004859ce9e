"""Puts definite failures back into the line, when a person says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from dispatcher.core.message import Category
from dispatcher.core.reason import FAILURES
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("retrying.sql")


@dataclass(frozen=True)
class Which:
    """Failures with a reason, or with a code of RingCentral's, of one campaign or of all."""

    reason: str
    campaign: UUID | None
    lifetime: Mapping[Category, timedelta]

    def values(self) -> tuple[object, ...]:
        """Return what both queries take."""
        categories = [category.value for category in self.lifetime]
        failures = [reason.value for reason in FAILURES]
        return failures, self.reason, self.campaign, categories, list(self.lifetime.values())


@dataclass(frozen=True)
class Retryable:
    """*ready* go back; *late* are past their end, *over* their campaign, *gone* maybe sent."""

    ready: int
    gone: int
    late: int
    over: int


async def look(conn: Connection, which: Which) -> Retryable:
    """Count the failures that were asked for."""
    row = await conn.fetchrow(SQL["retryable"], *which.values())
    assert row  # noqa: S101  # an aggregate has one row
    return Retryable(**row)


async def retry(conn: Connection, which: Which) -> int:
    """Put the ready ones back, with fresh attempts; return how many."""
    done: str = await conn.execute(SQL["retry"], *which.values())
    return int(done.rpartition(" ")[2])
