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


async def beat(conn: Connection, process: int) -> None:
    """Give a sign of life, by the database's clock."""
    await conn.execute(SQL["beat"], process)


async def leave(conn: Connection, process: int) -> None:
    """Write down that this process stopped in good order."""
    await conn.execute(SQL["leave"], process)


async def today(conn: Connection, zone: str) -> Day:
    """Return the account's day by the database's clock."""
    row = await conn.fetchrow(SQL["day"], zone)
    assert row  # noqa: S101  # a SELECT without FROM has one row
    return Day(row["day"], row["next"])


async def turn_campaigns(conn: Connection, quiet: timedelta) -> Turned:
    """Move campaigns on, each by one guarded UPDATE that any process may make.

    A campaign is finished when every text of it has been terminal for *quiet*.
    """
    started = await conn.fetch(SQL["start_campaigns"])
    reopened = await conn.fetch(SQL["reopen_campaigns"])
    await conn.execute(SQL["drain_campaigns"])
    finished = await conn.fetch(SQL["finish_campaigns"], quiet)
    return Turned(*([r["id"] for r in rows] for rows in (started, reopened, finished)))
