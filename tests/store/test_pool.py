"""The pool: whatever ends a connection is an outage, and over with the next one."""

import traceback
from datetime import date, timedelta
from decimal import Decimal

import asyncpg
import pytest
from support.claiming import allow
from support.host import connected
from support.relay import relayed

from dispatcher.store.database import Connection
from dispatcher.store.opening import open_attempts
from dispatcher.store.paying import Terms
from dispatcher.store.pool import (
    Database,
    DatabaseLostError,
    DatabaseRefusedError,
    PoolerError,
    durable,
)
from dispatcher.store.settling import settle

TERMS = Terms(1, timedelta(seconds=5), Decimal(1), date(2026, 2, 3), 0)


async def test_a_goodbye_without_an_end_of_the_line_is_an_outage(
    empty_database: str,
) -> None:
    """A stopping server says so first and hangs up later; a statement may fall in between."""
    async with connected(empty_database) as other, relayed(empty_database, deaf=True) as relay:
        database = Database(relay.dsn, size=1, seconds=5, statement_cache=0)
        await database.open()
        pid = await database.run(_pid)
        await other.execute("SELECT pg_terminate_backend($1)", pid)
        await relay.ended.wait()
        with pytest.raises(DatabaseLostError):
            await database.run(_in_transaction)
        assert await database.run(_pid) != pid
        await database.close()


async def test_what_must_be_on_disk_is_whatever_the_connection_says(
    daemon: Connection,
) -> None:
    """Behind a pooler a connection has not our settings; this server's own say off."""
    assert await daemon.fetchval("SHOW synchronous_commit") == "off"
    async with durable(daemon):
        assert await daemon.fetchval("SHOW synchronous_commit") == "on"
    said: list[str] = []
    with daemon.query_logger(lambda query: said.append(query.query)):
        await settle(daemon, [])
        await open_attempts(daemon, [], allow, TERMS)
    assert said.count("SET LOCAL synchronous_commit = on") == 2


async def test_an_error_does_not_show_the_row(database: str) -> None:
    """PostgreSQL puts the whole row beside it, and a bug's traceback goes into the journal."""
    process = Database(database, size=1, seconds=5, statement_cache=0)
    await process.open()
    with pytest.raises(asyncpg.NotNullViolationError) as error:
        await process.run(_wrong_row)
    assert "private" not in str(error.value)
    await process.close()


@pytest.mark.parametrize("argument", ["private \ud83d", "private"])
async def test_an_error_does_not_show_what_was_to_be_written(
    database: str, argument: str
) -> None:
    """Neither what the driver can't encode nor what the server can't read."""
    process = Database(database, size=1, seconds=5, statement_cache=0)
    await process.open()
    with pytest.raises(asyncpg.DataError) as error:
        await process.run(_wrong_argument, argument)
    assert "private" not in "".join(traceback.format_exception(error.value))
    await process.close()


async def _wrong_argument(conn: Connection, argument: str) -> None:
    await conn.fetchval("SELECT $1::text::uuid", argument)


async def _wrong_row(conn: Connection) -> None:
    await conn.execute(
        "INSERT INTO newsletter.sms_send_queue (phone_number, message_content, status)"
        " VALUES ('private', 'private', NULL)"
    )


async def _pid(conn: Connection) -> int:
    return int(await conn.fetchval("SELECT pg_backend_pid()"))


async def _in_transaction(conn: Connection) -> None:
    async with conn.transaction():
        await conn.execute("SELECT")


async def test_a_lock_of_a_frozen_process_is_waited_for_once(empty_database: str) -> None:
    """It froze between the halves of a statement, where PostgreSQL's own time-outs don't count."""
    named = {"application_name": "sms-dispatcher"}
    frozen = await asyncpg.connect(
        empty_database, statement_cache_size=0, server_settings=named
    )
    await frozen.execute("CREATE TABLE held (id int); INSERT INTO held VALUES (1)")
    await frozen.execute("BEGIN; UPDATE held SET id = 1")
    await frozen.prepare("SELECT id FROM held")
    database = Database(empty_database, size=1, seconds=6, statement_cache=0)
    await database.open()
    with pytest.raises(DatabaseLostError):
        await database.run(_update)
    await database.run(_update)
    frozen.terminate()
    await database.close()


async def _update(conn: Connection) -> None:
    await conn.execute("UPDATE held SET id = 2")


@pytest.mark.parametrize("code", ["28000", "28P01", "3D000", "42501"])
async def test_who_is_not_let_in_any_more_waits_for_somebody(
    empty_database: str, code: str
) -> None:
    said = await _refused(empty_database, code, DatabaseRefusedError)
    assert "Waiting alone does not mend that" in said


@pytest.mark.parametrize("code", ["08P01", "53300", "57P03", "58P01", "58030", "XX000"])
async def test_whatever_is_said_to_who_connects_is_an_outage(
    empty_database: str, code: str
) -> None:
    """A pooler says 08P01 for nearly everything."""
    assert "go away" in await _refused(empty_database, code, DatabaseLostError)


async def _refused(dsn: str, code: str, kind: type[DatabaseLostError]) -> str:
    """Return what is said of a database that does not let in who has been in before."""
    async with relayed(dsn) as relay:
        database = Database(relay.dsn, size=1, seconds=5, statement_cache=0)
        await database.open()
        await database.run(_hang_up)
        relay.refusal = code
        with pytest.raises(kind) as error:
            await database.run(_pid)
        assert type(error.value) is kind
        relay.refusal = ""
        await database.run(_pid)
        await database.close()
    return str(error.value)


async def _hang_up(conn: Connection) -> None:
    conn.terminate()


async def test_a_disk_that_fails_is_an_outage(empty_database: str) -> None:
    database = Database(empty_database, size=1, seconds=5, statement_cache=0)
    await database.open()
    with pytest.raises(DatabaseLostError):
        await database.run(_raise, "58030")
    await database.close()


async def _raise(conn: Connection, code: str) -> None:
    await conn.execute(f"DO $$ BEGIN RAISE 'go away' USING ERRCODE = '{code}'; END $$")


@pytest.mark.parametrize(
    ("severity", "kind"), [("FATAL", DatabaseLostError), ("ERROR", PoolerError)]
)
async def test_a_pooler_that_hangs_up_mixes_nothing_up(
    empty_database: str, severity: str, kind: type[Exception]
) -> None:
    """It says 08P01 when it gives up to find a server, PostgreSQL when statements are mixed up."""
    said = asyncpg.PostgresError.new({"S": severity, "C": "08P01", "M": "query_wait_timeout"})

    async def statement(_: Connection) -> None:
        raise said

    database = Database(empty_database, size=1, seconds=5, statement_cache=0)
    await database.open()
    with pytest.raises(kind):
        await database.run(statement)
    await database.close()
