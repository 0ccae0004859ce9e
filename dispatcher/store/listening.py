"""A connection that hears the hints of the queue's trigger."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg

from dispatcher.core.errors import DispatcherError
from dispatcher.store import hosts
from dispatcher.store.database import LOST, Connection
from dispatcher.store.pool import Database, DatabaseLostError

QUEUE = "sms_dispatcher_queue"
RECEIPTS = "sms_dispatcher_receipts"
CHANGES = "sms_dispatcher_changes"
CONSENTS = "sms_dispatcher_consents"
SUBSCRIPTION = "sms_dispatcher_subscription"
TOLD = "sms_dispatcher_told"
ECHO = "sms_dispatcher_echo"
PROBE_SECONDS = 5.0
ECHO_SECONDS = 2.0


class DeafError(DispatcherError):
    """The connection stands, but what it listens for never comes."""

    def __init__(self) -> None:
        super().__init__(
            "No hint arrives: a pooler in transaction mode keeps them. New texts are found by "
            "polling, every poll_seconds. Give database_url PostgreSQL's own port for hints."
        )


@asynccontextmanager
async def listen(
    database: Database, hints: Mapping[str, Callable[[], None]]
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Call the hint of a channel for each of its notifications; yields a probe.

    The probe, and the start, raise DatabaseLostError if the connection is dead: a half-open
    one would be silent for ever. The start raises DeafError if it is alive and hears nothing.
    """
    try:
        conn = await hosts.connect(
            database.dsn,
            timeout=PROBE_SECONDS,
            command_timeout=PROBE_SECONDS,
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
        for channel, hint in hints.items():
            await conn.add_listener(channel, _caller(hint))
        await _hear_ourselves(conn, database)
        yield alive
    except (asyncpg.PostgresError, *LOST):
        raise DatabaseLostError("The listener's connection is dead.") from None
    finally:
        conn.terminate()


def _caller(hint: Callable[[], None]) -> Callable[..., None]:
    return lambda *_: hint()


async def _hear_ourselves(conn: Connection, database: Database) -> None:
    """Raise DeafError unless what another connection says arrives here."""
    word, heard = str(uuid4()), asyncio.Event()

    def listen_for(_: object, _pid: int, _channel: str, said: object) -> None:
        if said == word:  # other processes say theirs
            heard.set()

    await conn.add_listener(ECHO, listen_for)
    await database.run(_say, word)
    try:
        async with asyncio.timeout(ECHO_SECONDS):
            await heard.wait()
    except TimeoutError:
        # The pooler's connection to the server lives on, and would collect what nobody reads.
        await conn.execute("UNLISTEN *")
        raise DeafError from None


async def _say(conn: Connection, word: str) -> None:
    await conn.execute("SELECT pg_notify($1, $2)", ECHO, word)
