"""`sms-dispatcher rollup`, and what `campaign status` shows of it."""

import json
from datetime import UTC, datetime

import pytest
from support.command import run
from support.histories import History, News

from dispatcher.store import rollups
from dispatcher.store.database import Connection

NOON = datetime(2026, 6, 1, 16, tzinfo=UTC)


@pytest.fixture
def dsn(database: str) -> str:
    """The daemon's role."""
    return database.replace("owner@", "app_daemon@")


@pytest.fixture
async def history(owner: Connection) -> History:
    """Two texts of a campaign, one delivered, one refused; and somebody wrote without one."""
    made = History(owner)
    await made.begin()
    await made.queue(1, NOON, 2, dated=True)
    for outcome in ("accepted", "refused"):
        await made.open(1)
        await made.settle(0, outcome, NOON)
    await made.tell(0, News("DELIVERED", None, closed=True))
    await made.reply(0, NOON)
    return made


async def test_what_is_stale_is_counted_at_once(dsn: str, history: History) -> None:
    ran = await run("rollup", dsn=dsn)
    assert (ran.code, ran.out, ran.err) == (0, "2 days of campaigns counted.\n", "")
    assert (await run("rollup", dsn=dsn)).out == "0 days of campaigns counted.\n"
    every = await run("rollup", "--all", "--json", dsn=dsn)
    assert (every.code, json.loads(every.out)) == (0, {"days": 2})
    assert len(history.figures()) == 2


async def test_a_figure_that_differs_is_named(
    dsn: str, owner: Connection, history: History
) -> None:
    await run("rollup", dsn=dsn)
    sound = await run("rollup", "--verify", dsn=dsn)
    assert (sound.code, sound.err) == (0, "")
    assert sound.out.startswith("2 days of campaigns compared, as of 20")
    assert sound.out.endswith("Everything agrees.\n")
    await owner.execute(
        "UPDATE newsletter.campaign_metrics_daily SET delivered = 7 WHERE delivered = 1"
    )
    wrong = await run("rollup", "--verify", dsn=dsn)
    assert (wrong.code, wrong.err) == (1, "")
    assert f"{history.campaigns[1]}" in wrong.out
    assert "1 figure differs." in wrong.out
    assert max(map(len, wrong.out.splitlines())) <= 80
    said = json.loads((await run("rollup", "--verify", "--json", dsn=dsn)).out)
    assert (said["clean"], said["days"], said["stale"]) == (False, 2, 0)
    assert said["differences"] == [
        {
            "campaign_id": str(history.campaigns[1]),
            "day": "2026-06-01",
            "figure": "delivered",
            "stands": 7,
            "counted": 1,
        }
    ]


async def test_days_that_are_stale_are_told_apart(dsn: str, history: History) -> None:
    assert history.queued
    ran = await run("rollup", "--verify", dsn=dsn)
    assert ran.code == 0
    assert "0 days of campaigns compared" in ran.out
    assert "2 days about to be counted, not compared." in ran.out


async def test_the_command_waits_for_who_counts(
    dsn: str, owner: Connection, history: History
) -> None:
    """It is told nothing untrue: with another at it, it goes on once that one is done."""
    assert history.queued
    async with owner.transaction():
        await owner.execute(rollups.SQL["lock"])
        again = run("rollup", dsn=dsn)
    assert (await again).out == "2 days of campaigns counted.\n"


async def test_a_database_that_was_not_migrated(empty_database: str) -> None:
    ran = await run("rollup", dsn=empty_database)
    assert (ran.code, ran.out) == (2, "")
    assert "Run sms-dispatcher migrate first." in ran.err


async def test_a_campaigns_status_shows_what_became_of_it(dsn: str, history: History) -> None:
    spring = str(history.campaigns[1])
    before = await run("campaign", "status", spring, dsn=dsn)
    assert "delivered" not in before.out
    await run("rollup", dsn=dsn)
    shown = await run("campaign", "status", spring, dsn=dsn)
    assert "delivered: 1, failed: 1, replied: 0, unsubscribed: 0 (counted 20" in shown.out
    said = json.loads((await run("campaign", "status", spring, "--json", dsn=dsn)).out)
    became = said["became"]
    assert (became["delivered"], became["failed"], became["replied"]) == (1, 1, 0)
    assert became["rolled_at"]
