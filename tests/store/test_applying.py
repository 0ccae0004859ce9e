"""What RingCentral says of a text afterwards, once it is applied."""

import asyncio
from decimal import Decimal

import pytest
from support.daemon import until
from support.host import connected
from support.queue import campaign, person
from support.told import NOON, TERMS, accepted, apply, failed, record, tell

from dispatcher.core.raw import Source
from dispatcher.store import applying, verify
from dispatcher.store.database import Connection

ONE = Decimal("1.19")


async def event(conn: Connection) -> dict[str, object]:
    row = await conn.fetchrow("SELECT * FROM newsletter.sms_delivery_events")
    assert row
    return dict(row)


async def money(conn: Connection) -> tuple[object, ...]:
    """Return what attempt, campaign and day say is spent, and what is overspent of the campaign."""
    row = await conn.fetchrow(
        "SELECT a.cents_billed, b.spent_exact, d.spent_exact, b.overspent_exact FROM newsletter.sms_attempts a"
        " JOIN newsletter.campaign_budgets b USING (campaign_id) JOIN newsletter.account_days d ON d.day = a.account_day"
    )
    assert row
    return tuple(row)


async def test_a_text_arrives(owner: Connection, daemon: Connection) -> None:
    spring, ada = await campaign(owner, budget=100), await person(owner)
    attempt = await accepted(owner, "1", campaign=spring, person=ada)
    await tell(daemon, record("1", "Sent", segmentCount=1), record("1", "Delivered", minutes=2))
    assert (await apply(daemon)).verdicts == {"applied": 2}
    found = await event(owner)
    assert (found["status"], found["error_code"], found["failed_at"]) == (
        "DELIVERED",
        None,
        None,
    )
    assert found["delivered_at"] == found["changed_at"]
    assert found["closed_at"]
    told = await owner.fetch("SELECT event_type, attempt_id FROM newsletter.campaign_events")
    assert [tuple(r) for r in told] == [("DELIVERED", attempt)]
    last = "SELECT last_sms_sent_at FROM newsletter.subscribers"
    assert await owner.fetchval(last) == NOON
    assert await money(owner) == (ONE, ONE, ONE, 0)


async def test_a_text_bounces(owner: Connection, daemon: Connection) -> None:
    await accepted(owner, "1", campaign=await campaign(owner, budget=100))
    await tell(daemon, failed("1", "SMS-CAR-412"))
    await apply(daemon)
    found = await event(owner)
    assert (found["status"], found["error_code"], found["failure_class"]) == (
        "UNDELIVERED",
        "SMS-CAR-412",
        "absent",
    )
    assert found["error_message"] == "The phone was off or out of reach."
    assert found["failed_at"]
    assert found["closed_at"]
    assert (
        await owner.fetchval("SELECT event_type FROM newsletter.campaign_events") == "BOUNCED"
    )
    assert await money(owner) == (ONE, ONE, ONE, 0)  # the carrier had it: it is paid for


async def test_what_arrived_after_all_has_one_event(
    owner: Connection, daemon: Connection
) -> None:
    await accepted(owner, "1", campaign=await campaign(owner))
    await tell(daemon, failed("1", "SMS-UP-500"))
    await apply(daemon)
    await tell(daemon, record("1", "Delivered", minutes=5))
    await apply(daemon)
    found = await event(owner)
    assert (found["status"], found["error_code"], found["failed_at"]) == (
        "DELIVERED",
        None,
        None,
    )
    told = await owner.fetch("SELECT event_type FROM newsletter.campaign_events")
    assert [r["event_type"] for r in told] == ["DELIVERED"]


async def test_a_later_look_at_the_past_changes_nothing(
    owner: Connection, daemon: Connection
) -> None:
    await accepted(owner, "1")
    await tell(daemon, record("1", "Delivered", minutes=2))
    await apply(daemon)
    before = await event(owner)
    await tell(daemon, record("1", "Sent"), failed("1", "SMS-UP-500", minutes=9))
    assert (await apply(daemon)).verdicts == {"stale": 2}
    assert await event(owner) == before


async def test_the_segments_that_ringcentral_counts_are_paid_for(
    owner: Connection, daemon: Connection
) -> None:
    await accepted(owner, "1", campaign=await campaign(owner, budget=2))
    await tell(daemon, record("1", "Sent", segmentCount=3))
    await apply(daemon)
    assert await money(owner) == (3 * ONE, 3 * ONE, 3 * ONE, 3 * ONE - 2)
    found = await event(owner)
    assert (found["segments"], found["cost_exact"], found["cost"]) == (3, 3 * ONE, 4)
    assert await owner.fetchval("SELECT exceeded_at FROM newsletter.campaign_budgets")
    await tell(daemon, record("1", "Sent", minutes=2, segmentCount=1))
    await apply(daemon)
    assert await money(owner) == (ONE, ONE, ONE, 0)
    assert not await owner.fetchval("SELECT exceeded_at FROM newsletter.campaign_budgets")


async def test_what_went_to_no_carrier_is_given_back_once(
    owner: Connection, daemon: Connection
) -> None:
    await accepted(owner, "1", campaign=await campaign(owner, budget=3), segments=2)
    await owner.execute("UPDATE newsletter.campaign_budgets SET exceeded_at = now()")
    dead = record("1", "SendingFailed", deliveryErrorCode="SMS-RC-410", segmentCount=2)
    await tell(daemon, dead, dead | {"lastModifiedTime": "2026-02-03T12:09:00Z"})
    await apply(daemon)
    assert await money(owner) == (0, 0, 0, 0)
    found = await event(owner)
    assert (found["status"], found["segments"], found["cost"]) == ("FAILED", 0, 0)
    assert not await owner.fetchval("SELECT exceeded_at FROM newsletter.campaign_budgets")


async def test_an_early_receipt_waits_for_our_own_answer(
    owner: Connection, daemon: Connection
) -> None:
    await tell(daemon, record("1", "Delivered"))
    done = await apply(daemon)
    assert (done.early, dict(done.verdicts)) == (1, {})
    await accepted(owner, "1")
    assert (await apply(daemon)).taken == 0
    assert (await event(owner))["status"] == "DELIVERED"


async def test_all_receipts_of_a_campaign_may_come_before_our_own_answers(
    owner: Connection, daemon: Connection
) -> None:
    texts = range(1000)
    spring = await campaign(owner, budget=5000)
    await tell(daemon, *(record(f"{n}", "Sent", segmentCount=2) for n in texts))
    await tell(daemon, *(record(f"{n}", "Delivered", minutes=2) for n in texts))
    assert [(await apply(daemon)).early for _ in range(5)] == [500, 500, 500, 500, 0]
    for n in texts:
        await accepted(owner, f"{n}", campaign=spring)
    for _ in range(4):
        await apply(daemon)
    done = "SELECT count(*) FROM newsletter.sms_delivery_events WHERE status = 'DELIVERED' AND segments = 2"
    assert await owner.fetchval(done) == 1000
    assert await owner.fetchval("SELECT count(*) FROM newsletter.campaign_events") == 1000
    assert (await verify.look(owner)).findings == []


async def test_two_processes_share_the_work(
    owner: Connection, daemon: Connection, database: str
) -> None:
    for n in range(4):
        await accepted(owner, str(n))
    await tell(daemon, *(record(str(n), "Delivered") for n in range(4)))
    async with (
        connected(database.replace("owner@", "app_daemon@")) as other,
        other.transaction(),
    ):
        theirs = await applying.apply_new(other, 2, TERMS)
        ours = await applying.apply_new(daemon, 500, TERMS)
    assert (theirs.taken, ours.taken) == (2, 2)
    done = "SELECT count(*) FROM newsletter.sms_delivery_events WHERE status = 'DELIVERED'"
    assert await owner.fetchval(done) == 4


async def test_a_person_whom_the_application_changes_keeps_nobody_else_waiting(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    """An import may hold people for as long as it lasts."""
    ada, bob = await person(owner), await person(owner, phone="+19165550101")
    await accepted(owner, "1", person=ada)
    await accepted(owner, "2", person=bob, phone="+19165550101")
    await tell(daemon, *(record(n, "Delivered") for n in "12"))
    async with app.transaction(), asyncio.timeout(20):
        await app.execute(
            "UPDATE newsletter.subscribers SET sms_subscribed = true WHERE id = $1", ada
        )
        assert (await apply(daemon)).verdicts == {"applied": 1}
        assert (await apply(daemon)).verdicts == {}
    assert (await apply(daemon)).verdicts == {"applied": 1}
    told = await owner.fetch("SELECT last_sms_sent_at FROM newsletter.subscribers")
    assert [r["last_sms_sent_at"] for r in told] == [NOON, NOON]


async def test_money_comes_back_to_a_budget_whose_books_the_application_set_to_nothing(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    await accepted(owner, "1", campaign=await campaign(owner, budget=100))
    await app.execute("UPDATE newsletter.campaign_budgets SET spent_cents = 0")
    unsent = record("1", "SendingFailed", deliveryErrorCode="SMS-RC-500")
    await tell(daemon, unsent)
    assert (await apply(daemon)).verdicts == {"applied": 1}
    spent = "SELECT spent_exact, spent_cents, overspent_exact FROM newsletter.campaign_budgets"
    assert tuple(await owner.fetchrow(spent) or ()) == (0, 0, 0)


async def test_two_receipts_of_one_text_wait_for_each_other(
    owner: Connection, daemon: Connection, database: str
) -> None:
    """What one process has just written, the other does not undo."""
    await accepted(owner, "1")
    await tell(daemon, record("1", "Sent", segmentCount=2), record("1", "Delivered", minutes=2))
    async with connected(database.replace("owner@", "app_daemon@")) as other:
        async with other.transaction():
            await applying.apply_new(other, 1, TERMS)
            ours = asyncio.create_task(applying.apply_new(daemon, 1, TERMS))
            await until(owner, "EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        await ours
    found = await event(owner)
    assert (found["status"], found["segments"]) == ("DELIVERED", 2)


@pytest.mark.parametrize("body", ["{", "[]", '{"id": 1}', '{"id": 1, "messageStatus": "Odd"}'])
async def test_what_nobody_understands_is_set_aside(daemon: Connection, body: str) -> None:
    await daemon.execute(
        "INSERT INTO newsletter.sms_receipts (login, source, provider_id, change, body) VALUES ('shop', 'sync', '1', '', $1)",
        body,
    )
    assert (await apply(daemon)).verdicts == {"unreadable": 1}


async def test_a_deleted_event_is_left_alone(owner: Connection, daemon: Connection) -> None:
    await accepted(owner, "1", campaign=await campaign(owner))
    await owner.execute("DELETE FROM newsletter.sms_delivery_events")
    await tell(daemon, record("1", "Delivered", segmentCount=3))
    assert (await apply(daemon)).verdicts == {"stale": 1}
    assert (await verify.look(owner)).findings == []


async def test_what_people_write_does_not_wait_behind_receipts(daemon: Connection) -> None:
    await tell(daemon, *(record(str(n), "Sent") for n in range(5)))
    stop = {"id": "9", "direction": "Inbound", "messageStatus": "Received"}
    await tell(daemon, stop, source=Source.WEBHOOK)
    done = await applying.apply_new(daemon, 1, TERMS)
    row = await daemon.fetchrow(
        "SELECT id FROM newsletter.sms_receipts WHERE provider_id = '9'"
    )
    assert row
    assert (done.taken, done.alone) == (1, [row["id"]])
