"""`sms-dispatcher suppress` as an operator meets it."""

import json
import os
from pathlib import Path

import pytest
from support.command import Ran, run
from support.queue import person, text

from dispatcher.store.database import Connection

PHONE, OTHER = "+19165550100", "+19165550101"
MASKED = "+1916***0100"
WHY = ("--why", "They called the shop", "--by", "Ada")
IN_FORCE = (
    "SELECT reason FROM newsletter.sms_suppressions WHERE lifted_at IS NULL"
    " AND (until IS NULL OR until > now()) ORDER BY phone, reason"
)


@pytest.fixture
def dsn(database: str) -> str:
    """The daemon's role."""
    return database.replace("owner@", "app_daemon@")


async def suppress(dsn: str, *args: str) -> Ran:
    ran = await run("suppress", *args, dsn=dsn)
    for phone in (PHONE, OTHER):
        assert phone not in ran.out + ran.err
    return ran


async def add(dsn: str, *args: str, reason: str = "complaint") -> Ran:
    return await suppress(dsn, "add", PHONE, "--reason", reason, *WHY, *args)


async def reasons(owner: Connection) -> list[str]:
    return [r["reason"] for r in await owner.fetch(IN_FORCE)]


async def test_a_number_is_added_and_released(dsn: str, owner: Connection) -> None:
    await text(owner)
    ran = await add(dsn)
    assert (ran.code, ran.out) == (
        0,
        f"{MASKED} gets no more texts for ever: they complained; 1 text cancelled.\n",
    )
    assert await reasons(owner) == ["complaint"]
    ran = await suppress(dsn, "remove", PHONE, *WHY)
    assert (ran.code, ran.out) == (0, f"Lifted for {MASKED}: complaint.\n")
    assert await reasons(owner) == []
    events = await owner.fetch("SELECT * FROM newsletter.consent_events ORDER BY id")
    assert [(e["event"], e["decided_by"], e["why"]) for e in events] == [
        ("suppressed", "Ada, as app_daemon", WHY[1]),
        ("released", "Ada, as app_daemon", WHY[1]),
    ]


async def test_a_number_is_spelled_as_people_do(dsn: str, owner: Connection) -> None:
    ran = await suppress(dsn, "add", "(916) 555-0100", "--reason", "complaint", *WHY)
    assert ran.code == 0
    assert await owner.fetchval("SELECT phone FROM newsletter.sms_suppressions") == PHONE


@pytest.mark.parametrize("reason", ["landline", "unsupported", "unallocated"])
async def test_a_dead_number_is_left_alone_for_as_long_as_the_setting_says(
    dsn: str, owner: Connection, reason: str
) -> None:
    days = "SELECT extract(day FROM until - since) FROM newsletter.sms_suppressions"
    assert (await add(dsn, reason=reason)).code == 0
    assert await owner.fetchval(days) == 180


async def test_the_setting_says_how_long(dsn: str, owner: Connection) -> None:
    ran = await run(
        "suppress", "add", PHONE, "--reason", "landline", *WHY, "--json", dsn=dsn,
        SMS_DISPATCHER_DEAD_NUMBER_DAYS="30",
    )  # fmt: skip
    shown = json.loads(ran.out)
    assert (shown["phone"], shown["reason"], shown["cancelled"]) == (MASKED, "landline", 0)
    days = "SELECT extract(day FROM until - since) FROM newsletter.sms_suppressions"
    assert await owner.fetchval(days) == 30


async def test_an_end_is_said(dsn: str, owner: Connection) -> None:
    ran = await add(dsn, "--until", "2199-01-01T00:00:00+00:00")
    assert "until 2199-01-01 00:00:00 UTC: they complained" in ran.out
    ran = await add(dsn, "--until", "never")
    assert "for ever" in ran.out
    assert await owner.fetchval("SELECT until FROM newsletter.sms_suppressions") is None


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("add", "twelve", "--reason", "complaint", *WHY), "no telephone number"),
        (("add", PHONE, "--reason", "rude", *WHY), "must be one of opted_out, complaint"),
        (("add", PHONE, "--reason", "complaint"), "--why"),
        (("add", PHONE, "--reason", "complaint", "--why", "\udcff"), "must be text in UTF-8."),
        (("add", f"{PHONE}\udcff", "--reason", "complaint", *WHY), "must be text in UTF-8."),
        (
            ("add", PHONE, "--reason", "complaint", "--until", "2020-01-01T00:00:00Z", *WHY),
            "--until has passed",
        ),
        (
            ("add", PHONE, "--reason", "opted_out", "--until", "2199-01-01T00:00:00Z", *WHY),
            "An opt-out has no end",
        ),
        (("add", PHONE, "--reason", "complaint", "--until", "soon", *WHY), "with its zone"),
        (("remove", PHONE, *WHY), f"{MASKED} is not suppressed."),
        (("remove", PHONE, "--reason", "landline", *WHY), "is not suppressed as landline"),
    ],
)
async def test_what_is_refused_changes_nothing(
    dsn: str, owner: Connection, args: tuple[str, ...], said: str
) -> None:
    ran = await run("suppress", *args, dsn=dsn)
    assert ran.code == 2
    assert said in " ".join(ran.err.split())
    assert PHONE not in ran.err
    assert await owner.fetchval("SELECT count(*) FROM newsletter.consent_events") == 0


async def test_an_opt_out_is_in_full_and_taken_back_only_on_purpose(
    dsn: str, owner: Connection
) -> None:
    await person(owner)
    assert (await add(dsn, reason="opted_out")).code == 0
    subscribed = "SELECT sms_subscribed FROM newsletter.subscribers"
    assert not await owner.fetchval(subscribed)
    ran = await suppress(dsn, "remove", PHONE, *WHY)
    assert (ran.code, "--reason opted_out lifts that" in ran.err) == (2, True)
    remove = ("remove", PHONE, "--reason", "opted_out", *WHY)
    ran = await suppress(dsn, *remove)
    assert (ran.code, "say --yes" in ran.err) == (2, True)
    assert await reasons(owner) == ["opted_out"]
    ran = await suppress(dsn, *remove, "--yes")
    assert (ran.code, ran.out) == (
        0,
        f"The opt-out of {MASKED} is lifted. Of 1 person with the number, 1 subscribed again.\n",
    )
    assert await owner.fetchval(subscribed)


async def test_what_the_application_said_before_stays_and_is_said(
    dsn: str, owner: Connection
) -> None:
    await person(owner, opted_out=True)
    await add(dsn, reason="opted_out")
    ran = await suppress(dsn, "remove", PHONE, "--reason", "opted_out", *WHY, "--yes")
    assert "1 still opted out in the application" in " ".join(ran.out.split())
    again = await suppress(dsn, "remove", PHONE, "--reason", "opted_out", *WHY, "--yes")
    assert again.code == 2


async def test_what_is_left_is_said(dsn: str, owner: Connection) -> None:
    for reason in ("opted_out", "complaint"):
        await add(dsn, reason=reason)
    ran = await suppress(dsn, "remove", PHONE, *WHY, "--json")
    assert json.loads(ran.out) == {
        "phone": MASKED,
        "lifted": ["complaint"],
        "left": ["opted_out"],
    }
    assert await reasons(owner) == ["opted_out"]


async def test_the_list(dsn: str, owner: Connection) -> None:
    ran = await suppress(dsn, "list")
    assert (ran.code, ran.out) == (0, "No number is suppressed.\n")
    await add(dsn, reason="landline")
    await owner.execute("UPDATE newsletter.sms_suppressions SET until = now()")
    await add(dsn)
    ran = await suppress(dsn, "list")
    for seen in (MASKED, "landline", "ended", "for ever", "complaint: 1; they complained"):
        assert seen in ran.out
    ran = await suppress(dsn, "list", "--reason", "landline", "--json")
    shown = json.loads(ran.out)
    ((one,), counts) = (shown["suppressions"], shown["counts"])
    assert (one["phone"], one["reason"], one["ended"]) == (MASKED, "landline", True)
    assert counts == {"landline": {"holds": 0, "ended": 1}}


async def test_a_file_is_imported_and_again_without_harm(
    dsn: str, owner: Connection, tmp_path: Path
) -> None:
    await text(owner, phone=OTHER)
    file = tmp_path / "numbers.csv"
    file.write_text(
        "Mobile;Reason;Until;Since;Note\n"
        f"{PHONE};opted_out;;2026-01-01T10:00:00-05:00;the old system\n"
        f"{OTHER};landline;;;\n"
        "12;complaint;;;\n"
        f"{PHONE};rude;;;=1+1\n"
    )
    ran = await suppress(dsn, "import", str(file), *WHY)
    assert ran.code == 0, ran.err
    for seen in (
        "Suppressed: 1 line, they want no more texts (opted_out).",
        "Suppressed: 1 line, it is a landline (landline).",
        "Cancelled: 1 text not yet opened.",
        "Refused: 1, the number can't be dialled (invalid_number).",
    ):
        assert seen in ran.out
    assert await reasons(owner) == ["opted_out", "landline"]
    events = await owner.fetch("SELECT * FROM newsletter.consent_events ORDER BY id")
    assert [(e["source"], e["why"]) for e in events] == [
        ("import", "the old system"),
        ("import", WHY[1]),
    ]
    refused = tmp_path / "numbers.refused.csv"
    assert refused.stat().st_mode & 0o077 == 0
    lines = refused.read_text().splitlines()
    assert lines[0].startswith('"line","reason","meaning","Mobile"')
    assert lines[1].startswith('"4","invalid_number"')
    assert lines[2].endswith('"\'=1+1"')
    refused.unlink()
    file.write_text("\n".join(file.read_text().splitlines()[:3]))
    ran = await suppress(dsn, "import", str(file), "--json")
    assert json.loads(ran.out)["refused_file"] is None
    assert (
        await owner.fetchval(
            "SELECT count(*) FROM newsletter.consent_events WHERE event = 'opt_out'"
        )
        == 1
    )


async def test_a_file_of_numbers_alone(dsn: str, owner: Connection, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"phone\n{PHONE}\n{OTHER}\n")
    ran = await suppress(dsn, "import", str(file))
    assert (ran.code, "the reason is none of" in ran.out) == (1, True)
    os.unlink(tmp_path / "list.refused.csv")  # noqa: PTH108
    ran = await suppress(dsn, "import", str(file), "--reason", "do_not_contact")
    assert ran.code == 0
    assert await reasons(owner) == ["do_not_contact"] * 2
    why = "SELECT DISTINCT why FROM newsletter.consent_events"
    assert await owner.fetchval(why) == "import of list.csv"


async def test_who_came_back_since_stays(dsn: str, owner: Connection, tmp_path: Path) -> None:
    await add(dsn, reason="opted_out")
    await suppress(dsn, "remove", PHONE, "--reason", "opted_out", *WHY, "--yes")
    file = tmp_path / "list.csv"
    file.write_text(f"phone,reason,since\n{PHONE},opted_out,2026-01-01T00:00:00Z\n")
    ran = await suppress(dsn, "import", str(file))
    assert (ran.code, ran.out) == (0, "Left as it is: 1 line, they came back since then.\n")
    assert await reasons(owner) == []


async def test_a_file_that_is_none(dsn: str, tmp_path: Path) -> None:
    missing, empty = tmp_path / "missing.csv", tmp_path / "empty.csv"
    empty.write_text("phone,reason\n")
    for file, said in ((missing, "no file that can be read"), (empty, "holds nobody")):
        ran = await suppress(dsn, "import", str(file))
        assert (ran.code, said in ran.err) == (2, True)


@pytest.mark.parametrize("command", ["add", "remove", "list", "import"])
async def test_the_help_fits_a_terminal(command: str) -> None:
    ran = await run("suppress", command, "--help")
    assert ran.code == 0
    assert all(len(line) <= 80 for line in ran.out.splitlines())


async def test_a_file_of_any_name(dsn: str, owner: Connection, tmp_path: Path) -> None:
    file = tmp_path / "numbers\udcff.csv"
    file.write_text(f"phone,reason\n{PHONE},complaint\n")
    assert (await suppress(dsn, "import", str(file))).code == 0
    why = "SELECT why FROM newsletter.consent_events"
    assert await owner.fetchval(why) == "import of numbers?.csv"
