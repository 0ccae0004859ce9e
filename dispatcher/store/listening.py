"""A connection that hears the hints of the queue's trigger."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg

from dispatcher.store.database import LOST
from dispatcher.store.pool import Database, DatabaseLostError

CHANNEL = "sms_dispatcher_queue"
PROBE_SECONDS = 5.0


@asynccontextmanager
async def listen(
    database: Database, hint: Callable[[], None]
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Call *hint* for each notification; yields a probe of the connection.

    The probe, and the start, raise DatabaseLostError if the connection is dead: a half-open
    one would be silent for ever.
    """
    try:
        conn = await asyncpg.connect(
            database.dsn,
            timeout=PROBE_SECONDS,
            statement_cache_size=0,
            server_settings={"application_name": "sms-dispatcher listener"},
        )
    except (asyncpg.PostgresError, *LOST):
        raise DatabaseLostError("The database does not answer.") from None

    async def alive() -> None:
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                await conn.execute("SELECT")
        except (asyncpg.PostgresError, *LOST):
            raise DatabaseLostError("The listener's connection is dead.") from None

    try:
        await conn.add_listener(CHANNEL, lambda *_: hint())
        yield alive
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        raise DatabaseLostError("The listener's connection is dead.") from None
    finally:
        conn.terminate()
