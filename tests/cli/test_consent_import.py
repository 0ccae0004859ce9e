"""`sms-dispatcher consent import` as an operator meets it."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.command import Ran, run
from support.evidence import events
from support.inbound import entry, receive
from support.queue import person

from dispatcher.store.database import Connection

PHONE, OTHER = "+19165550100", "+19165550101"
AT = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
HEADER = "phone,consented_at,source,words,IP address,first_name,time_zone\n"
GOOD = "916-555-0100,2026-01-05T10:00:00-08:00,web form,I agree to texts,192.0.2.7,Ada,America/Denver\n"


@pytest.fixture
def host(database: str) -> str:
    """The DSN of the role that the host application has: what the command needs."""
    return database.replace("owner@", "app_host@")


async def take(dsn: str, folder: Path, content: str, *args: str) -> Ran:
    path = folder / "consents.csv"
    path.write_text(content, "utf-8")
    return await run("consent", "import", str(path), *args, dsn=dsn)


async def taken(dsn: str, folder: Path, content: str, *args: str) -> dict[str, Any]:
    ran = await take(dsn, folder, content, "--json", *args)
    assert ran.err == ""
    found: dict[str, Any] = json.loads(ran.out)
    return found


async def subscribed(owner: Connection) -> list[tuple[bool, bool]]:
    rows = await owner.fetch(
        "SELECT sms_subscribed, sms_unsubscribed_at IS NOT NULL FROM newsletter.subscribers ORDER BY phone, id"
    )
    return [tuple(r) for r in rows]


async def test_a_person_whom_we_know_is_subscribed(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    ada = await person(owner, phone="(916) 555-0100", subscribed=False)
    ran = await take(host, tmp_path, HEADER + GOOD, "--by", "maria")
    assert (ran.code, ran.err, ran.out) == (0, "", "Recorded: 1 consent of 1 line.\n")
    assert await subscribed(owner) == [(True, False)]
    opted_in, proof = await events(
        owner, "event", "source", "subscriber_id", "decided_by", "recorded_by"
    )
    assert opted_in == ("opt_in", "import", ada, "maria", "app_host")
    assert proof == ("evidence", "web form", ada, "maria", "app_host")
    ((at, words, shown),) = (await events(owner, "at", "words", "proof"))[1:]
    assert (at, words) == (AT, "I agree to texts")
    assert json.loads(shown) == {"IP address": "192.0.2.7", "file": "consents.csv", "line": 2}


async def test_a_person_whom_nobody_knows_is_added(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    again = GOOD.replace("2026-01-05", "2026-01-06")
    found = await taken(host, tmp_path, HEADER + GOOD + again)
    assert (found["recorded"], found["added"], found["refused"]) == (2, 1, 0)
    row = await owner.fetchrow(
        "SELECT id, phone, first_name, timezone, sms_subscribed, email_subscribed,"
        " extra_data->'sms_consent'->>'how' AS how FROM newsletter.subscribers"
    )
    assert row
    assert tuple(row)[1:6] == (PHONE, "Ada", "America/Denver", True, False)
    assert row["how"] == "web form, 2026-01-05 10:00:00-08:00: I agree to texts"
    assert await events(owner, "event", "subscriber_id") == [
        ("opt_in", row["id"]),
        ("evidence", row["id"]),
        ("evidence", row["id"]),
    ]


async def test_who_is_refused_and_why(host: str, owner: Connection, tmp_path: Path) -> None:
    await owner.execute(
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source, since) VALUES"
        " ('+19165550102', 'landline', 'receipt', '2026-01-01'), ('+19165550103', 'opted_out', 'stop', '2020-01-01')"
    )
    deleted = await person(owner, phone="+19165550104")
    await owner.execute(
        "UPDATE newsletter.subscribers SET is_deleted = true WHERE id = $1", deleted
    )
    now = await owner.fetchval("SELECT now()")
    rest = ",2026-01-05T18:00:00Z,form,I agree"
    lines = {
        f"{rest}": "no_number",
        f"5550100{rest}": "invalid_number",
        f"4165550107{rest}": "country_not_allowed",
        "9165550100,,form,I agree": "no_time",
        "9165550100,2026-01-05 18:00,form,I agree": "no_time",
        "9165550100,yesterday,form,I agree": "no_time",
        f"9165550100,{now.replace(year=now.year + 1).isoformat()},form,I agree": "future",
        "9165550100,2026-01-05T18:00:00Z,form,": "no_words",
        "9165550100,2026-01-05T18:00:00Z,,I agree": "no_source",
        f"9165550102{rest}": "suppressed",
        f"9165550103{rest}": "opted_out",
        f"9165550104{rest}": "deleted",
        f"9165550105{rest},,,Mars/Olympus": "unknown_zone",
        f"9165550105{rest},,{'x' * 101}": "too_long",
        f"9165550105{rest},,,,much": "broken_line",
        '9165550105,2026-01-05T18:00:00Z,form,"I\nagree"': "broken_line",
        f"9165550105{rest},a\0b": "broken_line",
    }  # fmt: skip
    ran = await take(host, tmp_path, HEADER + "\n".join(lines) + "\n")
    assert ran.code == 1
    with (tmp_path / "consents.refused.csv").open(encoding="utf-8", newline="") as file:
        found = [row["reason"] for row in csv.DictReader(file)]
    assert found == list(lines.values())
    assert (
        "Refused: 3, no date and time with its zone says when they agreed (no_time)." in ran.out
    )
    assert {e for (e,) in await events(owner, "event")} == {
        "suppressed", "opt_out", "opt_in", "removed",
    }  # fmt: skip


async def test_it_never_lifts_an_opt_out(host: str, owner: Connection, tmp_path: Path) -> None:
    """Not one in force, however old, and a START gives back what was, not what came before."""
    newer = HEADER + GOOD.replace("2026-01-05", "2026-01-08")
    await person(owner)
    await receive(owner, entry("STOP", AT))
    for content in (HEADER + GOOD, newer):
        assert (await taken(host, tmp_path, content))["reasons"] == {"opted_out": 1}
    await owner.execute("DELETE FROM newsletter.subscribers")
    assert (await taken(host, tmp_path, newer))["reasons"] == {"opted_out": 1}
    await receive(owner, entry("START", AT.replace(day=7)))
    assert (await taken(host, tmp_path, HEADER + GOOD))["reasons"] == {"opted_out": 1}
    assert (await taken(host, tmp_path, newer))["recorded"] == 1


@pytest.mark.parametrize(
    ("day", "reasons"), [(4, {}), (5, {"opted_out": 1}), (6, {"opted_out": 1})]
)
async def test_an_unsubscription_of_the_application_ends_with_a_later_consent(
    host: str, owner: Connection, tmp_path: Path, day: int, reasons: dict[str, int]
) -> None:
    await person(owner, subscribed=False)
    await owner.execute(
        "UPDATE newsletter.subscribers SET sms_unsubscribed_at = $1", AT.replace(day=day)
    )
    assert (await taken(host, tmp_path, HEADER + GOOD))["reasons"] == reasons
    assert await subscribed(owner) == [(True, False) if not reasons else (False, True)]


async def test_who_said_no_without_a_date_is_not_subscribed_by_an_older_consent(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    await person(owner)
    await owner.execute("UPDATE newsletter.subscribers SET sms_subscribed = false")
    assert (await taken(host, tmp_path, HEADER + GOOD))["reasons"] == {"opted_out": 1}
    assert await subscribed(owner) == [(False, False)]


async def test_who_was_deleted_after_opting_out_keeps_the_number_silent(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    await person(owner)
    gone = await person(owner, subscribed=False)
    await owner.execute(
        "UPDATE newsletter.subscribers SET is_deleted = true, sms_unsubscribed_at = '2025-01-01' WHERE id = $1",
        gone,
    )
    assert (await taken(host, tmp_path, HEADER + GOOD))["reasons"] == {"opted_out": 1}


async def test_all_who_have_the_number_are_subscribed(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    """Consent belongs to a number; who of them agreed nobody knows."""
    for phone in (PHONE, "916.555.0100", OTHER):
        await person(owner, phone=phone, subscribed=False)
    await taken(host, tmp_path, HEADER + GOOD)
    assert sorted(await subscribed(owner)) == [(False, False), (True, False), (True, False)]
    assert (await events(owner, "event", "subscriber_id"))[-1] == ("evidence", None)


async def test_the_same_consent_is_recorded_once(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    """Also by a second import, which does not subscribe anew who has unsubscribed since."""
    first = await taken(
        host, tmp_path, HEADER + GOOD + GOOD.replace("T10:00:00-08:00", "T18:00:00Z")
    )
    assert (first["recorded"], first["recorded_before"]) == (1, 1)
    ran = await take(host, tmp_path, HEADER + GOOD)
    assert ran.code == 0
    assert "Recorded before: 1; nothing was done about them." in ran.out
    assert [e for (e,) in await events(owner, "event")] == ["opt_in", "evidence"]


async def test_refused_lines_are_mended_and_imported(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    """Ours in front of them are no proof, and a formula's quotation mark is taken away."""
    await taken(
        host,
        tmp_path,
        HEADER + GOOD.replace("2026-01-05T10", "yesterday").replace("192.0.2.7", "=1"),
    )
    mended = (tmp_path / "consents.refused.csv").read_text("utf-8")
    mended = mended.replace("yesterday", "2026-01-05T10")
    assert (await taken(host, tmp_path, mended))["recorded"] == 1
    ((_, proof),) = [e for e in await events(owner, "event", "proof") if e[0] == "evidence"]
    assert json.loads(proof) == {"IP address": "=1", "file": "consents.csv", "line": 2}


async def test_no_cell_of_the_proof_is_lost(
    host: str, owner: Connection, tmp_path: Path
) -> None:
    header = HEADER.strip() + ",note,note,line,file\n"
    content = header + GOOD.strip() + ",a,b,7,scan.pdf\n"
    path = tmp_path / "consents\udcff.csv"
    path.write_text(content, "utf-8")
    assert (await run("consent", "import", str(path), dsn=host)).code == 0
    ((_, proof),) = [e for e in await events(owner, "event", "proof") if e[0] == "evidence"]
    assert json.loads(proof) == {
        "IP address": "192.0.2.7", "note": "a", "note (2)": "b", "line (2)": "7",
        "file (2)": "scan.pdf", "file": "consents?.csv", "line": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("phone,words,source\n1,2,3\n", "has no column consented_at."),
        ("phone\n1\n", "has no column consented_at and no column source and no column words."),
        ("consented_at,source,words\n1,2,3\n", "has no column of phone numbers"),
        (HEADER, "holds nobody"),
    ],
)
async def test_a_file_that_proves_nothing(
    host: str, owner: Connection, tmp_path: Path, content: str, sentence: str
) -> None:
    ran = await take(host, tmp_path, content)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert sentence in ran.err
    assert await events(owner) == []


async def test_the_daemons_role_cannot_import(
    database: str, owner: Connection, tmp_path: Path
) -> None:
    await person(owner, subscribed=False)
    ran = await take(
        database.replace("owner@", "app_daemon@"),
        tmp_path,
        HEADER + GOOD.replace("0100", "0101"),
    )
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert await events(owner) == []


async def test_several_batches(host: str, tmp_path: Path) -> None:
    """Each in a transaction of its own."""
    lines = "".join(
        GOOD.replace("10:00:00", f"10:{n // 60:02}:{n % 60:02}") for n in range(1500)
    )
    found = await taken(host, tmp_path, HEADER + lines)
    assert (found["recorded"], found["added"]) == (1500, 1)
