"""The pool: whatever ends a connection is an outage, and over with the next one."""

import pytest
from support.host import connected
from support.relay import deaf_relay

from dispatcher.store.database import Connection
from dispatcher.store.pool import Database, DatabaseLostError


async def test_a_goodbye_without_an_end_of_the_line_is_an_outage(
    empty_database: str,
) -> None:
    """A stopping server says so first and hangs up later; a statement may fall in between."""
    async with connected(empty_database) as other, deaf_relay(empty_database) as relay:
        database = Database(relay.dsn, size=1, seconds=5, statement_cache=0)
        await database.open()
        pid = await database.run(_pid)
        await other.execute("SELECT pg_terminate_backend($1)", pid)
        await relay.ended.wait()
        with pytest.raises(DatabaseLostError):
            await database.run(_in_transaction)
        assert await database.run(_pid) != pid
        await database.close()


async def _pid(conn: Connection) -> int:
    return int(await conn.fetchval("SELECT pg_backend_pid()"))


async def _in_transaction(conn: Connection) -> None:
    async with conn.transaction():
        await conn.execute("SELECT")
