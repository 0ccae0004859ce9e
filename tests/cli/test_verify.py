"""`sms-dispatcher verify` names each book that was broken, and is content with a sound one."""

import json

import pytest
from support.books import BROKEN, sound, unguarded
from support.command import run

from dispatcher.core.verify import Fault
from dispatcher.store import verify
from dispatcher.store.database import Connection


@pytest.fixture
def dsn(database: str) -> str:
    """The daemon's role."""
    return database.replace("owner@", "app_daemon@")


async def test_sound_books(dsn: str, owner: Connection) -> None:
    await sound(owner)
    ran = await run("verify", dsn=dsn)
    assert (ran.code, ran.err) == (0, "")
    assert "10 texts, 6 attempts" in ran.out
    assert "3 texts ended by the application itself." in ran.out
    assert ran.out.endswith("Everything agrees.\n")
    said = json.loads((await run("verify", "--json", dsn=dsn)).out)
    assert (said["clean"], said["rows"], said["faults"]) == (True, 10, [])


@pytest.mark.parametrize(("fault", "statement"), BROKEN)
async def test_a_broken_book_is_named(
    owner: Connection, daemon: Connection, fault: Fault, statement: str
) -> None:
    await sound(owner)
    await unguarded(owner)
    await owner.execute(statement)
    found = await verify.look(daemon)
    assert [f.fault for f in found.findings] == [fault]
    assert all(f.texts >= 1 and f.examples for f in found.findings)


async def test_what_is_found_is_listed(dsn: str, owner: Connection) -> None:
    await sound(owner)
    await owner.execute(
        "UPDATE newsletter.campaign_budgets SET reserved_exact = reserved_exact + 0.0001"
    )
    ran = await run("verify", dsn=dsn)
    assert (ran.code, ran.err) == (1, "")
    assert "budget_differs: a campaign's budget and the ledger differ" in ran.out
    assert "reserved 2.3801, the ledger says 2.3800" in ran.out
    said = json.loads((await run("verify", "--json", dsn=dsn)).out)
    assert [f["fault"] for f in said["faults"]] == ["budget_differs"]
