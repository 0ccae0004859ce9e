"""The running processes, the account's day, and the campaigns' way from SCHEDULED to SENT."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("processes.sql")


@dataclass(frozen=True)
class Day:
    """The account's day, and when the next one begins."""

    day: date
    next: datetime


@dataclass(frozen=True)
class Turned:
    """Campaigns that began, went on, or were finished."""

    started: list[UUID]
    reopened: list[UUID]
    finished: list[UUID]


async def register(conn: Connection, host: str, pid: int, version: str) -> int:
    """Write down that this process runs; return its number."""
    number: int = await conn.fetchval(SQL["register"], host, pid, version)
    return number


async def beat(conn: Connection, process: int, zone: str, day_budget: int) -> Day:
    """Give a sign of life, by the database's clock; return the account's day in *zone*.

    The day's row is brought to *day_budget*, in cents, so that a raised one lets texts go on.
    """
    row = await conn.fetchrow(SQL["beat"], process, zone, day_budget)
    assert row  # noqa: S101  # there is a day
    return Day(row["day"], row["next"])


async def leave(conn: Connection, process: int) -> None:
    """Write down that this process stopped in good order."""
    await conn.execute(SQL["leave"], process)


async def turn_campaigns(conn: Connection, quiet: timedelta) -> Turned:
    """Move campaigns on by one guarded UPDATE that any process may make.

    A campaign is finished when every text of it has been terminal for *quiet*.
    """
    rows = await conn.fetch(SQL["turn_campaigns"], quiet)
    by_turn = {
        turn: [r["id"] for r in rows if r["turn"] == turn]
        for turn in ("started", "reopened", "finished")
    }
    return Turned(**by_turn)
