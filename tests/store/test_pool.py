"""The pool: whatever ends a connection is an outage, and over with the next one."""

from datetime import date, timedelta
from decimal import Decimal

import asyncpg
import pytest
from support.host import connected
from support.relay import relayed

from dispatcher.core.guard import Allow
from dispatcher.store.database import Connection
from dispatcher.store.opening import Terms, open_attempts
from dispatcher.store.pool import Database, DatabaseLostError, durable
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
        await open_attempts(daemon, [], lambda *_: Allow(), TERMS)
    assert said.count("SET LOCAL synchronous_commit = on") == 2


async def test_an_error_does_not_show_the_row(database: str) -> None:
    """PostgreSQL puts the whole row beside it, and a bug's traceback goes into the journal."""
    process = Database(database, size=1, seconds=5, statement_cache=0)
    await process.open()
    with pytest.raises(asyncpg.NotNullViolationError) as error:
        await process.run(_wrong_row)
    assert "private" not in str(error.value)
    await process.close()


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
