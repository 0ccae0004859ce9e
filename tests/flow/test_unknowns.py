"""Nobody is texted twice and nobody is forgotten: killed processes, and answers that are lost."""

import signal
from collections.abc import AsyncIterator
from decimal import Decimal
from uuid import UUID

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
SOON = {
    "first_look_seconds": "0.2",
    "second_look_seconds": "0.2",
    "connect_timeout_seconds": "1",
    "read_timeout_seconds": "1",
    "send_by_seconds": "1",
}
SPENT, RESERVED = (Decimal("1.19"), Decimal(0)), (Decimal(0), Decimal("1.19"))
BACK = (Decimal(0), Decimal(0))


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral whose limits are out of the way."""
    running = await start(Settings(limits=WIDE))
    yield running
    await running.stop()


async def queued(owner: Connection, category: str) -> UUID:
    spring = await campaign(owner, budget=100)
    await owner.execute("UPDATE newsletter.campaigns SET category = $1", category)
    return await text(owner, campaign=spring, person=await person(owner))


async def money(owner: Connection) -> tuple[Decimal, Decimal]:
    row = await owner.fetchrow(
        "SELECT spent_exact, reserved_exact FROM newsletter.campaign_budgets"
    )
    assert row
    return row["spent_exact"], row["reserved_exact"]


async def ledger(owner: Connection) -> list[tuple[str, str]]:
    rows = await owner.fetch(
        "SELECT outcome, decision FROM newsletter.sms_attempts ORDER BY id"
    )
    return [(r["outcome"], r["decision"]) for r in rows]


@pytest.mark.parametrize("kind", [Kind.CUT, Kind.TIMEOUT, Kind.GARBLE])
async def test_a_text_whose_answer_was_lost_is_found_in_the_record(
    database: str, owner: Connection, simulator: Simulator, kind: Kind
) -> None:
    await queued(owner, "promotion")
    simulator.add_fault(Fault(kind=kind, group="medium", times=1))
    async with daemon(database, simulator, **SOON) as running:
        (decided,) = await running.said("unknown.decided")
        await until(owner, SETTLED)
    assert decided["decision"] == "found"
    (sent,) = simulator.ledger.texts
    row = await owner.fetchrow("SELECT * FROM newsletter.sms_send_queue")
    assert row
    assert (row["status"], row["provider_id"], row["unknown_at"]) == (
        "sent",
        str(sent.id),
        None,
    )
    assert await money(owner) == SPENT
    assert await ledger(owner) == [("accepted", "found")]
    assert await owner.fetchval(
        "SELECT message_sid FROM newsletter.sms_delivery_events"
    ) == str(sent.id)


async def test_a_promotion_that_the_record_does_not_show_is_held(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await queued(owner, "promotion")
    simulator.add_fault(Fault(kind=Kind.DROP, group="medium", times=1))
    async with daemon(database, simulator, **SOON) as running:
        await until(owner, "held_at IS NOT NULL FROM newsletter.sms_send_queue")
        (alert,) = await running.said("alert.raised")
    assert alert["kind"] == "message_held"
    assert simulator.ledger.texts == []
    assert await money(owner) == RESERVED, "nobody has decided"
    attempt = await owner.fetchrow("SELECT looks, look_showed FROM newsletter.sms_attempts")
    assert attempt
    assert tuple(attempt) == (2, "absent")


async def test_a_transactional_text_is_sent_once_more_and_never_again(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await queued(owner, "transactional")
    simulator.add_fault(Fault(kind=Kind.DROP, group="medium", times=2))
    async with daemon(database, simulator, **SOON):
        await until(owner, "held_at IS NOT NULL FROM newsletter.sms_send_queue")
    assert await ledger(owner) == [("absent", "resent"), ("ambiguous", None)]
    assert await money(owner) == RESERVED
    assert simulator.ledger.texts == []


async def test_a_reminder_is_dropped_once_its_time_is_over(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await queued(owner, "reminder")
    simulator.add_fault(Fault(kind=Kind.DROP, group="medium", times=1))
    async with daemon(database, simulator, **SOON) as running:
        await until(owner, "held_at IS NOT NULL FROM newsletter.sms_send_queue")
        await owner.execute("UPDATE newsletter.sms_send_queue SET expires_at = now()")
        (decided,) = await running.said("unknown.decided")
    assert decided["decision"] == "dropped"
    row = await owner.fetchrow("SELECT status, reason FROM newsletter.sms_send_queue")
    assert row
    assert tuple(row) == ("failed", "dropped_unknown")
    assert await money(owner) == BACK


async def test_what_nobody_decides_on_counts_as_sent(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await queued(owner, "promotion")
    simulator.add_fault(Fault(kind=Kind.DROP, group="medium", times=1))
    async with daemon(database, simulator, **SOON, presume_sent_hours="0.001") as running:
        (decided,) = await running.said("unknown.decided")
    assert decided["decision"] == "presumed"
    assert await owner.fetchval("SELECT status::text FROM newsletter.sms_send_queue") == "sent"
    assert await money(owner) == SPENT


async def test_what_a_killed_process_held_goes_on_with_another(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    """One text was in RingCentral's hands, the others were claimed or waiting."""
    spring = await campaign(owner, budget=0)
    for n in range(8):
        phone = f"+19165550{100 + n}"
        await text(owner, campaign=spring, person=await person(owner, phone=phone), phone=phone)
    await owner.execute("UPDATE newsletter.campaigns SET category = 'transactional'")
    simulator.add_fault(Fault(kind=Kind.SLOW, group="medium", seconds=30, times=3))
    async with daemon(database, simulator, **SOON) as first:
        await simulator.ledger.reached(texts=3)
        first.process.kill()
        await first.process.wait()
    async with daemon(database, simulator, **SOON) as second:
        await second.said("claims.reaped")
        await until(owner, SETTLED)
    assert set(simulator.ledger.per_number().values()) == {1}
    assert len(simulator.ledger.texts) == 8
    accepted = "SELECT count(*) FROM newsletter.sms_attempts WHERE outcome = 'accepted'"
    assert await owner.fetchval(accepted) == 8


async def test_a_frozen_process_sends_nothing_after_it_wakes(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    spring = await campaign(owner, budget=0)
    for n in range(10):
        phone = f"+19165550{100 + n}"
        await text(owner, campaign=spring, person=await person(owner, phone=phone), phone=phone)
    async with daemon(database, simulator, **SOON, rate_per_minute="600", rate_burst="1") as a:
        await a.said("attempt.settled", times=2)
        a.process.send_signal(signal.SIGSTOP)
        async with daemon(database, simulator, **SOON) as b:
            await until(owner, SETTLED)
            a.process.send_signal(signal.SIGCONT)
            assert await a.stop() == 0
            assert await b.stop() == 0
    assert simulator.ledger.per_number() == {f"+19165550{100 + n}": 1 for n in range(10)}


async def test_a_row_that_another_program_is_sending_is_held(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await text(owner, status="sending")
    async with daemon(database, simulator, **SOON):
        await until(owner, "held_at IS NOT NULL FROM newsletter.sms_send_queue")
    assert simulator.ledger.texts == []


async def test_a_message_that_kills_three_processes_is_set_aside(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    message = await text(owner, person=await person(owner), claimed_by=99, status="sending")
    await owner.execute("UPDATE newsletter.sms_send_queue SET reaps = 2")
    async with daemon(database, simulator, **SOON) as running:
        (alert,) = await running.said("alert.raised")
        assert (alert["kind"], alert["object"]) == ("message_poison", str(message))
        await owner.execute("UPDATE newsletter.sms_send_queue SET reason = 'refused'")
        await running.said("alert.cleared")
    assert simulator.ledger.texts == []


async def lost_with_a_slow_record(
    owner: Connection, simulator: Simulator, seconds: float
) -> None:
    """Queue a text whose answer will be lost; the record comes so many seconds later."""
    await queued(owner, "promotion")
    simulator.add_fault(Fault(kind=Kind.CUT, group="medium", times=1))
    simulator.add_fault(Fault(kind=Kind.SLOW, path="message-store", seconds=seconds))


async def test_a_record_that_comes_slowly_does_not_cost_the_lead(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    """It takes longer than the lease lasts, each time."""
    await lost_with_a_slow_record(owner, simulator, 2)
    patient = SOON | {"read_timeout_seconds": "5", "lead_seconds": "1"}
    async with daemon(database, simulator, **patient) as running:
        (decided,) = await running.said("unknown.decided")
        assert decided["decision"] == "found"
        assert len([e for e in running.events if e["event"] == "lead.gained"]) == 1
    assert await ledger(owner) == [("accepted", "found")]


async def test_the_dead_are_reaped_while_the_record_is_waited_for(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await lost_with_a_slow_record(owner, simulator, 8)
    async with daemon(database, simulator, **SOON | {"read_timeout_seconds": "20"}) as running:
        while not any("message-store" in r.path for r in simulator.ledger.requests):
            await simulator.ledger.reached(requests=len(simulator.ledger.requests) + 1)
        await text(owner, person=await person(owner), claimed_by=99, status="sending")
        await running.said("claims.reaped")
        assert [e for e in running.events if e["event"] == "unknown.decided"] == []


async def test_the_lead_passes_on(database: str, simulator: Simulator) -> None:
    """At once when the leader stops in order, within its lease when it is killed."""
    async with daemon(database, simulator) as first:
        await first.said("lead.gained")
        async with daemon(database, simulator) as second:
            assert await first.stop() == 0
            await second.said("lead.gained")
            async with daemon(database, simulator) as third:
                second.process.kill()
                await third.said("lead.gained")
