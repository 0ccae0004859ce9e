"""What goes wrong at RingCentral, at the limits, at night and at the database."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from support.daemon import daemon, until
from support.queue import campaign, person, text

from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 5}
SETTLED = (
    "NOT EXISTS (SELECT FROM newsletter.sms_send_queue WHERE status IN ('pending', 'sending'))"
)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral whose limits are out of the way and whose seconds are short."""
    running = await start(Settings(limits=WIDE, scale=0.02))
    yield running
    await running.stop()


async def one_text(owner: Connection) -> None:
    await text(owner, campaign=await campaign(owner, budget=100), person=await person(owner))


async def money(owner: Connection) -> tuple[Decimal, Decimal]:
    row = await owner.fetchrow(
        "SELECT spent_exact, reserved_exact FROM newsletter.campaign_budgets"
    )
    assert row
    return row["spent_exact"], row["reserved_exact"]


async def test_a_429_is_waited_for_and_is_no_attempt(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await one_text(owner)
    simulator.add_fault(Fault(kind=Kind.THROTTLE, group="medium", times=1, retry_after=50))
    async with daemon(database, simulator) as running:
        await running.said("limit.hit")
        await until(owner, SETTLED)
    assert len(simulator.ledger.texts) == 1
    assert await owner.fetchval("SELECT attempts FROM newsletter.sms_send_queue") == 1
    outcomes = await owner.fetch("SELECT outcome FROM newsletter.sms_attempts ORDER BY id")
    assert [r["outcome"] for r in outcomes] == ["throttled", "accepted"]
    assert await money(owner) == (Decimal("1.19"), Decimal(0))


async def test_a_lost_answer_is_unknown_and_never_sent_again(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await one_text(owner)
    simulator.add_fault(Fault(kind=Kind.CUT, group="medium", times=1))
    async with daemon(database, simulator):
        await until(owner, "unknown_at IS NOT NULL FROM newsletter.sms_send_queue")
        other = await person(owner, phone="+19165550101")
        await text(owner, person=other, phone="+19165550101", content="Another")
        await until(owner, "count(*) = 1 FROM newsletter.sms_send_queue WHERE status = 'sent'")
    assert simulator.ledger.per_number() == {"+19165550100": 1, "+19165550101": 1}
    assert (
        await owner.fetchval(
            "SELECT word FROM newsletter.sms_messages WHERE unknown_at IS NOT NULL"
        )
        == "unknown"
    )
    assert await money(owner) == (Decimal(0), Decimal("1.19")), "its money stays reserved"


async def test_a_refused_number_fails_alone_and_costs_nothing(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await one_text(owner)
    simulator.add_fault(Fault(kind=Kind.REFUSE, code="MSG-243", to=".*0100", group="medium"))
    async with daemon(database, simulator):
        await until(owner, SETTLED)
    row = await owner.fetchrow("SELECT * FROM newsletter.sms_send_queue")
    delivery = await owner.fetchrow("SELECT * FROM newsletter.sms_delivery_events")
    assert row
    assert delivery
    assert (row["status"], row["reason"], row["error_code"]) == ("failed", "refused", "MSG-243")
    assert (delivery["status"], delivery["message_sid"], delivery["cost"]) == (
        "FAILED",
        None,
        0,
    )
    assert await money(owner) == (Decimal(0), Decimal(0))


async def test_a_refusal_for_now_is_tried_again_and_counts(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await one_text(owner)
    simulator.add_fault(Fault(kind=Kind.REFUSE, code="MSG-290", group="medium", times=1))
    async with daemon(
        database, simulator, backoff_base_seconds="0.1", backoff_cap_seconds="0.2"
    ):
        await until(owner, SETTLED)
    assert await owner.fetchval("SELECT attempts FROM newsletter.sms_send_queue") == 2
    assert len(simulator.ledger.texts) == 1


async def test_a_ringcentral_that_is_away_fails_no_row(
    database: str, owner: Connection
) -> None:
    """Its port is closed in mid-campaign; when it is back the campaign goes on by itself."""
    first = await start(Settings(limits=WIDE))
    port = int(first.url.rpartition(":")[2])
    await one_text(owner)
    async with daemon(database, first) as running:
        await until(owner, SETTLED)
        await first.stop()
        # The next simulator counts its ids from the same start, which RingCentral never does.
        await owner.execute("UPDATE newsletter.sms_attempts SET provider_id = 'earlier'")
        await text(
            owner, person=await person(owner, phone="+19165550101"), phone="+19165550101"
        )
        await running.said("login.stopped")
        second = await start(Settings(limits=WIDE, port=port))
        await running.said("login.resumed")
        await until(owner, SETTLED)
        assert (
            await owner.fetchval(
                "SELECT count(*) FROM newsletter.sms_send_queue WHERE status = 'sent'"
            )
            == 2
        )
        assert len(second.ledger.texts) == 1
        await second.stop()


async def test_a_promotion_waits_for_the_morning_where_the_person_is(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    """Whatever the hour: the person's own zone is one where it is three at night now."""
    spring = await campaign(owner, budget=100)
    ada = await person(owner)
    await owner.execute(
        "UPDATE newsletter.subscribers SET timezone = (SELECT 'Etc/GMT' || CASE WHEN o < 0 THEN '+' ELSE '-' END || abs(o)"
        " FROM (SELECT (3 - extract(hour FROM now() AT TIME ZONE 'UTC')::int + 36) % 24 - 12 AS o) x)"
    )
    await text(owner, campaign=spring, person=ada)
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (phone_number, message_content, category)"
        " VALUES ('+19165550100', 'Your code', 'transactional')"
    )
    async with daemon(database, simulator, hours="federal"):
        await until(
            owner, "count(*) = 1 FROM newsletter.sms_send_queue WHERE reason = 'quiet_hours'"
        )
        await until(owner, "count(*) = 1 FROM newsletter.sms_send_queue WHERE status = 'sent'")
    local = await owner.fetchval(
        "SELECT (not_before AT TIME ZONE timezone)::time FROM newsletter.sms_send_queue q JOIN newsletter.subscribers s"
        " ON s.id = q.subscriber_id"
    )
    assert 8 <= local.hour < 21
    assert [t.text for t in simulator.ledger.texts] == ["Your code"], (
        "hours are not for what was asked for"
    )


async def test_the_limit_that_the_headers_name_is_kept(
    database: str, owner: Connection
) -> None:
    narrow = await start(Settings(limits=WIDE | {"medium": 30}))
    for n in range(2):
        phone = f"+19165550{100 + n}"
        await text(owner, person=await person(owner, phone=phone), phone=phone)
    async with daemon(database, narrow, rate_burst="1") as running:
        await running.said("attempt.settled", times=2)
    (learned,) = await running.said("rate.learned")
    assert (learned["limiter"], learned["limit"], learned["window"]) == ("medium", 30, 60)
    kept = await owner.fetchval(
        "SELECT per_second FROM newsletter.sms_buckets WHERE limit_group = 'medium'"
    )
    assert kept == pytest.approx(29 / 60)
    await narrow.stop()


async def test_two_processes_share_the_rate_without_a_429(
    database: str, owner: Connection
) -> None:
    """Forty in a window of 3 s, counted where they arrive: a busy machine delays some."""
    strict = await start(Settings(limits=WIDE | {"medium": 40}, scale=0.05))
    spring = await campaign(owner, budget=0)
    for n in range(100):
        phone = f"+19165550{100 + n}"
        await text(owner, campaign=spring, person=await person(owner, phone=phone), phone=phone)
    rate = {"rate_per_minute": "720", "rate_burst": "1"}
    async with daemon(database, strict, **rate), daemon(database, strict, **rate):
        await until(owner, SETTLED)
    statuses = {r.status for r in strict.ledger.requests if r.group == "medium"}
    assert statuses == {200}
    assert 32 <= strict.ledger.busiest("medium", 3.0) <= 40
    assert set(strict.ledger.per_number().values()) == {1}
    await strict.stop()
