"""The listener knows whether it hears."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from dispatcher.store.database import Connection
from dispatcher.store.listening import CHANGES, QUEUE, RECEIPTS, DeafError, listen
from dispatcher.store.pool import Database


@pytest.fixture
async def pool(database: str) -> AsyncIterator[Database]:
    made = Database(database, size=1, seconds=5, statement_cache=0)
    await made.open()
    yield made
    await made.close()


async def test_a_listener_that_hears_is_one(pool: Database, owner: Connection) -> None:
    hinted = {channel: asyncio.Event() for channel in (QUEUE, RECEIPTS, CHANGES)}
    hints = {channel: event.set for channel, event in hinted.items()}
    async with listen(pool, hints) as alive, asyncio.timeout(5):
        await alive()
        heard: list[str] = []
        for channel, event in hinted.items():
            assert [c for c, e in hinted.items() if e.is_set()] == heard, "each its own"
            await owner.execute(f"NOTIFY {channel}")
            await event.wait()
            heard.append(channel)


async def test_a_listener_that_hears_nothing_says_so(
    pool: Database, empty_database: str
) -> None:
    """In another database it hears as little as behind a pooler in transaction mode."""
    pool.dsn = empty_database
    with pytest.raises(DeafError, match="pooler"):
        async with listen(pool, {}):
            pytest.fail("it listened, and is deaf")
