"""The lease by which one process of a login leads: what need not be done by each."""

from dataclasses import dataclass
from datetime import timedelta

from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("leases.sql")


@dataclass(frozen=True)
class Lead:
    """The lead of *login*'s processes. Each write of a leader names the *fence*."""

    login: str
    fence: int

    @property
    def name(self) -> str:
        """What the lease is called in the database."""
        return _name(self.login)


class DeposedError(Exception):
    """Another process leads now: what was about to be written is not."""


async def lead(conn: Connection, login: str, process: int, lasts: timedelta) -> Lead | None:
    """Take or renew the lead of *login*; None while another process leads."""
    fence: int | None = await conn.fetchval(SQL["lead"], _name(login), process, lasts)
    return None if fence is None else Lead(login, fence)


async def must_lead(conn: Connection, lead: Lead) -> None:
    """Raise DeposedError unless *lead* stands; call it first in a transaction that writes."""
    if await conn.fetchval(SQL["leads"], lead.name, lead.fence) is None:
        raise DeposedError


async def resign(conn: Connection, process: int, lead: Lead) -> None:
    """Let the next one lead at once."""
    await conn.execute(SQL["resign"], lead.name, lead.fence, process)


def _name(login: str) -> str:
    return f"leader of {login}"
