"""`sms-dispatcher replies` and `replies decide` as an operator meets them."""

import json
import unicodedata
from uuid import UUID, uuid4

import pytest
from support.command import run
from support.inbound import PHONE, entry, receive
from support.queue import campaign, open_attempt, text

from dispatcher.store.database import Connection

WHY = ("--why", "They mean the shop's sign", "--yes")


@pytest.fixture
def dsn(database: str) -> str:
    """The daemon's role."""
    return database.replace("owner@", "app_daemon@")


async def wrote(owner: Connection, words: str) -> UUID:
    """Let somebody write, in answer to the spring campaign."""
    at = await owner.fetchval("SELECT now()")
    await receive(owner, entry(words, at))
    made: UUID = await owner.fetchval(
        "SELECT id FROM newsletter.sms_inbound_messages WHERE message_content = $1", words
    )
    return made


async def test_nobody_wrote(dsn: str) -> None:
    ran = await run("replies", dsn=dsn)
    assert (ran.code, ran.out) == (0, "Nobody wrote anything that is to be shown.\n")


async def test_what_people_wrote_is_shown_without_their_number(
    dsn: str, owner: Connection
) -> None:
    spring = await campaign(owner)
    message = await text(owner, campaign=spring, status="sent")
    await open_attempt(owner, message, campaign=spring, outcome="accepted")
    await wrote(owner, "Thanks!")
    unclear = await wrote(owner, "Cancel?")
    ran = await run("replies", dsn=dsn)
    assert ran.code == 0
    for seen in (
        str(unclear), "campaign Spring", "+1916***0100", "Thanks!", "none, none",
        "Cancel?", "unclear, question", "2 texts shown, 1 waits for a person to decide.",
    ):  # fmt: skip
        assert seen in ran.out
    assert PHONE not in ran.out
    ran = await run("replies", "--unclear", "--json", dsn=dsn)
    (shown,) = json.loads(ran.out)["replies"]
    assert (shown["id"], shown["waits"]) == (str(unclear), True)
    assert PHONE not in ran.out


async def test_nobody_commands_a_terminal_by_text(dsn: str, owner: Connection) -> None:
    await wrote(owner, "Hi\x1b[2J\x1b]0;all is well\x07\x9b31m there\nand here")
    ran = await run("replies", dsn=dsn)
    shown = json.loads((await run("replies", "--json", dsn=dsn)).out)["replies"][0]["text"]
    for out in (ran.out.replace("\n", ""), shown.replace("\n", "")):
        assert [c for c in out if unicodedata.category(c) == "Cc"] == []
        assert "all is well" in out


async def test_a_person_decides_that_it_is_an_opt_out(dsn: str, owner: Connection) -> None:
    unclear = await wrote(owner, "Cancel?")
    await text(owner)
    ran = await run(
        "replies", "decide", str(unclear), "--opt-out", "--as", "Ada", *WHY, dsn=dsn
    )
    assert (ran.code, ran.out) == (
        0,
        "Recorded: opt_out, decided by Ada, as app_daemon; 1 text cancelled.\n",
    )
    row = await owner.fetchrow("SELECT * FROM newsletter.sms_suppressions")
    assert row
    assert (row["phone"], row["source"], row["inbound_id"]) == (PHONE, "person", unclear)
    decided = await owner.fetchrow("SELECT * FROM newsletter.sms_inbound_messages")
    assert decided
    assert (decided["decision"], decided["decided_by"], decided["decided_why"]) == (
        "opt_out",
        "Ada, as app_daemon",
        "They mean the shop's sign",
    )
    again = await run("replies", "decide", str(unclear), "--none", *WHY, dsn=dsn)
    assert again.code == 2
    assert "does not wait for a decision" in again.err


async def test_a_person_decides_that_it_is_none(dsn: str, owner: Connection) -> None:
    unclear = await wrote(owner, "Cancel?")
    ran = await run("replies", "decide", str(unclear), "--none", *WHY, "--json", dsn=dsn)
    assert json.loads(ran.out)["decided"] == "none"
    assert await owner.fetchval("SELECT count(*) FROM newsletter.sms_suppressions") == 0
    ran = await run("replies", "--unclear", dsn=dsn)
    assert ran.out == "Nobody wrote anything that is to be shown.\n"


async def test_what_is_understood_is_not_decided_on(dsn: str, owner: Connection) -> None:
    for named in (await wrote(owner, "Thanks!"), uuid4()):
        ran = await run("replies", "decide", str(named), "--opt-out", *WHY, dsn=dsn)
        assert ran.code == 2


async def test_nothing_is_decided_without_a_yes(dsn: str, owner: Connection) -> None:
    unclear = await wrote(owner, "Cancel?")
    ran = await run("replies", "decide", str(unclear), "--none", *WHY[:-1], dsn=dsn)
    assert ran.code == 2
    assert "say --yes" in ran.err
    assert (
        await owner.fetchval("SELECT handled_at FROM newsletter.sms_inbound_messages") is None
    )
