"""`sms-dispatcher campaign import` as an operator meets it."""

import asyncio
import csv
import json
import os
import signal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from support.command import PROGRAM, Ran, run
from support.evidence import events
from support.queue import campaign, person

from dispatcher.store.database import Connection

TEXTS = "SELECT count(*) FROM newsletter.sms_send_queue"


@pytest.fixture
def host(database: str) -> str:
    """The DSN of the role that the host application has: what the command needs."""
    return database.replace("owner@", "app_host@")


def people(folder: Path, content: str | bytes, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


async def take(dsn: str, made: UUID, path: Path, *args: str, **env: str) -> Ran:
    return await run("campaign", "import", str(made), str(path), *args, dsn=dsn, **env)


async def taken(dsn: str, made: UUID, path: Path, *args: str, **env: str) -> dict[str, Any]:
    ran = await take(dsn, made, path, "--json", *args, **env)
    assert ran.err == ""
    found: dict[str, Any] = json.loads(ran.out)
    return found


def refused(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


async def subscribe(owner: Connection, count: int) -> None:
    await owner.execute(
        "INSERT INTO newsletter.subscribers (phone, sms_subscribed)"
        " SELECT '+1916555' || lpad((100 + i)::text, 4, '0'), true FROM generate_series(0, $1::int - 1) i",
        count,
    )


async def test_people_however_their_numbers_are_spelled(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    ada, bob = (
        await person(owner, phone="(916) 555-0101"),
        await person(owner, phone="+19165550102"),
    )
    made = await campaign(owner, status="DRAFT")
    path = people(
        tmp_path, "\ufeffName;Mobile Phone;City\r\nAda;916.555.0101;\r\nBob;1 916 555 0102\r\n"
    )
    ran = await take(host, made, path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0] == "Taken: 2 people of 2 lines."
    rows = await owner.fetch(
        "SELECT subscriber_id, phone_number, message_content, status::text, campaign_id"
        " FROM newsletter.sms_send_queue ORDER BY phone_number"
    )
    assert [tuple(r) for r in rows] == [
        (ada, "+19165550101", "x", "pending", made),
        (bob, "+19165550102", "x", "pending", made),
    ]
    assert not (tmp_path / "people.refused.csv").exists()


async def test_who_is_refused_and_why(host: str, owner: Connection, tmp_path: Path) -> None:
    made = await campaign(owner, status="DRAFT")
    await person(owner, phone="+19165550101")
    await person(owner, phone="+19165550102", subscribed=False)
    await person(owner, phone="+19165550103", opted_out=True)
    await person(owner, phone="+19165550104")
    await person(owner, phone="+19165550105")
    await person(owner, phone="+19165550106")
    await person(owner, phone="916-555-0106", subscribed=False)
    await person(owner, phone="+14165550107")
    await owner.execute(
        "UPDATE newsletter.subscribers SET is_deleted = true WHERE phone LIKE '%0104';"
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source) VALUES ('+19165550105', 'opted_out', 'STOP')"
    )
    lines = [
        "9165550101,Ada",
        "9165550102,b",
        "9165550103,c",
        "9165550104,d",
        "9165550105,e",
        "9165550106,f",
        "4165550107,g",
        "9165550199,nobody",
        "5550100,short",
        "'=1+1,formula",
        ",none",
        "(916) 555-0101,again",
        "9165550101,too,many",
        '9165550101,"Zoe\nlines"',
    ]
    path = people(tmp_path, "\n".join(["phone,first name", *lines]))
    said = await taken(host, made, path)
    assert (said["lines"], said["taken"], said["added"], said["duplicates"]) == (14, 1, 0, 1)
    file = tmp_path / "people.refused.csv"
    assert said["refused_file"] == str(file)
    assert [(int(r["line"]), r["reason"]) for r in refused(file)] == [
        (3, "not_subscribed"),
        (4, "opted_out"),
        (5, "deleted"),
        (6, "suppressed"),
        (7, "not_subscribed"),
        (8, "country_not_allowed"),
        (9, "unknown_person"),
        (10, "invalid_number"),
        (11, "invalid_number"),
        (12, "no_number"),
        (13, "duplicate"),
        (14, "broken_line"),
        (15, "broken_line"),
    ]
    assert await owner.fetchval(TEXTS) == 1


async def test_the_file_of_refused_lines_is_private_and_harmless(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    made = await campaign(owner, status="DRAFT")
    cells = ["=1+1", "+19165550101", "-2", "@x", " =cmd()", "\t=1", "＝1"]  # noqa: RUF001
    content = "first name,phone\n" + "".join(f"{cell},5550100\n" for cell in cells)
    place = tmp_path / "others" / "refused.csv"
    place.parent.mkdir()
    elsewhere = people(tmp_path, "mine", "elsewhere")
    place.symlink_to(elsewhere)
    ran = await take(host, made, people(tmp_path, content), "--refused", str(place))
    assert ran.code == 1
    assert "Refused: 7, the number can't be dialled (invalid_number)." in ran.out
    assert [r["first name"] for r in refused(place)] == [f"'{cell}" for cell in cells]
    assert place.stat().st_mode & 0o777 == 0o600
    assert elsewhere.read_text() == "mine"


async def test_refused_lines_are_mended_and_imported_again(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    made = await campaign(owner, status="DRAFT")
    path = people(tmp_path, "phone\n+19165550101\n")
    assert (await take(host, made, path)).code == 1
    await person(owner, phone="9165550101")
    again = await taken(host, made, tmp_path / "people.refused.csv")
    assert again["taken"] == 1


async def test_importing_twice_doubles_nobody(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    await subscribe(owner, 30)
    made, other = await campaign(owner, status="DRAFT"), await campaign(owner, status="DRAFT")
    lines = "".join(f"916555{100 + n:04}\n" for n in range(30))
    path = people(tmp_path, f"phone\n{lines}")
    assert (await taken(host, made, path))["taken"] == 30
    ran = await take(host, made, path)
    assert ran.code == 0
    assert "Taken: 0 people of 30 lines." in ran.out
    assert "duplicate in line 2: +1916***0100" in ran.out
    assert "and more" in ran.out
    assert await owner.fetchval(TEXTS) == 30
    assert (await taken(host, other, path))["taken"] == 30


async def test_two_imports_at_once_double_nobody(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    made = await campaign(owner, status="DRAFT")
    lines = "".join(f"916555{100 + n:04}\n" for n in range(50))
    path = people(tmp_path, f"phone\n{lines}")
    both = [
        taken(host, made, path, "--consent", "form", "--refused", str(tmp_path / f"{n}.csv"))
        for n in range(2)
    ]
    said = await asyncio.gather(*both)
    assert sorted(s["taken"] for s in said) == [0, 50]
    assert await owner.fetchval(TEXTS) == 50
    assert await owner.fetchval("SELECT count(*) FROM newsletter.subscribers") == 50


async def test_consent_is_kept_with_each_new_person_and_lifts_no_opt_out(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    made = await campaign(owner, status="DRAFT")
    await person(owner, phone="+19165550102", subscribed=False)
    await person(owner, phone="+19165550103", opted_out=True, subscribed=False)
    await owner.execute(
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source) VALUES ('+19165550104', 'opted_out', 'STOP')"
    )
    path = people(
        tmp_path,
        "phone,first name,Surname,E-Mail,time zone\n"
        "9165550101,Zoë 🌷,Doe,zoe@shop.example,America/New_York\n"
        "9165550102,,,,\n9165550103,,,,\n9165550104,,,,\n"
        "9165550105,,,,Atlantis/Poseidonis\n"
        f"9165550106,{'x' * 101},,,\n",
    )
    said = await taken(host, made, path, "--consent", "Counter form, May 2026")
    assert (said["taken"], said["added"]) == (1, 1)
    assert said["reasons"] == {
        "not_subscribed": 1,
        "opted_out": 1,
        "suppressed": 1,
        "unknown_zone": 1,
        "too_long": 1,
    }
    row = await owner.fetchrow(
        "SELECT *, extra_data -> 'sms_consent' ->> 'how' AS how FROM newsletter.subscribers WHERE phone = '+19165550101'"
    )
    assert row
    assert (row["first_name"], row["last_name"], row["email"], row["timezone"]) == (
        "Zoë 🌷",
        "Doe",
        "zoe@shop.example",
        "America/New_York",
    )
    assert (row["sms_subscribed"], row["email_subscribed"]) == (True, False)
    assert row["how"] == "Counter form, May 2026"
    others = await owner.fetch(
        "SELECT sms_subscribed, sms_unsubscribed_at IS NULL, extra_data IS NULL FROM newsletter.subscribers"
        " WHERE phone <> '+19165550101' ORDER BY phone"
    )
    assert [tuple(r) for r in others] == [(False, True, True), (False, False, True)]


async def test_a_person_whom_the_application_does_not_take(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    made = await campaign(owner, status="DRAFT")
    await owner.execute("ALTER TABLE newsletter.subscribers ADD UNIQUE (email)")
    path = people(tmp_path, "phone,email\n9165550101,a@x.example\n9165550102,a@x.example\n")
    said = await taken(host, made, path, "--consent", "form")
    assert (said["taken"], said["reasons"]) == (1, {"not_added": 1})
    assert await owner.fetchval(TEXTS) == 1


async def test_an_application_with_other_columns(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    made = await campaign(owner, status="DRAFT")
    await owner.execute("ALTER TABLE newsletter.subscribers DROP COLUMN extra_data")
    ran = await take(host, made, people(tmp_path, "phone\n9165550101\n"), "--consent", "form")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "import without --consent" in ran.err
    assert "9165550101" not in ran.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("phone\n\n", "holds nobody"),
        ("9165550101\n9165550102\n", "has no column of phone numbers"),
        ("mobile,tel\n9165550101,9165550102\n", "more than one column"),
        ("phone,name\n9165550101,Zo\xeb\n".encode("latin-1"), "save it as CSV UTF-8"),
        ("phone\n9165550101\n".encode("utf-16"), "save it as CSV UTF-8"),
        ('phone,name\n9165550101,"Ada\n9165550102,Bob\n', "quotation mark that is not closed"),
    ],
)
async def test_a_file_that_cannot_be_used(
    host: str, owner: Connection, tmp_path: Path, content: str | bytes, said: str
) -> None:
    made = await campaign(owner, status="DRAFT")
    await subscribe(owner, 5)
    path = people(tmp_path, content)
    ran = await take(host, made, path)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert "555010" not in ran.err
    assert await owner.fetchval(TEXTS) == 0


async def test_what_is_wrong_beside_the_file(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    made, sent = await campaign(owner, status="DRAFT"), await campaign(owner, status="SENT")
    path, pipe = people(tmp_path, "phone\n9165550101\n"), tmp_path / "pipe"
    os.mkfifo(pipe)
    for ran, said in (
        (await take(host, made, tmp_path / "missing.csv"), "is no file that can be read"),
        (await take(host, made, tmp_path), "is no file that can be read"),
        (await take(host, sent, path), "is SENT: people are imported while"),
        (await take(host, UUID(int=1), path), "There is no campaign"),
        (await take(host, made, path, "--consent", " "), "must say how and when"),
        (await take(host, made, path, "--refused", str(path)), "must name another file"),
        (
            await take(host, made, path, "--refused", "/nowhere/x"),
            "er: /nowhere/x cannot be written",
        ),
        (await take(host, made, path, "--refused", str(tmp_path)), "is no file"),
        (await take(host, made, path, "--refused", str(pipe)), "is no file"),
    ):
        assert (ran.code, ran.out) == (2, ""), said
        assert said in ran.err


async def test_ctrl_c_leaves_no_half_batch(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    """The second batch waits for a person whom we hold; the first is done and stays."""
    await subscribe(owner, 1500)
    made = await campaign(owner, status="DRAFT")
    lines = "".join(f"916555{100 + n:04}\n" for n in range(1500))
    path = people(tmp_path, f"phone\n{lines}")
    async with owner.transaction():
        await owner.execute(
            "SELECT FROM newsletter.subscribers WHERE phone LIKE '%1590' FOR UPDATE"
        )
        process = await asyncio.create_subprocess_exec(
            PROGRAM,
            *("campaign", "import", str(made), str(path)),
            env=os.environ | {"DATABASE_URL": host},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(30):
            while not await owner.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await owner.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.02)")
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    assert (process.returncode, out) == (130, b"")
    assert err.startswith(b"Broken off: 1,000 people were taken.")
    assert await owner.fetchval(TEXTS) == 1000
    again = await taken(host, made, path)
    assert (again["taken"], again["duplicates"]) == (500, 1000)


async def test_a_new_persons_consent_is_evidence(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    """With the words of --consent, and by the role that imported; who was known agreed before."""
    await person(owner, phone="+19165550101")
    made = await campaign(owner, status="DRAFT")
    path = people(tmp_path, "phone\n9165550101\n9165550102\n")
    await taken(host, made, path, "--consent", "paper form, 2026-01-05")
    found = await events(owner, "phone", "event", "source", "why", "recorded_by")
    assert found[1:] == [
        ("+19165550102", "opt_in", "import", "paper form, 2026-01-05", "app_host")
    ]
