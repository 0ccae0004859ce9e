"""`sms-dispatcher config` as an operator meets it; migrate and audit take the address the same way."""

from pathlib import Path

import pytest
from support.command import run
from support.settings import HIDDEN, RIGHT, file, without

from dispatcher.config.kinds import variable
from dispatcher.config.settings import SETTINGS


def rows(out: str) -> dict[str, tuple[str, str]]:
    """Return each setting's value and origin, as printed."""
    cells = [[cell.strip() for cell in line.split("│")] for line in out.splitlines()]
    return {row[1]: (row[2], row[3]) for row in cells if len(row) == 5}


async def test_what_is_in_force_and_where_it_came_from(tmp_path: Path) -> None:
    path = file(tmp_path, "a.toml", "lanes = 3\nallowed_countries = ['US', 'CA']")
    file(tmp_path, "ringcentral_jwt", RIGHT["RINGCENTRAL_JWT"])
    environ = without("RINGCENTRAL_JWT", CREDENTIALS_DIRECTORY=str(tmp_path))
    ran = await run("config", "--config", str(path), **environ)
    assert (ran.code, ran.err) == (0, "")
    shown = rows(ran.out)
    assert list(shown) == list(map(variable, SETTINGS))
    database = "postgresql://dispatcher:********@db.example:5432/shop"
    assert shown["DATABASE_URL"] == (database, "environment")
    assert shown["RINGCENTRAL_JWT"] == ("********", "credentials")
    assert shown["RINGCENTRAL_CLIENT_SECRET"] == ("********", "environment")
    assert shown["SMS_DISPATCHER_LANES"] == ("3", "file")
    assert shown["SMS_DISPATCHER_ALLOWED_COUNTRIES"] == ("US,CA", "file")
    assert shown["SMS_DISPATCHER_SEGMENT_PRICE"] == ("1.19", "default")
    assert not any(secret in ran.out for secret in HIDDEN)


async def test_all_that_is_wrong() -> None:
    environ = without("RINGCENTRAL_JWT", SMS_DISPATCHER_LANES=RIGHT["RINGCENTRAL_JWT"])
    ran = await run("config", **environ, SMS_DISPATCHER_LANE="3")
    assert (ran.code, ran.out) == (2, "")
    first, *others = ran.err.splitlines()
    assert first == "sms-dispatcher: The configuration has 3 faults:"
    assert [line.split()[0].rstrip(",") for line in others] == [
        "SMS_DISPATCHER_LANE",
        "RINGCENTRAL_JWT",
        "SMS_DISPATCHER_LANES",
    ]
    assert not any(secret in ran.err for secret in HIDDEN)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("missing", "does not exist"),
        (".", "is a directory, not a file"),
        ("latin", "is not text in UTF-8"),
        ("broken", "is not TOML: look in line 1"),
    ],
)
async def test_a_file_that_cannot_be_used(tmp_path: Path, path: str, said: str) -> None:
    file(tmp_path, "latin", b"login_name = '\xe4'")
    file(tmp_path, "broken", "login_name = =")
    ran = await run("config", "--config", str(tmp_path / path), **RIGHT)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"sms-dispatcher: The file that --config names {said}.\n"


async def test_bytes_that_are_no_text() -> None:
    """An environment may hold any byte; Python hands them over as lone surrogates."""
    ran = await run(
        "config", **RIGHT, **{"SMS_DISPATCHER_\udcff": "x"}, SMS_DISPATCHER_HOURS="\udcff"
    )
    assert ran.code == 2
    assert "strictest-us or off." in ran.err
    assert "none of a setting." in ran.err


@pytest.mark.parametrize("command", ["audit", "migrate"])
async def test_the_commands_find_the_address_in_every_place(
    tmp_path: Path, database: str, command: str
) -> None:
    """No setting of RingCentral's is asked for, and no other one is judged."""
    toml = file(tmp_path, "a.toml", f'database_url = "{database}"\nlane = 3')
    address = file(tmp_path, "database_url", f"{database}\n")
    wrong = "postgresql://127.0.0.1:1/x"
    for args, environ in (
        (["--database-url", database], {"DATABASE_URL": wrong}),
        ([], {"DATABASE_URL": database, "SMS_DISPATCHER_LANES": "x"}),
        (["--config", str(toml)], {}),
        ([], {"DATABASE_URL_FILE": str(address)}),
        ([], {"CREDENTIALS_DIRECTORY": str(tmp_path)}),
    ):
        ran = await run(command, *args, **environ)
        assert (ran.code, ran.err) == (0, ""), (args, environ)


async def test_a_bad_address_on_the_command_line() -> None:
    ran = await run("audit", "--database-url", "postgresql://u:hunter/2@h/x")
    assert ran.code == 2
    assert ran.err.startswith(
        "sms-dispatcher: --database-url must be an address like postgresql://"
    )
    assert "hunter" not in ran.err
