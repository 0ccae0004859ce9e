"""The shelf in PostgreSQL where the processes of a login keep the token that they share."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from dispatcher.ports import LoginUnreachableError, Shelved
from dispatcher.store import sql
from dispatcher.store.database import Connection
from dispatcher.store.pool import Database, DatabaseLostError

P = ParamSpec("P")
R = TypeVar("R")

SQL = sql.load("logins.sql")


class LoginShelf:
    """The Shelf port for one login. None of its calls lasts while RingCentral is asked."""

    def __init__(self, database: Database, login: str) -> None:
        self._database = database
        self._login = login

    async def look(self, no_good: int, lease: float, mark: bytes) -> Shelved:
        return await self._run(_look, self._login, no_good, timedelta(seconds=lease), mark)

    async def keep(
        self, turn: datetime, sealed: bytes, *, age: float, renew: float, life: float
    ) -> int | None:
        times = (timedelta(seconds=each) for each in (age, renew, life))
        kept = await self._run(_value, SQL["keep"], self._login, turn, sealed, *times)
        return int(kept) if kept is not None else None

    async def rest(self, turn: datetime, seconds: float, code: str | None, mark: bytes) -> None:
        wait, refused = timedelta(seconds=seconds), mark if code else None
        await self._run(_value, SQL["rest"], self._login, turn, wait, code, refused)

    async def _run(
        self,
        work: Callable[Concatenate[Connection, P], Awaitable[R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        try:
            return await self._database.run(work, *args, **kwargs)
        except DatabaseLostError:
            raise LoginUnreachableError(
                "The token is shared through the database, which does not answer."
            ) from None


async def _look(
    conn: Connection, login: str, no_good: int, lease: timedelta, mark: bytes
) -> Shelved:
    await conn.execute(SQL["make"], login)
    turn = await conn.fetchval(SQL["take_turn"], login, no_good, lease, mark)
    row = await conn.fetchrow(SQL["look"], login, mark)
    assert row  # noqa: S101  # it was made, and nobody deletes one
    return Shelved(**row, turn=turn)


async def _value(conn: Connection, query: str, *args: object) -> Any:  # noqa: ANN401 - as asyncpg
    return await conn.fetchval(query, *args)
