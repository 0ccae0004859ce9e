"""The commands as an operator meets them: exit codes, one sentence on stderr, no traceback."""

import asyncio
import json
import os
import pty
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from support import host
from support.command import PROGRAM, Ran
from support.command import run_program as run
from support.host import connected

from dispatcher.edge.postgres import PrivateServer

SECRET = "hunter2"  # noqa: S105  # what must not be echoed


def assert_one_sentence(ran: Ran, *said: str) -> None:
    assert ran.code == 2, ran
    assert ran.out == ""
    assert ran.err.startswith("sms-dispatcher: ")
    assert ran.err.count("\n") == 1
    assert SECRET not in ran.err
    for words in said:
        assert words in ran.err


async def test_from_nothing_to_clean_in_two_commands(empty_database: str) -> None:
    assert (await run("audit", dsn=empty_database)).code == 1
    assert (await run("migrate", "--check", dsn=empty_database)).code == 1
    migrated = await run("migrate", dsn=empty_database)
    assert (migrated.code, migrated.err) == (0, "")
    assert migrated.out.splitlines()[0] == "applied 0001_adopt"
    assert (await run("migrate", "--check", dsn=empty_database)) == Ran(
        0, "Nothing is missing.\n", ""
    )
    assert (await run("audit", dsn=empty_database)).code == 0
    again = await run("migrate", dsn=empty_database)
    assert again == Ran(0, "Nothing to do.\n", "")


async def test_a_dry_run_changes_nothing(empty_database: str) -> None:
    dry = await run("migrate", "--dry-run", dsn=empty_database)
    assert dry.code == 0
    assert "-- 0001_adopt" in dry.out
    assert dry.out.endswith("COMMIT;\n\n") or dry.out.endswith("COMMIT;\n")
    async with connected(empty_database) as conn:
        assert await conn.fetchval("SELECT to_regnamespace('newsletter')") is None


async def test_a_dry_run_without_work_is_a_comment(database: str) -> None:
    dry = await run("migrate", "--dry-run", dsn=database)
    assert dry.out == "-- Nothing to do.\n"


async def test_all_options_together(empty_database: str) -> None:
    await host.legacy(empty_database)
    await host.run(empty_database, "neighbours.sql")
    ran = await run(
        "migrate",
        "--compat-views",
        "--repair-host",
        "--grant-to",
        "app_daemon",
        "--grant-host",
        "app_host",
        dsn=empty_database,
    )
    assert ran.code == 0
    assert "moved lead.campaigns to newsletter.campaigns" in ran.out
    assert "made the view lead.campaigns of newsletter.campaigns" in ran.out
    assert "5 rows of support.audit_logs" in ran.out
    async with connected(empty_database.replace("owner@", "app_host@")) as app:
        assert await app.fetchval("SELECT count(*) FROM newsletter.subscribers") == host.PEOPLE


async def test_the_audit_for_programs(empty_database: str) -> None:
    await host.legacy(empty_database)
    ran = await run("audit", "--json", dsn=empty_database)
    findings = json.loads(ran.out)["findings"]
    assert ran.code == 1
    assert {"code", "severity", "object", "problem", "remedy"} == set(findings[0])
    assert "table_misplaced" in {f["code"] for f in findings}


async def test_the_listing_of_foreign_keys(database: str) -> None:
    people = await run("audit", "--foreign-keys", dsn=database)
    assert "newsletter.sms_send_queue" in people.out
    programs = await run("audit", "--foreign-keys", "--json", dsn=database)
    assert len(json.loads(programs.out)["foreign_keys"]) == 7


@pytest.mark.parametrize("command", ["audit", "migrate"])
@pytest.mark.parametrize(
    ("dsn", "said"),
    [
        ("garbage", "postgresql://user:password@host:5432/name"),
        (f"mysql://u:{SECRET}@127.0.0.1/x", "postgresql://user:password@host:5432/name"),
        (f"postgresql://u:{SECRET}@127.0.0.1:99999/x", "DATABASE_URL must be an address like"),
        (f"postgresql://u:{SECRET}@[127.0.0.1/x", "DATABASE_URL must be an address like"),
        (f"postgresql://u:{SECRET}@127.0.0.1:1/x", "No PostgreSQL answers at 127.0.0.1:1"),
        (f"postgresql://u:{SECRET}@host.invalid/x", "No PostgreSQL answers at host.invalid"),
    ],
)
async def test_a_bad_address_or_a_server_that_is_down(
    command: str, dsn: str, said: str
) -> None:
    assert_one_sentence(await run(command, dsn=dsn), said)


@pytest.mark.parametrize("command", ["audit", "migrate"])
async def test_no_address_at_all(command: str) -> None:
    assert_one_sentence(await run(command), "set DATABASE_URL")


@pytest.mark.usefixtures("make_database")
async def test_an_unknown_user_or_database(server: PrivateServer) -> None:
    assert_one_sentence(
        await run("audit", dsn=server.dsn("nowhere", "owner")), "no such database"
    )
    assert_one_sentence(await run("audit", dsn=server.dsn(user="stranger")), "lets nobody in")


async def test_a_missing_privilege(database: str, empty_database: str) -> None:
    await host.legacy(empty_database)
    stranger = empty_database.replace("owner@", "app_daemon@")
    assert_one_sentence(
        await run("audit", dsn=stranger), "lacks a right", "permission denied for schema lead"
    )
    assert_one_sentence(await run("migrate", dsn=stranger), "lacks a right")
    assert (await run("audit", dsn=database.replace("owner@", "app_daemon@"))).code == 0


@pytest.mark.usefixtures("make_database")
async def test_an_encoding_that_cannot_hold_an_emoji(server: PrivateServer) -> None:
    async with connected(server.dsn()) as conn:
        await conn.execute(
            "CREATE DATABASE latin OWNER owner ENCODING 'LATIN1' TEMPLATE template0"
        )
        try:
            assert_one_sentence(
                await run("migrate", dsn=server.dsn("latin", "owner")), "encoding is LATIN1"
            )
        finally:
            await conn.execute("DROP DATABASE latin")


@asynccontextmanager
async def older_server(port: int) -> AsyncIterator[int]:
    """Yield the port of a PostgreSQL 13: the real one, but for the version that it gives."""

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            before, name, version = chunk.partition(b"server_version\0")
            writer.write(before + name + (b"13" + version[2:] if name else b""))
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.TaskGroup() as both:
            both.create_task(pass_on(reader, there[1]))
            both.create_task(pass_on(there[0], writer))

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with proxy:
        yield proxy.sockets[0].getsockname()[1]


async def test_a_server_that_is_too_old(server: PrivateServer, empty_database: str) -> None:
    async with older_server(server.port) as port:
        dsn = empty_database.replace(f":{server.port}/", f":{port}/")
        assert_one_sentence(
            await run("migrate", dsn=dsn), "PostgreSQL 13", "15 or newer is needed"
        )


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["nonsense"],
        ["migrate", "--dry-run", "--check"],
        ["migrate", "--lock-timeout", "soon"],
        ["migrate", "--lock-timeout", "-1"],
        ["audit", "--xml"],
    ],
)
async def test_wrong_usage(args: list[str]) -> None:
    ran = await run(*args)
    assert ran.code == 2
    assert "usage: sms-dispatcher" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["migrate", "--help"],
        ["audit", "--help"],
        ["campaign", "create", "--help"],
        ["--version"],
    ],
)
async def test_help(args: list[str]) -> None:
    ran = await run(*args, COLUMNS="80")
    assert ran.code == 0
    assert max(map(len, ran.out.splitlines())) <= 80


async def test_output_that_cannot_be_written(database: str, tmp_path: Path) -> None:
    """A file that may not grow stands for the full disk: every system has that."""
    process = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        'ulimit -f 0; exec "$0" audit --database-url "$1" > "$2"',
        PROGRAM,
        database,
        tmp_path / "out",
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    assert (process.returncode, err) == (
        2,
        b"sms-dispatcher: The output cannot be written: File too large.\n",
    )


async def test_a_reader_that_has_seen_enough(empty_database: str) -> None:
    """As in `sms-dispatcher migrate --dry-run | head -1`."""
    reader, writer = os.pipe()
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        "migrate",
        "--dry-run",
        "--database-url",
        empty_database,
        stdout=writer,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(writer)
    os.close(reader)
    _, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")


async def test_ctrl_c_leaves_the_database_as_it_was(empty_database: str) -> None:
    await host.legacy(empty_database)
    async with connected(empty_database) as conn, conn.transaction():
        await conn.execute("LOCK TABLE lead.campaigns")
        process = await asyncio.create_subprocess_exec(
            PROGRAM,
            "migrate",
            "--lock-timeout",
            "60",
            "--database-url",
            empty_database,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(30):
            while not await conn.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await conn.execute("SELECT pg_stat_clear_snapshot()")
        process.send_signal(2)
        out, err = await process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"")
    assert (await run("migrate", "--check", dsn=empty_database)).out.startswith(
        "missing: 0001_adopt"
    )


def read_terminal(descriptor: int) -> str:
    """Read until the last writer has closed it, which a terminal says by an error."""
    shown = b""
    with suppress(OSError), open(descriptor, "rb", buffering=0) as terminal:
        while chunk := terminal.read(65536):
            shown += chunk
    return re.sub(r"\x1b\[[\d;]*m", "", shown.decode())


async def test_a_terminal_of_eighty_columns(empty_database: str) -> None:
    theirs, ours = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        "audit",
        "--database-url",
        empty_database,
        stdout=ours,
        env=os.environ | {"COLUMNS": "80"},
    )
    os.close(ours)
    shown = await asyncio.to_thread(read_terminal, theirs)
    assert await process.wait() == 1
    assert "table_missing" in shown
    assert max(map(len, shown.splitlines())) <= 80


async def test_a_terminal_that_knows_no_arrow(empty_database: str) -> None:
    ran = await run("audit", dsn=empty_database, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (ran.code, ran.err) == (1, "")
    assert (
        await run("migrate", "--dry-run", dsn=empty_database, PYTHONIOENCODING="ascii")
    ).code == 0


async def test_no_output_at_all(empty_database: str) -> None:
    """As in `sms-dispatcher audit >&-`."""
    process = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        'exec "$0" audit --database-url "$1" >&-',
        PROGRAM,
        empty_database,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    assert (process.returncode, err) == (1, b"")


async def test_a_password_with_a_slash_is_not_shown_in_part() -> None:
    ran = await run("audit", dsn="postgresql://u:31337/hunter2@127.0.0.1:1/x")
    assert ran.code == 2
    assert "31337" not in ran.err


async def test_in_a_file_a_remedy_stands_on_one_line(database: str) -> None:
    async with connected(database) as conn:
        await conn.execute(
            "ALTER TABLE newsletter.sms_send_queue DROP CONSTRAINT sms_send_queue_campaign_id_fkey"
        )
    ran = await run("audit", dsn=database)
    assert (
        "ADD FOREIGN KEY (campaign_id) REFERENCES newsletter.campaigns ON DELETE CASCADE"
        in ran.out
    )
