"""What RingCentral's own list of opt-outs is yet to be told, and what it knows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from dispatcher.core.consents import Standing, Word, to_tell
from dispatcher.store import sql
from dispatcher.store.database import Connection
from dispatcher.store.leases import Lead, must_lead

SQL = sql.load("consents_told.sql")

AFTER_REFUSAL = timedelta(days=1)
AT_ONCE = 10_000
"""Earlier opt-outs that are noted with one commit."""


@dataclass(frozen=True)
class Due:
    """Whether a number of ours is new, and whether there is anything to tell."""

    new_numbers: bool
    stale: bool


@dataclass(frozen=True)
class Told:
    """What came of telling of a number; *word* is None if there was nothing to tell."""

    phone: str = field(repr=False)
    changes: int
    word: Word | None
    code: str | None = None


async def due(conn: Connection, login: str) -> Due:
    row = await conn.fetchrow(SQL["due"], login)
    assert row  # noqa: S101  # a SELECT without FROM has one row
    return Due(**dict(row))


async def new_numbers(conn: Connection, login: str) -> list[str]:
    """Return the numbers of ours for which earlier opt-outs were not told."""
    return [r["number"] for r in await conn.fetch(SQL["new_numbers"], login)]


async def note_earlier(conn: Connection, lead: Lead, after: str) -> str | None:
    """Note the next of all who ever opted out; return the last number, None after the end."""
    async with conn.transaction():
        await must_lead(conn, lead)
        last: str | None = await conn.fetchval(SQL["note_earlier"], lead.login, after, AT_ONCE)
    return last


async def noted_earlier(conn: Connection, lead: Lead, numbers: Sequence[str]) -> None:
    """Note that all who opted out are to be told for *numbers* too."""
    async with conn.transaction():
        await must_lead(conn, lead)
        await conn.execute(SQL["noted_earlier"], lead.login, numbers)


async def take(conn: Connection, lead: Lead, most: int) -> list[Standing]:
    """Return the next numbers to tell of, after writing down what RingCentral may know then."""
    async with conn.transaction():
        await must_lead(conn, lead)
        phones = [r["phone"] for r in await conn.fetch(SQL["hold"], lead.login, most)]
        if not phones:
            return []
        rows = await conn.fetch(SQL["standing"], lead.login, phones)
        found = [Standing(**dict(r)) for r in rows]
        out = [each.phone for each in found if to_tell(each) is Word.OPT_OUT]
        await conn.execute(SQL["may_know"], lead.login, out)
    return found


async def note(conn: Connection, lead: Lead, told: Sequence[Told]) -> None:
    """Note what came of it; a number that has changed meanwhile stays to be told."""
    async with conn.transaction():
        await must_lead(conn, lead)
        await conn.execute(
            SQL["note"],
            lead.login,
            [t.phone for t in told],
            [t.changes for t in told],
            [t.word for t in told],
            [t.code for t in told],
            AFTER_REFUSAL,
        )
