"""Adds people whom a file brings, who agreed to texts, to the host's table."""

from collections.abc import Collection, Sequence
from uuid import UUID

import asyncpg

from dispatcher.core.errors import DispatcherError
from dispatcher.core.people_file import Line
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("people.sql")


class TableError(DispatcherError):
    """The host's table of people is not one that we can add to."""


async def hold(conn: Connection) -> None:
    """Let no other import add people until this transaction ends."""
    await conn.execute(SQL["hold"])


async def add(
    conn: Connection,
    new: Sequence[tuple[Line, str]],
    how: Collection[str],
    campaign: UUID | None = None,
) -> dict[str, UUID]:
    """Add the people of *new*, lines and their numbers, each of whom agreed as *how* says.

    Return who was added, by number: the host's own rules may keep some out.
    """
    lines = [line for line, _ in new]
    try:
        rows = await conn.fetch(
            SQL["add"], [phone for _, phone in new],
            [line.first_name for line in lines], [line.last_name for line in lines],
            [line.email for line in lines], [line.zone for line in lines], how, campaign,
        )  # fmt: skip
    except (asyncpg.UndefinedColumnError, asyncpg.NotNullViolationError) as error:
        again = "import without --consent" if campaign else "import the file again"
        raise TableError(
            "The application's table newsletter.subscribers has other columns than we can fill "
            f"({error.message}): add the people there, then {again}."
        ) from None
    return {row["phone"]: row["id"] for row in rows}
