"""`sms-dispatcher receipts` as an operator meets it."""

import json

import pytest
from support.command import run
from support.told import accepted, apply, record, tell

from dispatcher.store.database import Connection


@pytest.fixture
def dsn(database: str) -> str:
    """The daemon's role."""
    return database.replace("owner@", "app_daemon@")


async def test_nothing_is_read_yet(dsn: str) -> None:
    ran = await run("receipts", dsn=dsn)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("RingCentral's record has not been read yet.\n")
    assert "The end of 0 texts is awaited.\n" in ran.out


async def test_one_screen_says_how_far_texts_are_followed(
    dsn: str, owner: Connection, daemon: Connection
) -> None:
    await owner.execute(
        "INSERT INTO newsletter.sms_syncs VALUES ('shop', 'secret-token', now(), now() - interval '3 hours',"
        " '2026-02-01 12:00Z', '2026-02-03 12:00Z', 4)"
    )
    for n in "12":
        await accepted(owner, n)
    await tell(daemon, record("1", "Delivered"), record("1", "Sent"), record("9", "Sent"))
    await apply(daemon)
    await tell(daemon, record("2", "Sent"))
    await owner.execute(
        "UPDATE newsletter.sms_receipts SET received_at = now() - interval '2 hours'"
    )
    ran = await run("receipts", dsn=dsn)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "shop: read 3 hours ago; what was missed from 2026-02-01 12:00:00 UTC to"
        " 2026-02-03 12:00:00 UTC is being read, page 4.\n"
        "The end of 1 text is awaited, the oldest since 2026-02-03 12:00:00 UTC.\n"
        "1 to be applied; the oldest came 2 hours ago.\n"
        "1 without a text of ours so far; the oldest came 2 hours ago.\n"
        "Receipts of today:\n"
        "        1 said something new of a text\n"
        "        1 said what was known already\n"
        "        0 were texts to us\n"
        "        0 were of texts that others sent, and are given up\n"
        "        0 could not be understood\n"
    )


async def test_a_program_gets_json(dsn: str, daemon: Connection) -> None:
    await tell(daemon, record("9", "Sent"))
    found = json.loads((await run("receipts", "--json", dsn=dsn)).out)
    assert found["waiting"] == {"new": 1, "early": 0}
    assert found["today"]["applied"] == 0
    assert (found["reads"], found["awaited"]) == ([], 0)
