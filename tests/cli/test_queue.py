"""`sms-dispatcher queue` and `queue retry` as an operator meets them."""

import json

import pytest
from support.command import Ran, run
from support.queue import campaign, open_attempt, text

from dispatcher.core.reason import DECISIONS, WAITS, Reason
from dispatcher.store.database import Connection


@pytest.fixture
def dsn(database: str) -> str:
    """The daemon's role, which alone may write what retry writes."""
    return database.replace("owner@", "app_daemon@")


async def retry(dsn: str, reason: str, *args: str) -> Ran:
    return await run("queue", "retry", "--reason", reason, *args, dsn=dsn)


async def test_an_empty_queue(dsn: str) -> None:
    ran = await run("queue", dsn=dsn)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "pending: 0, sending: 0, unknown: 0, sent: 0, failed: 0, cancelled: 0\n"
    assert json.loads((await run("queue", "--json", dsn=dsn)).out)["binding"] is None


async def test_what_is_in_it_and_what_binds(dsn: str, owner: Connection) -> None:
    draft = await campaign(owner, status="DRAFT")
    await text(owner, campaign=draft)
    await text(owner)
    await text(owner, status="sending", unknown_at=True)
    await text(owner, status="failed", reason="exhausted")
    await text(owner, status="failed", reason="expired")
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET scheduled_at = now() - interval '3 h'"
    )
    said = json.loads((await run("queue", "--json", dsn=dsn)).out)
    assert said["texts"] == {
        "pending": 2,
        "sending": 0,
        "unknown": 1,
        "sent": 0,
        "failed": 1,
        "cancelled": 1,
    }
    assert 10_800 <= said["oldest_seconds"] < 10_900
    assert [(w["wait"], w["texts"]) for w in said["waits"]] == [
        ("draft", 1),
        ("no_daemon", 1),
        ("no_sender", 1),
        ("rate", 1),
        ("unknown", 1),
    ]
    plain = (await run("queue", dsn=dsn)).out
    assert "has waited 3 hours" in plain
    assert "exhausted" in plain


async def test_a_failure_is_put_back(dsn: str, owner: Connection) -> None:
    spring, other = await campaign(owner), await campaign(owner)
    failed = [
        await text(owner, campaign=c, status="failed", reason="exhausted", fence=3)
        for c in (spring, other)
    ]
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET attempts = 5, error_code = 'MSG-290', last_error = 'x',"
        " not_before = now() + interval '1 h', attempt_id = 7"
    )
    await open_attempt(owner, failed[0], campaign=spring, content="Hello", outcome="refused")
    asked = await retry(dsn, "exhausted", "--campaign", str(spring))
    assert (asked.code, asked.out) == (2, "")
    assert "Put 1 text back into the line? Nothing was changed: say --yes" in asked.err
    ran = await retry(dsn, "exhausted", "--campaign", str(spring), "--yes")
    assert (ran.code, ran.out) == (0, "1 text put back into the line.\n")
    row = await owner.fetchrow(
        "SELECT status::text, attempts, reason, error_code, last_error, not_before, attempt_id, fence"
        " FROM newsletter.sms_send_queue WHERE id = $1",
        failed[0],
    )
    assert row
    assert tuple(row) == ("pending", 0, None, None, None, None, None, 4)
    by_code = await retry(dsn, "MSG-290", "--yes", "--json")
    assert json.loads(by_code.out) == {"retried": 1, "gone": 0, "late": 0, "over": 0}
    assert (await retry(dsn, "exhausted", "--yes")).code == 1


@pytest.mark.parametrize("outcome", [None, "accepted", "ambiguous"])
async def test_what_may_have_gone_out_is_not_put_back(
    dsn: str, owner: Connection, outcome: str | None
) -> None:
    """Its own attempt, or another row's for the same person and text of one campaign."""
    spring = await campaign(owner)
    own = await text(owner, campaign=spring, status="failed", reason="refused")
    await open_attempt(owner, own, campaign=spring, outcome=outcome)
    twin = await text(
        owner, campaign=spring, phone="+19165550101", status="failed", reason="refused"
    )
    elsewhere = await text(owner, campaign=spring, phone="+19165550101", status="sent")
    for message, fate in ((twin, "refused"), (elsewhere, outcome)):
        await open_attempt(
            owner, message, campaign=spring, phone="+19165550101", content="Hi", outcome=fate
        )
    ran = await retry(dsn, "refused", "--yes")
    assert ran.code == 1
    assert "2, which may have gone out already" in ran.out
    assert await owner.fetchval(
        "SELECT bool_and(status = 'failed') FROM newsletter.sms_send_queue WHERE id = ANY ($1::uuid[])",
        [own, twin],
    )


async def test_a_decision_is_never_put_back(dsn: str, owner: Connection) -> None:
    for reason in DECISIONS | WAITS:
        await text(owner, status="failed", reason=reason)
    await owner.execute("UPDATE newsletter.sms_send_queue SET error_code = 'MSG-243'")
    for reason in (Reason.OPTED_OUT, Reason.QUIET_HOURS):
        ran = await retry(dsn, reason, "--yes")
        assert (ran.code, ran.out) == (2, "")
        assert f"{reason} is no failure" in ran.err
    assert (await retry(dsn, "MSG-243", "--yes")).code == 1
    assert await owner.fetchval(
        "SELECT bool_and(status = 'failed') FROM newsletter.sms_send_queue"
    )


async def test_what_would_only_be_cancelled_stays(dsn: str, owner: Connection) -> None:
    over = await campaign(owner, status="CANCELLED")
    await text(owner, campaign=over, status="failed", reason="refused")
    late = await text(owner, status="failed", reason="refused")
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET scheduled_at = now() - interval '25 h' WHERE id = $1",
        late,
    )
    ran = await retry(dsn, "refused", "--yes")
    assert ran.code == 1
    assert "1, which are past their end." in ran.out
    assert "1, which belong to a campaign that is over." in ran.out


async def test_the_applications_role_may_not(database: str, owner: Connection) -> None:
    await text(owner, status="failed", reason="refused")
    ran = await retry(database.replace("owner@", "app_host@"), "refused", "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert "lacks a right" in ran.err
