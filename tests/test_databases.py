"""What the fixtures of conftest.py promise to every other test."""

import asyncpg


async def test_an_empty_database_is_its_owners_who_is_no_superuser(empty_database: str) -> None:
    connection = await asyncpg.connect(empty_database)
    try:
        await connection.execute("CREATE TABLE mine (id int)")
        assert await connection.fetchval("SELECT current_user") == "owner"
        assert await connection.fetchval("SHOW is_superuser") == "off"
    finally:
        await connection.close()


async def test_each_test_has_a_database_of_its_own(empty_database: str) -> None:
    connection = await asyncpg.connect(empty_database)
    try:
        assert await connection.fetchval("SELECT to_regclass('mine')") is None
    finally:
        await connection.close()
