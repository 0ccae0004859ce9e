"""Shelves in PostgreSQL, for whose rows a test can let time pass."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dispatcher.store.database import Connection
from dispatcher.store.logins import LoginShelf
from dispatcher.store.pool import Database

_numbers = itertools.count(1)

_TIMES = ("issued_at", "renew_at", "expires_at", "renewing_until", "refused_until")
_AGE = (
    "UPDATE newsletter.sms_logins SET "
    + "".join(f"{each} = {each} - make_interval(secs => $2), " for each in _TIMES)
    + "asked_at = ARRAY(SELECT a - make_interval(secs => $2) FROM unnest(asked_at) AS a)"
    " WHERE login = $1"
)


class DatedShelf(LoginShelf):
    """The program's own; *age* does what waiting would."""

    async def age(self, seconds: float) -> None:
        await self._database.run(_age, self._login, seconds)


@asynccontextmanager
async def pool(dsn: str, size: int = 4) -> AsyncIterator[Database]:
    """Open a pool of the daemon's own role."""
    database = Database(
        dsn.replace("owner@", "app_daemon@"), size=size, seconds=10, statement_cache=100
    )
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def new_shelf(database: Database) -> DatedShelf:
    """Return one of a login of its own."""
    return DatedShelf(database, f"login-{next(_numbers)}")


async def _age(conn: Connection, login: str, seconds: float) -> None:
    await conn.execute(_AGE, login, seconds)
