"""`sms-dispatcher campaign create|launch` as an operator meets them."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from support.command import Ran, run
from support.queue import campaign, text

from dispatcher.store.database import Connection


@pytest.fixture
def host(database: str) -> str:
    """The DSN of the role that the host application has: what these commands need."""
    return database.replace("owner@", "app_host@")


async def create(dsn: str, *args: str, **env: str) -> Ran:
    return await run("campaign", "create", "--name", "Spring", *args, dsn=dsn, **env)


async def launch(dsn: str, made: object, *args: str, **env: str) -> Ran:
    return await run("campaign", "launch", str(made), *args, dsn=dsn, **env)


async def waiting(owner: Connection, people: int = 1, content: str = "Hello") -> UUID:
    """Return a draft with a text for each of so many people."""
    made = await campaign(owner, status="DRAFT")
    for n in range(people):
        await text(owner, campaign=made, phone=f"+19165550{100 + n}", content=content)
    return made


def assert_one_sentence(ran: Ran, said: str) -> None:
    assert (ran.code, ran.out) == (2, ""), ran
    assert ran.err.count("\n") == 1
    assert said in ran.err


async def test_a_draft(host: str, owner: Connection) -> None:
    ran = await create(host, "--text", "Table for two? 🌷", "--category", "reminder")
    assert (ran.code, ran.err) == (0, "")
    row = await owner.fetchrow("SELECT *, channel::text AS c FROM newsletter.campaigns")
    assert row
    assert ran.out == f"{row['id']}\n"
    assert (row["name"], row["c"], row["status"]) == ("Spring", "SMS", "DRAFT")
    assert (row["content"], row["category"]) == ("Table for two? 🌷", "reminder")


async def test_a_draft_for_programs(host: str, tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"\xef\xbb\xbf" + ("x" * 161).encode() + b"\r\n")
    ran = await create(
        host, "--text-file", str(path), "--json", SMS_DISPATCHER_SEGMENT_PRICE="0.85"
    )
    made = json.loads(ran.out)
    assert UUID(made.pop("id"))
    assert made == {
        "status": "DRAFT",
        "category": "promotion",
        "encoding": "gsm7",
        "segments": 2,
        "cents_per_person": "1.70",
    }


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--text", ""], "The text is empty"),
        (["--text", " \u200b\n"], "The text is empty"),
        (["--text", "x" * 999 + "🌷"], "1,001 characters long"),
        (["--text", "\udcff"], "no characters"),
        (["--text-file", "/nowhere/text"], "No such file or directory"),
        (["--text-file", "/"], "Is a directory"),
        (["--text", "Hi", "--name", "x" * 201], "1 to 200 characters"),
    ],
)
async def test_a_draft_that_is_refused(
    host: str, owner: Connection, args: list[str], said: str
) -> None:
    assert_one_sentence(await create(host, *args), said)
    assert await owner.fetchval("SELECT count(*) FROM newsletter.campaigns") == 0


async def test_a_column_of_the_application_that_we_know_nothing_of(
    host: str, owner: Connection
) -> None:
    await owner.execute("ALTER TABLE newsletter.campaigns ADD made_by text NOT NULL")
    assert_one_sentence(
        await create(host, "--text", "Hi"), "wants newsletter.campaigns.made_by filled"
    )


async def test_a_database_that_was_not_migrated(empty_database: str) -> None:
    ran = await create(empty_database, "--text", "Hi")
    assert_one_sentence(ran, "Run sms-dispatcher migrate first.")


async def test_the_daemons_role_makes_no_campaigns(database: str) -> None:
    ran = await create(database.replace("owner@", "app_daemon@"), "--text", "Hi")
    assert_one_sentence(ran, "Use the role that owns the tables, or grant it the right.")


async def test_a_launch_without_a_word_about_money(host: str, owner: Connection) -> None:
    ran = await launch(host, await waiting(owner))
    assert ran.code == 2
    assert "--budget" in ran.err
    assert await owner.fetchval("SELECT status::text FROM newsletter.campaigns") == "DRAFT"


@pytest.mark.parametrize("budget", ["0", "-5", "12.50", "$5", "1e3", "99999999999", "١٢"])
async def test_a_budget_that_is_none(host: str, owner: Connection, budget: str) -> None:
    """0 would be no limit in the table, which is what --no-budget says."""
    ran = await launch(host, await waiting(owner), f"--budget={budget}")
    assert ran.code == 2
    assert "whole cents" in ran.err


async def test_a_launch(host: str, owner: Connection) -> None:
    made = await waiting(owner, 3, "x" * 161)
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET scheduled_at = now() - interval '3 days'"
    )
    ran = await launch(host, made, "--budget", "500", "--json")
    assert (ran.code, ran.err) == (0, "")
    said = json.loads(ran.out)
    assert (said["texts"], said["segments"], said["cents_at_most"]) == (3, 6, "7.14")
    assert said["warnings"] == []
    row = await owner.fetchrow(
        "SELECT status::text, scheduled_at, scheduled_at <= now() AS due, budget_cents, spent_exact"
        " FROM newsletter.campaigns JOIN newsletter.campaign_budgets ON campaign_id = id"
    )
    assert row
    assert (row["status"], row["due"], row["budget_cents"]) == ("SCHEDULED", True, 500)
    assert row["spent_exact"] == Decimal(0)
    due = await owner.fetch("SELECT DISTINCT scheduled_at FROM newsletter.sms_send_queue")
    assert [r[0] for r in due] == [row["scheduled_at"]]


async def test_a_launch_later_and_without_a_budget(host: str, owner: Connection) -> None:
    made = await waiting(owner)
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)  # noqa: TID251
    ran = await launch(host, made, "--no-budget", "--at", at.isoformat())
    assert ran.code == 0
    assert f"It starts at {at:%Y-%m-%d %H:%M:%S} UTC" in ran.out
    assert await owner.fetchval("SELECT budget_cents FROM newsletter.campaign_budgets") == 0
    assert await owner.fetchval("SELECT scheduled_at FROM newsletter.sms_send_queue") == at


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2001-02-03T04:05:06Z", "is past"),
        ("2026-12-01T10:00:00", "its zone"),
        ("tomorrow", "its zone"),
        ("0001-01-01T00:00:00+14:00", "its zone"),
    ],
)
async def test_a_time_that_is_none(host: str, owner: Connection, at: str, said: str) -> None:
    ran = await launch(host, await waiting(owner), "--no-budget", "--at", at)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert await owner.fetchval("SELECT status::text FROM newsletter.campaigns") == "DRAFT"


async def test_warnings(host: str, owner: Connection) -> None:
    ran = await launch(
        host,
        await waiting(owner, 20),
        "--budget=10",
        SMS_DISPATCHER_DAILY_BUDGET_CENTS="15",
        SMS_DISPATCHER_RATE_PER_MINUTE="1",
        SMS_DISPATCHER_LEASE_SECONDS="600",
        SMS_DISPATCHER_EXPIRE_PROMOTION_HOURS="0.1",
    )
    assert ran.code == 0
    first, _, *warnings = ran.out.splitlines()
    assert first == "Launched: 20 texts, 20 segments, at most 23.8 cents; budget: 10 cents."
    assert [w.split()[0] for w in warnings] == ["Warning:"] * 3


@pytest.mark.parametrize("status", ["SCHEDULED", "SENDING", "SENT", "PAUSED", "CANCELLED"])
async def test_only_a_draft_is_launched(host: str, owner: Connection, status: str) -> None:
    made = await campaign(owner, status=status)
    await text(owner, campaign=made)
    assert_one_sentence(await launch(host, made, "--no-budget"), f"is {status}: only a draft")


async def test_a_campaign_without_people_or_without_itself(
    host: str, owner: Connection
) -> None:
    empty = await campaign(owner, status="DRAFT")
    assert_one_sentence(await launch(host, empty, "--no-budget"), "nobody to text")
    assert_one_sentence(await launch(host, uuid4(), "--no-budget"), "There is no campaign")
    assert (await launch(host, "spring", "--no-budget")).code == 2


async def test_two_launches_at_once(host: str, owner: Connection) -> None:
    """One of them launches, whichever; the other one's budget counts for nothing."""
    made = await waiting(owner)
    async with owner.transaction():
        await owner.execute("SELECT FROM newsletter.campaigns FOR UPDATE")
        both = [
            asyncio.create_task(launch(host, made, f"--budget={n}", "--json")) for n in (5, 7)
        ]
        async with asyncio.timeout(30):
            while await owner.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < 2:
                await owner.execute("SELECT pg_stat_clear_snapshot(), pg_sleep(0.02)")
    first, second = sorted(await asyncio.gather(*both), key=lambda ran: ran.code)
    assert first.code == 0
    assert_one_sentence(second, "somebody launched it")
    budget = await owner.fetchval("SELECT budget_cents FROM newsletter.campaign_budgets")
    assert budget == json.loads(first.out)["budget_cents"]
