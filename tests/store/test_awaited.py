"""What is said of a database that is waited for: where it is, and nothing private."""

import asyncpg
import pytest

from dispatcher.core.privacy import scrub
from dispatcher.store.database import why_awaited, why_lost

AWAY, REFUSED = ConnectionRefusedError(), asyncpg.InvalidPasswordError("for user u")


@pytest.mark.parametrize(
    ("dsn", "where"),
    [
        ("postgresql://u:hunter2@192.168.100.200:5432/x", "192.168.100.200 port 5432"),
        ("postgresql://u:hunter2@[fe80::1234]:5432/x", "[fe80::1234] port 5432"),
        ("postgresql://u:hunter2@one:5432,two:5433/x", "one port 5432,two port 5433"),
        ("postgresql://u:hunter2@db/x", "db"),
        ("postgresql:///x", "the local socket"),
        ("postgresql://u:31337/hunter2@db:5432/x", "the given address"),
    ],
)
def test_it_says_where_and_shows_no_password(dsn: str, where: str) -> None:
    """As it stands in the log, where a port after an address must not pass for a number."""
    away, refused = scrub(why_awaited(AWAY, dsn)), scrub(why_awaited(REFUSED, dsn))
    assert away == f"No PostgreSQL answers at {where}: is it running, is the address right?"
    assert refused.startswith(f"PostgreSQL at {where} lets nobody in with this user")
    assert "hunter2" not in away + refused


def test_only_what_somebody_must_mend_says_so() -> None:
    said = [why_awaited(error, "postgresql://db/x") for error in (AWAY, REFUSED)]
    assert ["Waiting alone does not mend that" in each for each in said] == [False, True]


def test_a_server_that_only_reads_does_answer() -> None:
    said = why_awaited(asyncpg.TargetServerAttributeNotMatched(), "postgresql://one,two/x")
    assert said == (
        "PostgreSQL at one,two takes no writes: a standby, or read-only. Try again."
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (asyncpg.DiskFullError(), "The database's disk is full"),
        (asyncpg.OutOfMemoryError(), "The database lacks memory or connections: "),
        (asyncpg.ReadOnlySQLTransactionError(), "The database takes no writes"),
        (asyncpg.PostgresIOError(), "The database's disk or files fail"),
        (asyncpg.AdminShutdownError(), "The database is being stopped, or ended our statement"),
        (asyncpg.ConnectionDoesNotExistError(), "The connection to the database was lost"),
        (ConnectionResetError(), "The connection to the database was lost"),
        (asyncpg.DeadlockDetectedError(), "Another transaction was in the way"),
        (asyncpg.ForeignKeyViolationError(), "Another transaction was in the way"),
    ],
)
def test_it_says_what_is_wrong_in_the_middle_of_the_work(error: Exception, said: str) -> None:
    assert why_lost(error).startswith(said)
