"""Migrations are applied all or nothing, once, in order, under one lock."""

import asyncio
import shutil
import subprocess
from dataclasses import replace

import asyncpg
import pytest
from support import picture
from support.host import connected, legacy
from support.migrate import ROLES, migrate
from support.picture import TablePicture

from dispatcher.core.migration import Migration, MigrationError
from dispatcher.edge.postgres_binaries import Binaries
from dispatcher.store import migrations
from dispatcher.store.database import Connection, DatabaseError


async def shape_of(dsn: str) -> dict[str, TablePicture]:
    """Everything but the times at which the migrations were applied."""
    async with connected(dsn) as conn:
        await conn.execute("UPDATE newsletter.dispatcher_migrations SET applied_at = 'epoch'")
        return await picture.take(conn)


async def waits_for_a_lock(dsn: str) -> None:
    """Return once somebody waits for an advisory lock in this database."""
    async with connected(dsn) as conn, asyncio.timeout(10):
        while not await conn.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        ):
            await conn.execute("SELECT pg_stat_clear_snapshot()")


async def test_two_at_once_apply_it_once(empty_database: str) -> None:
    first, second = await asyncio.gather(migrate(empty_database), migrate(empty_database))
    assert sorted([len(first), len(second)]) == [0, len(migrations.available())]


async def test_the_second_waits_for_the_first_and_finds_nothing_to_do(
    empty_database: str,
) -> None:
    """With the lock held by a psql that applies the dry run's text, so that the order is certain."""
    script = migrations.script(migrations.available(), migrations.Options())
    head, tail = script.replace("\\set ON_ERROR_STOP on\n", "").split("-- 0001_adopt", 1)
    async with connected(empty_database) as first:
        await first.execute(head)
        second = asyncio.create_task(migrate(empty_database))
        await waits_for_a_lock(empty_database)
        await first.execute("-- 0001_adopt" + tail)
        assert await second == []


async def test_psql_applies_the_dry_run_to_the_same_end(
    empty_database: str, database: str, binaries: Binaries
) -> None:
    psql = shutil.which("psql") or binaries.folder / "psql"
    asked = migrations.Options(extras=("grant_daemon", "grant_host"), roles=ROLES)
    script = migrations.script(migrations.available(), asked)
    ran = await asyncio.to_thread(
        subprocess.run,
        [psql, "--no-psqlrc", "--quiet", empty_database],
        input=script,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert await shape_of(empty_database) == await shape_of(database)


async def test_a_failure_in_the_last_file_leaves_the_database_as_it_was(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await legacy(empty_database)
    broken = [*migrations.available(), Migration(9999, "broken", "SELECT 1/0;")]
    monkeypatch.setattr(migrations, "available", lambda: broken)
    async with connected(empty_database) as conn:
        before = await picture.take(conn)
        with pytest.raises(MigrationError, match="9999_broken failed: division by zero"):
            await migrate(empty_database)
        assert await picture.take(conn) == before


async def test_a_table_in_use_is_waited_for_no_longer_than_asked(empty_database: str) -> None:
    await legacy(empty_database)
    async with connected(empty_database) as conn:
        before = await picture.take(conn)
        async with conn.transaction():
            await conn.execute("SELECT FROM lead.campaigns LIMIT 1")
            with pytest.raises(DatabaseError, match="--lock-timeout"):
                await migrate(empty_database, lock_seconds=0.05)
        assert await picture.take(conn) == before


async def test_an_edited_file_is_refused_by_name(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited = [
        replace(m, sql=m.sql + "--") if m.number == 5 else m for m in migrations.available()
    ]
    monkeypatch.setattr(migrations, "available", lambda: edited)
    with pytest.raises(MigrationError, match="0005_queue was edited after it was applied"):
        await migrate(database)


async def test_a_newer_database_is_refused(database: str, owner: Connection) -> None:
    await owner.execute(
        "INSERT INTO newsletter.dispatcher_migrations VALUES (9999, 'future', 'x')"
    )
    with pytest.raises(
        MigrationError, match="knows migration 9999, which this program does not"
    ):
        await migrate(database)


async def test_only_what_is_missing_is_applied(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = [
        *migrations.available(),
        Migration(9999, "more", "CREATE TABLE newsletter.more ();"),
    ]
    monkeypatch.setattr(migrations, "available", lambda: more)
    assert await migrate(database) == ["applied 9999_more"]
    assert await migrate(database) == []


async def test_a_role_that_owns_nothing_is_told_so(empty_database: str) -> None:
    await legacy(empty_database)
    with pytest.raises(DatabaseError, match="role lacks a right: permission denied"):
        await migrate(empty_database.replace("owner@", "app_daemon@"))


async def test_the_hosts_search_path_and_time_outs_change_nothing(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role that may take 0.1 s for a statement migrates all the same, and looks, however long it takes."""
    name = empty_database.rpartition("/")[2]
    long = "DO $$ BEGIN PERFORM count(*) FROM generate_series(1, 3000000); END $$;"
    slow = [*migrations.available(), Migration(9999, "slow", long)]
    monkeypatch.setattr(migrations, "available", lambda: slow)
    async with connected(empty_database) as conn:
        await conn.execute(
            f"ALTER DATABASE {name} SET search_path = nowhere; ALTER DATABASE {name} SET statement_timeout = '100ms'"
        )
    async with connected(empty_database) as conn:
        with pytest.raises(asyncpg.QueryCanceledError):
            await conn.execute(long)
    said = await migrate(empty_database, "grant_daemon", "grant_host")
    assert said[-1] == "applied 9999_slow"


async def test_every_table_and_column_has_a_comment(owner: Connection) -> None:
    bare = await owner.fetch(
        "SELECT c.relname, a.attname FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid"
        " AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relnamespace = 'newsletter'::regnamespace"
        " AND c.relkind IN ('r', 'v', 'p') AND (obj_description(c.oid, 'pg_class') IS NULL"
        " OR a.attname IS NOT NULL AND col_description(c.oid, a.attnum) IS NULL)"
    )
    assert bare == []


async def test_a_comment_of_the_hosts_stays(empty_database: str) -> None:
    await legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute("COMMENT ON COLUMN lead.campaigns.status IS 'ask Ada'")
        await migrate(empty_database)
        said = "SELECT col_description('newsletter.campaigns'::regclass, attnum) FROM pg_attribute WHERE attrelid = 'newsletter.campaigns'::regclass AND attname = 'status'"
        assert await conn.fetchval(said) == "ask Ada"
