"""What came after a campaign's texts were accepted, for who looks on and for the reckoning."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from dispatcher.core.aftermath import Ending, Ours, Stored
from dispatcher.store import sql
from dispatcher.store.database import Connection
from dispatcher.store.progress import Failure

SQL = sql.load("aftermath.sql")


@dataclass(frozen=True)
class Aftermath:
    """What became of the accepted, and what people wrote, at one moment.

    Accepted texts are *delivered*, *failed*, *awaited* (no final word yet) or *open* (a carrier
    says that it does not know); *spared* were cancelled, because their person opted out.
    *texts_in* came from so many who *replied*; *to_read* of them need a person, *undone* ask
    for something that is not done yet. *answers_left* are ours and still to leave,
    *stop_seconds* is the longest that a STOP took to be heeded.
    """

    delivered: int = 0
    failed: int = 0
    awaited: int = 0
    open: int = 0
    spared: int = 0
    texts_in: int = 0
    replied: int = 0
    to_read: int = 0
    undone: int = 0
    stop_seconds: float | None = None
    opted_out: int = 0
    answers_left: int = 0

    @property
    def settled(self) -> bool:
        """Whether nothing is awaited any more of what has been accepted and stored."""
        return not (self.awaited or self.undone or self.answers_left)


async def aftermath(conn: Connection, campaign: UUID, login: str) -> Aftermath:
    row = await conn.fetchrow(SQL["aftermath"], campaign, login)
    assert row  # noqa: S101  # an aggregate is always a row
    return Aftermath(**row)


async def line(conn: Connection, campaign: UUID) -> list[str]:
    """Return who is still to be texted, in the order of their turns."""
    return [row["phone"] for row in await conn.fetch(SQL["line"], campaign)]


async def failures(conn: Connection, campaign: UUID) -> list[Failure]:
    return [Failure(**row) for row in await conn.fetch(SQL["failures"], campaign)]


async def ours(conn: Connection, campaign: UUID, login: str, unknown: Collection[str]) -> Ours:
    """Return our record; the fate of texts to *unknown* is not known."""
    endings = await conn.fetch(SQL["endings"], campaign)
    stored = await conn.fetch(SQL["stored"], login)
    opted_out = await conn.fetch(SQL["opted_out"])
    return Ours(
        [Ending(r["provider_id"], r["phone"], r["word"], r["code"]) for r in endings],
        {r["provider_id"]: r["cents"] for r in endings},
        [Stored(**row) for row in stored],
        {row["phone"] for row in opted_out},
        unknown,
    )
