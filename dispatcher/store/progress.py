"""How far a campaign is, what it waits for, and what its books say."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from dispatcher.core.books import Row
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("progress.sql")


@dataclass(frozen=True)
class Figures:
    """A campaign at one moment: texts by our six words, money in cents, what stops the login.

    Of the *unknown*, *held* wait for a person; *found* were unknown until RingCentral's record
    showed them. *throttled* counts the answers with 429, *blocked_seconds* what is left of the
    last one; *tokens_idle* says that the rate allows more than is asked of it.
    """

    pending: int
    sending: int
    sent: int
    unknown: int
    held: int
    failed: int
    cancelled: int
    budget_cents: int
    spent: Decimal
    reserved: Decimal
    exceeded: bool
    blocked_seconds: float
    needs_probe: bool
    tokens_idle: bool
    throttled: int
    found: int

    @property
    def all(self) -> int:
        return self.left + self.sent + self.unknown + self.failed + self.cancelled

    @property
    def left(self) -> int:
        return self.pending + self.sending

    @property
    def done(self) -> bool:
        """Whether every text is at its end, be it with a person."""
        return bool(self.all) and not self.left and self.unknown == self.held


@dataclass(frozen=True)
class Failure:
    """Texts that were not sent for one reason."""

    code: str
    sentence: str
    texts: int


async def figures(conn: Connection, campaign: UUID, login: str) -> Figures:
    row = await conn.fetchrow(SQL["figures"], campaign, login)
    assert row  # noqa: S101  # an aggregate is always a row
    return Figures(**row)


async def rows(conn: Connection, campaign: UUID) -> list[Row]:
    return [Row(**row) for row in await conn.fetch(SQL["rows"], campaign)]


async def failures(conn: Connection, campaign: UUID) -> list[Failure]:
    return [Failure(**row) for row in await conn.fetch(SQL["failures"], campaign)]
