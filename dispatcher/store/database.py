"""A connection to PostgreSQL for one command, and PostgreSQL's errors as sentences."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeAlias
from urllib.parse import urlsplit

import asyncpg

from dispatcher.core.errors import DispatcherError

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

OLDEST_SERVER = 15
CONNECT_SECONDS = 10.0

LOST = (
    asyncpg.InterfaceError,
    # Also what asyncpg says between a stopping server's last word and the end of the line.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    OSError,
    TimeoutError,
)

REFUSED = (
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,  # a wrong password too
    asyncpg.InsufficientPrivilegeError,  # to connect to this database
)

# Undone by the server, because of what others did meanwhile.
CROSSED = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.ForeignKeyViolationError,  # the host deleted a person between two of our statements
)

NOT_MIGRATED = (
    asyncpg.InvalidSchemaNameError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.UndefinedTableError,
)


_CUT = "The connection to the database was lost"
_WHY_LOST = (
    (asyncpg.DiskFullError, "The database's disk is full"),
    (asyncpg.InsufficientResourcesError, "The database lacks memory or connections"),
    (
        asyncpg.ReadOnlySQLTransactionError,
        "The database takes no writes: it is a standby or read-only",
    ),
    (
        asyncpg.OperatorInterventionError,
        "The database is being stopped, or ended our statement",
    ),
    (asyncpg.PostgresSystemError, "The database's disk or files fail"),
    (CROSSED, "Another transaction was in the way"),
)


class DatabaseError(DispatcherError):
    """PostgreSQL cannot be reached, or does not do what it was asked."""


@asynccontextmanager
async def connection(
    dsn: str, *, notice: Callable[[str], None] | None = None
) -> AsyncIterator[Connection]:
    """Open a connection for one command; what PostgreSQL refuses leaves as DatabaseError.

    *notice* is called with each notice and warning that our own SQL raises.
    """
    try:
        conn = await asyncpg.connect(
            dsn,
            timeout=CONNECT_SECONDS,
            statement_cache_size=0,  # a pooler in transaction mode loses prepared statements
            server_settings={"application_name": "sms-dispatcher"},
        )
    except (asyncpg.PostgresError, ValueError, OverflowError, *LOST) as error:
        raise DatabaseError(_why_not_connected(error, place(dsn))) from None
    try:
        if notice:
            conn.add_log_listener(lambda _, message: _pass_on(message, notice))
        _check_server(conn, place(dsn))
        yield conn
    except (asyncpg.PostgresError, *LOST) as error:
        raise DatabaseError(_why_failed(error, place(dsn))) from None
    finally:
        await _close(conn)


def place(dsn: str) -> str:
    """Return where *dsn* points, for people: without user, password and options."""
    try:
        parts = urlsplit(dsn)
    except ValueError:
        return "the given address"
    if "@" in parts.path + parts.query + parts.fragment:
        return "the given address"  # a password with a / in it: its end must not be shown
    return parts.netloc.rpartition("@")[2] or "the local socket"


def why_awaited(error: Exception, dsn: str) -> str:
    """Say why the database of *dsn* is waited for, and whether somebody must mend that."""
    # A port right after an address would pass for a telephone number, and be masked.
    where = re.sub(r"(?<=[\w\]]):(?=\d+(,|$))", " port ", place(dsn))
    refused = isinstance(error, REFUSED)
    mend = " Waiting alone does not mend that; once it is mended, we go on."
    return _why_not_connected(error, where) + (mend if refused else "")


def why_lost(error: Exception) -> str:
    """Say why a statement of the daemon's must be tried again."""
    why = next((why for kinds, why in _WHY_LOST if isinstance(error, kinds)), _CUT)
    return f"{why}: {type(error).__name__}."


def _check_server(conn: Connection, where: str) -> None:
    version = conn.get_server_version()
    if version.major < OLDEST_SERVER:
        raise DatabaseError(
            f"PostgreSQL {version.major}.{version.minor} at {where} is too old: "
            f"{OLDEST_SERVER} or newer is needed."
        )
    encoding = conn.get_settings().server_encoding
    if encoding != "UTF8":
        raise DatabaseError(
            f"The database's encoding is {encoding}: texts need one in UTF8 "
            "(CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0)."
        )


async def _close(conn: Connection) -> None:
    try:
        await conn.close(timeout=CONNECT_SECONDS)
    except (asyncpg.PostgresError, *LOST):
        conn.terminate()  # a stopped server answers no goodbye


def _pass_on(message: asyncpg.PostgresLogMessage, notice: Callable[[str], None]) -> None:
    # PostgreSQL's own remarks carry a code of their own, RAISE NOTICE and WARNING these two.
    if message.sqlstate in {"00000", "01000"}:
        notice(message.message or "")


def _why_not_connected(error: Exception, where: str) -> str:
    match error:
        case asyncpg.InvalidCatalogNameError():
            why = f"PostgreSQL at {where} has no such database: {error}. Create it first."
        case asyncpg.InvalidAuthorizationSpecificationError():
            why = f"PostgreSQL at {where} lets nobody in with this user and password."
        case asyncpg.CannotConnectNowError() | asyncpg.TooManyConnectionsError():
            why = f"PostgreSQL at {where} takes no connection now: {error}. Try again."
        case asyncpg.TargetServerAttributeNotMatched():
            why = f"PostgreSQL at {where} takes no writes: a standby, or read-only. Try again."
        case asyncpg.PostgresError():
            why = f"PostgreSQL at {where} refuses the connection: {error}."
        case ValueError() | OverflowError():  # a port beyond 65535 is an overflow
            why = (
                "The database's address is not understood: it must look like "
                "postgresql://user:password@host:5432/name."
            )
        case _:
            why = f"No PostgreSQL answers at {where}: is it running, is the address right?"
    return why


def _why_failed(error: Exception, where: str) -> str:
    match error:
        case asyncpg.InsufficientPrivilegeError():
            return (
                f"The database's role lacks a right: {error.message}. "
                "Use the role that owns the tables, or grant it the right."
            )
        case asyncpg.LockNotAvailableError() | asyncpg.DeadlockDetectedError():
            return (
                "Another transaction holds a table that is needed: try again when the "
                "application is quiet, or wait longer with --lock-timeout."
            )
        case asyncpg.QueryCanceledError():
            return f"PostgreSQL at {where} ended our statement: {_first_line(error)}."
        case asyncpg.PostgresConnectionError() | asyncpg.OperatorInterventionError():
            return f"PostgreSQL at {where} closed the connection: {_first_line(error)}."
        case asyncpg.PostgresError():
            return _refused(error)
        case _:
            return f"The connection to PostgreSQL at {where} was lost."


def _refused(error: asyncpg.PostgresError) -> str:
    if isinstance(error, asyncpg.DataError) and error.severity is None:
        # asyncpg's own, which repeats what was given: a number, or somebody's words.
        return "What was given cannot be stored: it must be text in UTF-8."
    return f"PostgreSQL refused: {_first_line(error)}.{_remedy(error)}"


def _remedy(error: Exception) -> str:
    return " Run sms-dispatcher migrate first." if isinstance(error, NOT_MIGRATED) else ""


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")
