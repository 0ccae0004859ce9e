"""`sms-dispatcher campaign status|pause|resume|cancel` as an operator meets them."""

import asyncio
import json
import os
import pty
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from support.command import PROGRAM, Ran, run
from support.queue import campaign, text

from dispatcher.core.standing import waits
from dispatcher.store import standing
from dispatcher.store.database import Connection

STATUS = "SELECT status::text FROM newsletter.campaigns WHERE id = $1"


@pytest.fixture
def dsn(database: str) -> str:
    """The daemon's role, which may do all of it, as the application's may."""
    return database.replace("owner@", "app_daemon@")


@pytest.fixture
def host(database: str) -> str:
    return database.replace("owner@", "app_host@")


async def step(dsn: str, name: str, made: object, *args: str, **env: str) -> Ran:
    return await run("campaign", name, str(made), *args, dsn=dsn, **env)


async def status(dsn: str, made: object) -> dict[str, Any]:
    ran = await step(dsn, "status", made, "--json")
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)
    return found


async def running(owner: Connection) -> None:
    """Write down what a daemon writes while it is there."""
    await owner.execute(
        "INSERT INTO newsletter.processes (host, pid, version) VALUES ('h', 1, '0');"
        "INSERT INTO newsletter.sms_buckets (login, limit_group, capacity, per_second, tokens) VALUES ('l', 'medium', 1, 1, 1);"
        "INSERT INTO newsletter.sms_senders (login, number, enabled, minute_tokens, day) VALUES ('l', '+19165550199', true, 1, CURRENT_DATE)"
    )


async def binding(conn: Connection, made: UUID) -> str:
    """Return what binds, read by the role of *conn*."""
    shared = await standing.dispatchers(conn, timedelta(seconds=60), "America/New_York")
    found = waits(await standing.texts(conn, made), shared)
    return found[0].wait if found else "nothing"


async def test_what_a_campaign_waits_for(
    owner: Connection, app: Connection, daemon: Connection
) -> None:
    made = await campaign(owner, status="SENDING", budget=100)
    await text(owner, campaign=made)
    await owner.execute(
        "INSERT INTO newsletter.account_days (day, budget_cents) VALUES ((now() AT TIME ZONE 'America/New_York')::date, 5)"
    )
    assert await binding(daemon, made) == "no_daemon"
    await running(owner)
    for change, expected in (
        ("campaigns SET status = 'DRAFT'", "draft"),
        ("campaigns SET status = 'PAUSED'", "paused"),
        ("campaigns SET status = 'SENDING'", "rate"),
        ("sms_senders SET enabled = false", "no_sender"),
        ("sms_senders SET enabled = true, stopped_until = now() + interval '1 h'", "no_sender"),
        ("sms_senders SET stopped_until = NULL", "rate"),
        ("account_days SET exceeded_at = now()", "day_budget"),
        ("account_days SET exceeded_at = NULL", "rate"),
        ("sms_buckets SET blocked_until = now() + interval '1 min'", "blocked"),
        ("sms_buckets SET needs_probe = true", "unreachable"),
        ("sms_buckets SET needs_probe = false, blocked_until = now()", "rate"),
        ("campaign_budgets SET exceeded_at = now()", "budget"),
        ("campaign_budgets SET exceeded_at = NULL", "rate"),
        (
            "sms_send_queue SET reason = 'quiet_hours', not_before = now() + interval '1 h'",
            "hours",
        ),
        ("processes SET heartbeat_at = now() - interval '61 s'", "no_daemon"),
    ):
        await owner.execute(f"UPDATE newsletter.{change}")
        assert await binding(daemon, made) == expected, change
        assert await binding(app, made) == expected, change


async def test_a_campaign_whose_time_has_come_waits_for_a_daemon(
    dsn: str, owner: Connection
) -> None:
    made = await campaign(owner, status="SCHEDULED")
    await text(owner, campaign=made)
    await owner.execute("UPDATE newsletter.campaigns SET scheduled_at = now()")
    said = await status(dsn, made)
    assert [w["wait"] for w in said["waits"]] == ["scheduled", "no_daemon"]


async def test_the_money_and_the_counts(dsn: str, owner: Connection) -> None:
    made = await campaign(owner, budget=100)
    await owner.execute(
        "UPDATE newsletter.campaign_budgets SET spent_exact = 11.9, reserved_exact = 1.19"
    )
    await text(owner, campaign=made, status="sent")
    await text(owner, campaign=made, status="failed", reason="opted_out")
    failed = await text(owner, campaign=made, status="failed", reason="refused")
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET error_code = 'MSG-243', last_error = 'RingCentral blocks this number.' WHERE id = $1",
        failed,
    )
    said = await status(dsn, made)
    assert said["texts"] == {
        "pending": 0,
        "sending": 0,
        "unknown": 0,
        "sent": 1,
        "failed": 1,
        "cancelled": 1,
    }
    assert (said["spent_cents"], said["left_cents"]) == ("11.9000", "86.9100")
    assert {"word": "failed", "reason": "refused", "code": "MSG-243", "texts": 1} in said[
        "ends"
    ]
    plain = await step(dsn, "status", made)
    assert (
        "Budget 100 cents ($1.00): spent 11.9 cents, reserved 1.19 cents, left 86.91 cents."
        in plain.out
    )
    assert "RingCentral blocks this number." in plain.out


async def test_the_list(dsn: str, owner: Connection) -> None:
    assert "no campaign of texts yet" in (await run("campaign", "status", dsn=dsn)).out
    made = await campaign(owner, budget=100)
    await text(owner, campaign=made)
    ran = await run("campaign", "status", "--json", dsn=dsn)
    (found,) = json.loads(ran.out)["campaigns"]
    assert (found["id"], found["texts"]["pending"]) == (str(made), 1)
    assert str(made) in (await run("campaign", "status", dsn=dsn)).out


async def test_a_terminal_of_eighty_columns(dsn: str, owner: Connection) -> None:
    made = await campaign(owner, budget=1_000_000)
    await owner.execute("UPDATE newsletter.campaigns SET name = repeat('a long name ', 12)")
    await text(owner, campaign=made)
    for args in (["campaign", "status"], ["campaign", "status", str(made)], ["queue"]):
        theirs, ours = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *args, stdout=ours, env=os.environ | {"COLUMNS": "80", "DATABASE_URL": dsn}
        )
        os.close(ours)
        assert await process.wait() == 0
        shown = re.sub(r"\x1b\[[\d;]*m", "", os.read(theirs, 65536).decode())
        os.close(theirs)
        assert max(map(len, shown.splitlines())) <= 80
        assert args == ["queue"] or str(made) in shown or args[-1] == str(made)


async def test_pausing_and_resuming(host: str, owner: Connection) -> None:
    made = await campaign(owner)
    await text(owner, campaign=made)
    ran = await step(host, "pause", made)
    assert (ran.code, await owner.fetchval(STATUS, made)) == (0, "PAUSED")
    assert ran.out.startswith("Paused. 1 text to go, 0 texts gone.")
    again = await step(host, "pause", made)
    assert again.code == 2
    assert "is PAUSED: only one that sends can be paused" in again.err
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET scheduled_at = now() - interval '25 h'"
    )
    ran = await step(host, "resume", made)
    assert (ran.code, await owner.fetchval(STATUS, made)) == (0, "SENDING")
    assert "1 text has expired meanwhile" in ran.out
    again = await step(host, "resume", made)
    assert again.code == 2
    assert "only a paused one" in again.err


async def test_a_campaign_paused_before_its_time_is_scheduled_again(
    dsn: str, owner: Connection
) -> None:
    made = await campaign(owner, status="SCHEDULED")
    await owner.execute("UPDATE newsletter.campaigns SET scheduled_at = now() + interval '1 h'")
    assert (await step(dsn, "pause", made)).code == 0
    ran = await step(dsn, "resume", made, "--json")
    assert json.loads(ran.out)["status"] == "SCHEDULED"
    assert await owner.fetchval(STATUS, made) == "SCHEDULED"


async def test_cancelling_wants_a_yes(host: str, owner: Connection) -> None:
    made = await campaign(owner)
    for state in ("pending", "pending", "sent"):
        await text(owner, campaign=made, status=state)
    ran = await step(host, "cancel", made)
    assert (ran.code, ran.out) == (2, "")
    assert "2 texts will not go, 1 text has gone. Nothing was changed: say --yes" in ran.err
    assert await owner.fetchval(STATUS, made) == "SENDING"
    ran = await step(host, "cancel", made, "--yes")
    assert (ran.code, ran.out) == (0, "Cancelled. 2 texts will not go, 1 text has gone.\n")
    assert await owner.fetchval(STATUS, made) == "CANCELLED"
    again = await step(host, "cancel", made, "--yes")
    assert again.code == 2
    assert "is CANCELLED: it is over already" in again.err


@pytest.mark.parametrize(("answer", "expected"), [(b"y\n", "CANCELLED"), (b"\n", "SENDING")])
async def test_a_terminal_is_asked(
    dsn: str, owner: Connection, answer: bytes, expected: str
) -> None:
    made = await campaign(owner)
    theirs, ours = pty.openpty()
    os.write(theirs, answer)
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *("campaign", "cancel", str(made)),
        env=os.environ | {"DATABASE_URL": dsn},
        stdin=ours,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    os.close(ours)
    os.close(theirs)
    assert b"[y/N]" in err
    assert await owner.fetchval(STATUS, made) == expected


@pytest.mark.parametrize("name", ["status", "pause", "resume", "cancel"])
async def test_a_campaign_that_is_none_of_ours(dsn: str, owner: Connection, name: str) -> None:
    mail: UUID = await owner.fetchval(
        "INSERT INTO newsletter.campaigns (name, channel, content) VALUES ('m', 'EMAIL', 'x') RETURNING id"
    )
    made, said = (mail, "one of EMAIL") if name == "pause" else (uuid4(), "no campaign")
    for ran in [await step(dsn, name, made)]:
        assert (ran.code, ran.out) == (2, "")
        assert said in ran.err
