"""From a queue row to RingCentral and into the record: real processes, PostgreSQL and HTTP."""

import signal
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from support.daemon import JWT, SECRET, daemon, until
from support.queue import campaign, person, text

from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 5}
SETTLED = (
    "NOT EXISTS (SELECT FROM newsletter.sms_send_queue WHERE status IN ('pending', 'sending'))"
)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral whose limits are out of the way."""
    running = await start(Settings(limits=WIDE))
    yield running
    await running.stop()


async def people(owner: Connection, count: int) -> None:
    """Subscribe +1 916 555 0100 and so on; for more than a hundred any number of a fictitious exchange."""
    await owner.execute(
        "INSERT INTO newsletter.subscribers (phone, sms_subscribed)"
        " SELECT '+1916555' || lpad((100 + i)::text, 4, '0'), true FROM generate_series(0, $1::int - 1) i",
        count,
    )


async def texts_for_all(
    owner: Connection, spring: object, content: str = "Table for two at five?"
) -> None:
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content)"
        " SELECT $1, id, phone, $2 FROM newsletter.subscribers",
        spring,
        content,
    )


async def test_one_row_goes_to_ringcentral_and_into_the_record(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    spring = await campaign(owner, budget=100)
    ada = await person(owner, phone="(916) 555-0101")
    message = await text(
        owner, campaign=spring, person=ada, phone="(916) 555-0101", content="Hi Ada 🌷"
    )
    async with daemon(database, simulator) as running:
        await until(owner, SETTLED)
        assert await running.stop() == 0
    (sent,) = simulator.ledger.texts
    assert (sent.to, sent.text) == ("+19165550101", "Hi Ada 🌷")
    assert "RCPYTHONSDK" in sent.agent
    row = await owner.fetchrow("SELECT * FROM newsletter.sms_send_queue WHERE id = $1", message)
    attempt = await owner.fetchrow("SELECT * FROM newsletter.sms_attempts")
    delivery = await owner.fetchrow("SELECT * FROM newsletter.sms_delivery_events")
    event = await owner.fetchrow("SELECT * FROM newsletter.campaign_events")
    budget = await owner.fetchrow("SELECT * FROM newsletter.campaign_budgets")
    day = await owner.fetchrow("SELECT * FROM newsletter.account_days")
    assert row
    assert attempt
    assert delivery
    assert event
    assert budget
    assert day
    assert (row["status"], row["provider_id"], row["attempts"], row["segments"]) == (
        "sent",
        str(sent.id),
        1,
        1,
    )
    assert (attempt["outcome"], attempt["provider_id"], attempt["phone"]) == (
        "accepted",
        str(sent.id),
        "+19165550101",
    )
    assert (
        delivery["status"],
        delivery["message_sid"],
        delivery["cost"],
        delivery["cost_exact"],
    ) == ("QUEUED", str(sent.id), 2, Decimal("1.19"))
    assert (event["event_type"], event["attempt_id"]) == ("SENT", attempt["id"])
    assert (budget["spent_exact"], budget["reserved_exact"], budget["spent_cents"]) == (
        Decimal("1.19"),
        0,
        2,
    )
    assert (day["spent_exact"], day["reserved_exact"]) == (Decimal("1.19"), 0)
    assert await owner.fetchval("SELECT sent_at IS NOT NULL FROM newsletter.campaigns")


async def test_nothing_private_is_in_the_log(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    spring = await campaign(owner, budget=100)
    await people(owner, 20)
    await texts_for_all(owner, spring, "A secret between us")
    async with daemon(database, simulator) as running:
        await until(owner, SETTLED)
        await running.stop()
    assert len([e for e in running.events if e["event"] == "attempt.settled"]) == 20
    for private in ("A secret", JWT, SECRET, "9165550101"):
        assert private not in running.raw


async def test_raising_the_budget_lets_the_campaign_go_on(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    spring = await campaign(owner, budget=2)
    await people(owner, 3)
    await texts_for_all(owner, spring)
    async with daemon(database, simulator) as running:
        await until(owner, "exceeded_at IS NOT NULL FROM newsletter.campaign_budgets")
        await running.said("budget.exceeded")
        (raised,) = await running.said("alert.raised")
        assert (raised["kind"], raised["object"]) == ("budget_exceeded", str(spring))
        await owner.execute("UPDATE newsletter.campaign_budgets SET budget_cents = 4")
        await running.said("alert.cleared")
        await until(owner, SETTLED)
    assert len(simulator.ledger.texts) == 3


async def test_the_days_budget_bounds_every_text_until_it_is_raised(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await people(owner, 3)
    await texts_for_all(owner, await campaign(owner, budget=0))
    async with daemon(database, simulator, daily_budget_cents="3") as running:
        await running.said("budget.exceeded")
        await running.said("alert.raised")
        await until(owner, "reserved_exact = 0 FROM newsletter.account_days")
    assert len(simulator.ledger.texts) == 2
    async with daemon(database, simulator, daily_budget_cents="4") as running:
        await until(owner, SETTLED)
        await running.said("alert.cleared")
    assert len(simulator.ledger.texts) == 3


async def test_who_opted_out_or_never_consented_gets_nothing(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    spring = await campaign(owner, budget=0)
    made = {
        "opted_out": await person(owner, phone="+19165550101", opted_out=True),
        "no_consent": await person(owner, phone="+19165550102", subscribed=False),
        "suppressed": await person(owner, phone="+19165550103"),
        None: await person(owner, phone="+19165550104"),
    }
    await owner.execute(
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source) VALUES ('+19165550103', 'opted_out', 'test')"
    )
    for n, who in enumerate(made.values()):
        await text(owner, campaign=spring, person=who, phone=f"+1916555010{n + 1}")
    await text(owner, campaign=spring, phone="call me")
    await text(owner, campaign=spring, phone="+18765550100")
    async with daemon(database, simulator):
        await until(owner, SETTLED)
    assert [t.to for t in simulator.ledger.texts] == ["+19165550104"]
    reasons = {
        r["reason"] for r in await owner.fetch("SELECT reason FROM newsletter.sms_send_queue")
    }
    assert reasons == {*made, "invalid_number", "country_not_allowed"}


async def test_a_campaign_moves_by_itself(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    spring = await campaign(owner, status="SCHEDULED", budget=0)
    await owner.execute("UPDATE newsletter.campaigns SET scheduled_at = now()")
    await people(owner, 2)
    await texts_for_all(owner, spring)
    async with daemon(database, simulator, campaign_done_after_minutes="0"):
        await until(
            owner, "status = 'SENT' AND completed_at IS NOT NULL FROM newsletter.campaigns"
        )
        assert len(simulator.ledger.texts) == 2
        await text(
            owner,
            campaign=spring,
            person=await person(owner, phone="+19165550150"),
            phone="+19165550150",
        )
        await until(owner, "count(*) = 3 FROM newsletter.sms_send_queue WHERE status = 'sent'")


@pytest.mark.parametrize("status", ["DRAFT", "PAUSED", "SCHEDULED"])
async def test_a_campaign_that_is_not_sending_waits(
    database: str, owner: Connection, simulator: Simulator, status: str
) -> None:
    waiting, spring = (
        await campaign(owner, status=status, budget=0),
        await campaign(owner, budget=0),
    )
    ada = await person(owner)
    await text(owner, campaign=waiting, person=ada)
    await text(owner, campaign=spring, person=ada, content="Other")
    async with daemon(database, simulator):
        await until(owner, "count(*) = 1 FROM newsletter.sms_send_queue WHERE status = 'sent'")
    assert [t.text for t in simulator.ledger.texts] == ["Other"]


async def test_a_transactional_text_overtakes_a_campaign(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    spring = await campaign(owner, budget=0)
    await people(owner, 1_000)
    await texts_for_all(owner, spring)
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (phone_number, message_content, category)"
        " VALUES ('+19165550199', 'Your code', 'transactional')"
    )
    async with daemon(database, simulator, rate_burst="1", rate_per_minute="600"):
        await until(owner, "count(*) > 5 FROM newsletter.sms_send_queue WHERE status = 'sent'")
    assert simulator.ledger.texts[0].text == "Your code"


async def test_the_same_text_of_one_campaign_reaches_a_person_once(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    spring = await campaign(owner, budget=0)
    ada = await person(owner)
    for phone in ("+19165550100", "(916) 555-0100", "9165550100"):
        await text(owner, campaign=spring, person=ada, phone=phone)
    async with daemon(database, simulator):
        await until(owner, SETTLED)
    assert len(simulator.ledger.texts) == 1
    reasons = await owner.fetch(
        "SELECT reason FROM newsletter.sms_send_queue ORDER BY reason NULLS FIRST"
    )
    assert [r["reason"] for r in reasons] == [None, "duplicate", "duplicate"]


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_drains(
    database: str, owner: Connection, simulator: Simulator, name: signal.Signals
) -> None:
    """What is in flight settles, what was only claimed goes back: nothing is left in the middle."""
    spring = await campaign(owner, budget=0)
    await people(owner, 300)
    await texts_for_all(owner, spring)
    async with daemon(database, simulator) as running:
        await until(owner, "count(*) > 20 FROM newsletter.sms_send_queue WHERE status = 'sent'")
        assert await running.stop(name) == 0
    assert (
        await owner.fetchval(
            "SELECT count(*) FROM newsletter.sms_send_queue WHERE status = 'sending'"
        )
        == 0
    )
    sent = await owner.fetchval(
        "SELECT count(*) FROM newsletter.sms_send_queue WHERE status = 'sent'"
    )
    assert sent == len(simulator.ledger.texts)
    assert await owner.fetchval("SELECT reserved_exact FROM newsletter.campaign_budgets") == 0


async def test_a_database_without_the_schema_is_refused(
    empty_database: str, simulator: Simulator
) -> None:
    async with daemon(empty_database, simulator) as running:
        assert await running.process.wait() == 2
        assert running.process.stderr
        assert b"run sms-dispatcher migrate" in await running.process.stderr.read()
