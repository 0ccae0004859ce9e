"""The numbered files of `schema/`: what is applied, and applying the rest."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable

import asyncpg

from dispatcher.core.migration import Migration, MigrationError, missing
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("migrations.sql")

WAIT_FOR_ANOTHER_SECONDS = 600

# Whatever these say is not about the file that met them: store/database.py has the sentence.
_TOLD_ELSEWHERE = (
    asyncpg.InsufficientPrivilegeError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)


@dataclass(frozen=True)
class Options:
    """What an operator asks of `migrate` beside the missing files.

    *roles* maps a setting of the option files to a role's name. *lock_seconds* bounds the wait
    for each table, not for another `migrate`.
    """

    lock_seconds: float = 5.0
    rename_enum_labels: bool = False
    extras: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One piece of the script, applied whole; *label* names it where something goes wrong."""

    label: str
    sql: str


def available() -> list[Migration]:
    """Return the migrations that ship with this program, in order."""
    names = [
        f.name for f in _schema().iterdir() if f.name[:4].isdigit() and f.name.endswith(".sql")
    ]
    return [
        Migration(int(name[:4]), name[5:-4], _schema().joinpath(name).read_text("utf-8"))
        for name in sorted(names)
    ]


async def todo(conn: Connection) -> list[Migration]:
    """Return what is missing, read without a lock and whatever time-out the role has."""
    async with conn.transaction(readonly=True):
        await conn.execute("SET LOCAL statement_timeout = 0")
        return missing(available(), await applied(conn))


async def applied(conn: Connection) -> dict[int, str]:
    """Return the checksums of the applied migrations by number; empty before the first."""
    if not await conn.fetchval(SQL["is_recorded"]):
        return {}
    return {r["number"]: r["checksum"] for r in await conn.fetch(SQL["applied"])}


def steps(files: list[Migration], options: Options) -> Iterator[Step]:
    """Yield what is to be done under the lock: the *files*, then the options."""
    for migration in files:
        record = SQL["record"].replace("$1", str(migration.number))
        record = record.replace("$2", _literal(migration.name))
        record = record.replace("$3", _literal(migration.checksum))
        yield Step(migration.label, f"{migration.sql}\n{record}\n")
    for extra in options.extras:
        yield Step(extra, _schema().joinpath("options", f"{extra}.sql").read_text("utf-8"))


def prelude(options: Options) -> str:
    """Return the SQL that opens the transaction's work: settings and the one lock."""
    settings = {
        **{f"sms_dispatcher.{name}": role for name, role in options.roles.items()},
        "sms_dispatcher.rename_enum_labels": "on" if options.rename_enum_labels else "off",
        "lock_timeout": f"{round(options.lock_seconds * 1000)}ms",
    }
    lock = SQL["lock"].replace("$1", _literal(f"{WAIT_FOR_ANOTHER_SECONDS}s"))
    return "\n".join([lock, *(f"SET LOCAL {k} = {_literal(v)};" for k, v in settings.items())])


def script(files: list[Migration], options: Options) -> str:
    """Return everything as one text that psql can apply, or a comment if nothing is to do."""
    work = [f"-- {step.label}\n{step.sql.strip()}\n" for step in steps(files, options)]
    if not work:
        return "-- Nothing to do.\n"
    head = f"\\set ON_ERROR_STOP on\nBEGIN;\n{prelude(options)}\n"
    return "\n".join([head, *work, "COMMIT;\n"])


async def migrate(conn: Connection, options: Options, done: Callable[[str], None]) -> None:
    """Apply what is missing and the options, all or nothing; *done* hears each file's label."""
    async with conn.transaction():
        await _execute(conn, Step("lock", prelude(options)))
        # Read under the lock: another migrate may have done the work while this one waited.
        files = missing(available(), await applied(conn))
        for step in steps(files, options):
            await _execute(conn, step)
            if step.label not in options.extras:  # those say themselves what they did
                done(step.label)


async def _execute(conn: Connection, step: Step) -> None:
    try:
        await conn.execute(step.sql)
    except asyncpg.RaiseError as error:
        raise MigrationError(
            f"Nothing was changed, because {error.message}. {error.hint or ''}".strip()
        ) from None
    except _TOLD_ELSEWHERE:
        raise
    except asyncpg.PostgresError as error:
        raise MigrationError(
            f"Nothing was changed, because {step.label} failed: {error.message}."
        ) from None


def _schema() -> Traversable:
    packaged = files("dispatcher").joinpath("schema")
    # In a checkout the files lie at the top, beside the package.
    return packaged if packaged.is_dir() else files("dispatcher").joinpath("..", "schema")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
