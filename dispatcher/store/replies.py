"""What people wrote: for a person to read, and to decide on where we can't."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from dispatcher.store import consent, sql
from dispatcher.store.consent import OptOut
from dispatcher.store.database import Connection

SQL = sql.load("replies.sql")

PERSON = "person"  # where we know it from
OPT_OUT, NONE = "opt_out", "none"


@dataclass(frozen=True)
class Written:
    """A text to us; *campaign* is the name of the one that it most likely answers."""

    id: UUID
    written_at: datetime
    phone: str = field(repr=False)
    sender: str = field(repr=False)
    campaign: str | None
    verdict: str
    why: str
    text: str = field(repr=False)
    read_back_at: datetime | None
    handled_at: datetime | None
    decision: str | None
    decided_by: str | None

    @property
    def waits(self) -> bool:
        """Whether a person is to decide on it."""
        return self.verdict == "unclear" and self.handled_at is None


async def look(
    conn: Connection, most: int, *, unclear: bool = False, only: UUID | None = None
) -> list[Written]:
    """Return the newest *most* texts, or only what is *unclear*, or *only* one."""
    return [Written(**dict(r)) for r in await conn.fetch(SQL["look"], unclear, only, most)]


async def waiting(conn: Connection) -> int:
    """Count the texts that wait for a person."""
    count: int = await conn.fetchval(SQL["waiting"])
    return count


async def decide(conn: Connection, text: UUID, decision: str, by: str, why: str) -> int | None:
    """Write the decision, and opt out if it says so; return how many texts that cancelled.

    None: it does not wait for a decision, or somebody was quicker.
    """
    async with conn.transaction():
        row = await conn.fetchrow(SQL["decide"], text, decision, by, why)
        if row is None:
            return None
        if decision == NONE or row["phone"] is None:
            return 0
        asked = OptOut(
            row["phone"], row["written_at"], PERSON, text, row["attempt_id"], by, why
        )
        return len((await consent.opt_out(conn, asked)).cancelled)
