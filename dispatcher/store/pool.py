"""The daemon's connections: every await on the database has a time-out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Concatenate, ParamSpec, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from dispatcher.core.errors import DispatcherError
from dispatcher.ports import NO_FAILPOINTS, Failpoints
from dispatcher.store import commits, hosts, sql
from dispatcher.store.database import CROSSED, LOST, REFUSED, Connection, why_awaited, why_lost

SQL = sql.load("pool.sql")

FROZEN_AFTER = timedelta(seconds=5)
RELEASE_SECONDS = 2.0
GOODBYE_SECONDS = 1.0

P = ParamSpec("P")
R = TypeVar("R")

# What the other connections of the pool are about to find out too.
GONE = (
    *LOST,
    asyncpg.OperatorInterventionError,  # it is being stopped, or somebody ended our statement
    asyncpg.ReadOnlySQLTransactionError,  # the other side of a failover
)
PASSING = (
    *GONE,
    asyncpg.InsufficientResourcesError,  # a full disk, no connection left, no memory
    asyncpg.PostgresSystemError,  # a disk that fails, a file that is not there
    *CROSSED,
)


# A plan made for an empty queue is kept, and must not read or sort all of the full one: every
# statement of ours has its index. (Before PostgreSQL 18 a forbidden scan of a small table looks
# so dear that it would be compiled.) A process that freezes inside a transaction must not hold
# its locks, and with them all the others.
SET_UP = """
SET synchronous_commit = on;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET jit = off;
SET idle_in_transaction_session_timeout = '5s'
"""
# What a connection prepared is not there any more, or another's statement stands in its place.
_MIXED_UP = (
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.DuplicatePreparedStatementError,
    asyncpg.ProtocolViolationError,
)


class PoolerError(DispatcherError):
    """A pooler in transaction mode mixes up the prepared statements of its clients."""


class DatabaseLostError(DispatcherError):
    """The database is away, or too slow; what was asked may or may not have been done."""


class CrossedError(DatabaseLostError):
    """The database is there: it undid what was asked, because of what others did meanwhile."""


class DatabaseRefusedError(DatabaseLostError):
    """The server answers and lets us not in: somebody has to mend that."""


class Database:
    """Runs the store's functions on pooled connections."""

    def __init__(
        self,
        dsn: str,
        *,
        size: int,
        seconds: float,
        statement_cache: int,
        failpoints: Failpoints = NO_FAILPOINTS,
    ) -> None:
        self.dsn = dsn
        self._failpoints = failpoints
        self._seconds = seconds
        self._size = size
        self._statement_cache = statement_cache
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None

    @property
    def in_use(self) -> int:
        """How many connections are at work."""
        return self._pool.get_size() - self._pool.get_idle_size() if self._pool else 0

    async def open(self) -> None:
        """Make the pool; raises DatabaseLostError if the database does not answer."""
        try:
            self._pool = await asyncpg.create_pool(
                self.dsn,
                init_size=1,
                min_size=0,
                max_size=self._size,
                connection_class=commits.watched(self._failpoints),
                command_timeout=self._seconds,
                timeout=self._seconds,
                connect=hosts.connect,
                statement_cache_size=self._statement_cache,
                init=_set_up,
                reset=_leave_as_is,  # we leave no state behind, and it costs a statement each
                server_settings={"application_name": "sms-dispatcher"},
            )
        except (asyncpg.PostgresError, *LOST) as error:
            raise self._awaited(error) from None

    def _awaited(self, error: Exception) -> DatabaseLostError:
        kind = DatabaseRefusedError if isinstance(error, REFUSED) else DatabaseLostError
        return kind(why_awaited(error, self.dsn))

    async def close(self) -> None:
        """Close the pool; a database that does not answer is left alone."""
        if not self._pool:
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._pool.close()
        except (asyncpg.PostgresError, *LOST):
            self._pool.terminate()

    async def run(
        self,
        work: Callable[Concatenate[Connection, P], Awaitable[R]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R:
        """Run *work* on a connection; what passes by itself leaves as DatabaseLostError."""
        commits.work.set(f"{work.__module__.rpartition('.')[2]}.{work.__name__}")
        try:
            async with self._connection(self._seconds) as conn:
                return await work(conn, *args, **kwargs)
        except _MIXED_UP as error:
            if error.severity == "FATAL":  # a pooler hangs up, with 08P01 for nearly any reason
                raise await self._away(error) from None
            raise PoolerError(
                "A pooler in transaction mode mixes up prepared statements: "
                "set statement_cache_size to 0."
            ) from None
        except TimeoutError:
            await self._drop_idle()
            await self._release_frozen()
            raise DatabaseLostError("The database is too slow.") from None
        except PASSING as error:
            raise await self._away(error) from None
        except asyncpg.PostgresError as error:
            error.detail = None  # the row, with its number and its text: not for the journal
            if isinstance(error, asyncpg.DataError):
                error.args = ("A value is not of its type.",)  # its own words quote the value
            raise

    async def _away(self, error: Exception) -> DatabaseLostError:
        if isinstance(error, GONE):
            await self._drop_idle()
        kind = CrossedError if isinstance(error, CROSSED) else DatabaseLostError
        return kind(why_lost(error))

    async def _drop_idle(self) -> None:
        """Let go of the connections to a database that is gone.

        Otherwise each half-open one would cost a time-out of its own, and each one to a server
        that became a standby an error.
        """
        with suppress(asyncpg.InterfaceError):  # the pool is being closed
            while self._pool and self._pool.get_idle_size():
                (await self._pool.acquire()).terminate()

    async def _release_frozen(self) -> None:
        """End what may have kept us waiting: the lock of a process that froze holding it."""
        with suppress(DatabaseLostError, asyncpg.PostgresError, *LOST):
            async with self._connection(RELEASE_SECONDS) as conn:
                await conn.execute(SQL["release_frozen"], FROZEN_AFTER)

    @asynccontextmanager
    async def _connection(self, seconds: float) -> AsyncIterator[Connection]:
        """Hand out a connection for so long; soon after that it is torn down.

        Giving up a statement waits for the server's word, and so does the rollback after it: a
        half-open connection says nothing.
        """
        if not self._pool:
            raise asyncpg.InterfaceError("the pool is not open")
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        async with asyncio.timeout_at(until):
            conn = await self._acquire(self._pool)
            end = loop.call_at(until + GOODBYE_SECONDS, conn.terminate)
            try:
                yield conn  # type: ignore[misc]  # the pool's proxy has all of a connection's methods
            except asyncpg.InternalClientError:
                conn.terminate()  # it no longer knows where it stands
                raise
            finally:
                try:
                    await self._pool.release(conn)
                finally:
                    end.cancel()

    async def _acquire(
        self, pool: "asyncpg.Pool[asyncpg.Record]"
    ) -> "PoolConnectionProxy[asyncpg.Record]":
        """Take a connection; whatever is said to who makes one is no word on our statements."""
        try:
            return await pool.acquire()
        except TimeoutError:
            raise
        except (asyncpg.PostgresError, *LOST) as error:
            raise self._awaited(error) from None


@asynccontextmanager
async def durable(conn: Connection) -> AsyncIterator[None]:
    """Begin a transaction that is on disk once it is committed, behind a pooler too.

    There, what `_set_up` set may be another connection's. A commit takes all earlier ones to
    the disk, so it is enough where an attempt is opened and where it is settled.
    """
    async with conn.transaction():
        await conn.execute("SET LOCAL synchronous_commit = on")
        yield


async def _set_up(conn: Connection) -> None:
    # Not at connecting: a pooler refuses unknown start-up parameters.
    try:
        await conn.execute(SET_UP)
    except BaseException:
        conn.terminate()  # asyncpg says goodbye, and waits for an answer
        raise


async def _leave_as_is(_: Connection) -> None:
    pass
