"""`sms-dispatcher campaign status` and `queue` on what rules hold, and how long a day is."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from support.command import run
from support.queue import campaign, person, text

from dispatcher.store.database import Connection

NINE = datetime(2099, 3, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def dsn(database: str) -> str:
    """The daemon's role."""
    return database.replace("owner@", "app_daemon@")


async def status(dsn: str, made: object, **env: str) -> dict[str, Any]:
    ran = await run("campaign", "status", str(made), "--json", dsn=dsn, **env)
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)
    return found


async def held(owner: Connection, made: UUID | None, n: int, reason: str, rule: str) -> None:
    message = await text(owner, campaign=made, phone=f"+1916555{100 + n:04}", reason=reason)
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET rule = $2, not_before = $3 WHERE id = $1",
        message, rule, NINE + n * HOUR,
    )  # fmt: skip


async def test_how_many_are_held_by_which_rule_and_until_when(
    dsn: str, owner: Connection
) -> None:
    made = await campaign(owner)
    for n in range(3):
        await held(owner, made, n, "quiet_hours", "hours US-KY")
    await held(owner, made, 3, "frequency_cap", "cap person")
    await held(owner, made, 4, "quiet_hours", "hours US")
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET not_before = now() WHERE rule = 'hours US'"
    )
    await held(owner, None, 5, "tier_limit", "tier")
    found = (await status(dsn, made))["held"]
    assert found == [
        {"reason": "quiet_hours", "rule": "hours US-KY", "texts": 3,
         "first": NINE.isoformat(), "last": (NINE + 2 * HOUR).isoformat()},
        {"reason": "frequency_cap", "rule": "cap person", "texts": 1,
         "first": (NINE + 3 * HOUR).isoformat(), "last": (NINE + 3 * HOUR).isoformat()},
    ], "whose time has come is held by nothing any more"  # fmt: skip
    waits = [w["wait"] for w in (await status(dsn, made))["waits"]]
    assert [w for w in waits if w in {"hours", "cap", "tier"}] == ["hours", "cap"]
    said = (await run("campaign", "status", str(made), dsn=dsn)).out
    assert "hours US-KY (quiet_hours)" in said
    assert "2099-03-03 09:00:00 UTC" in said
    assert "2099-03-03 11:00:00 UTC" in said
    queue = json.loads((await run("queue", "--json", dsn=dsn)).out)
    assert [(each["rule"], each["texts"]) for each in queue["held"]] == [
        ("hours US-KY", 3), ("cap person", 1), ("tier", 1),
    ]  # fmt: skip
    assert "tier (tier_limit)" in (await run("queue", dsn=dsn)).out


async def test_how_long_a_day_is(dsn: str, owner: Connection) -> None:
    made = await campaign(owner)
    federal = {"SMS_DISPATCHER_HOURS": "federal"}
    assert (await status(dsn, made, **federal))["hours"] is None
    for n, phone in enumerate(["(502) 555-0100", "+15025550101", "+18005550100", "12"]):
        ada = await person(owner, phone=f"+1916555{100 + n:04}")
        if n == 1:
            await owner.execute(
                "UPDATE newsletter.subscribers SET timezone = 'America/Denver' WHERE id = $1",
                ada,
            )
        await text(owner, campaign=made, person=ada, phone=phone, content=f"{n}")
    await text(owner, phone="+13055550100")  # of no campaign
    found = (await status(dsn, made, **federal))["hours"]
    # 8 to 21 in Louisville, less five minutes; two hours fewer with Denver; Honolulu is worst.
    assert (found["longest"]["open_minutes"], found["longest"]["area_code"]) == (775, "502")
    assert found["anywhere"]["area_code"] == "800"
    assert found["shortest"] == found["anywhere"]
    assert found["anywhere"]["texts"] == 1
    assert found["anywhere"]["open_minutes"] in {415, 475}, "by whether clocks are changed"
    said = (await run("campaign", "status", str(made), dsn=dsn, **federal)).out
    assert "The hours are open for " in said
    assert " (area code 800) to 12 h 55 min (502) of the next 24 hours." in said
    assert "1 text to numbers of no known place, anywhere in the US:" in said
    assert (await status(dsn, made, SMS_DISPATCHER_HOURS="off"))["hours"] is None
    await owner.execute("UPDATE newsletter.campaigns SET category = 'transactional'")
    assert (await status(dsn, made, **federal))["hours"] is None


async def test_a_wrong_table_hides_no_more_than_the_hours(
    dsn: str, owner: Connection, tmp_path: Path
) -> None:
    made = await campaign(owner)
    await held(owner, made, 1, "quiet_hours", "hours US")
    wrong = {"SMS_DISPATCHER_RULES_FILE": str(tmp_path / "none.csv")}
    ran = await run("campaign", "status", str(made), dsn=dsn, **wrong)
    assert (ran.code, "hours US (quiet_hours)" in ran.out) == (0, True)
    assert (
        ran.err == "The table of rules that is set is wrong: sms-dispatcher rules says why.\n"
    )
    assert (await run("campaign", "status", dsn=dsn, **wrong)).err == ""
