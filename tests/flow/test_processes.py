"""Many processes, and how each of them ends."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from support.daemon import daemon, until
from support.queue import campaign, person, text

from dispatcher.simulator.clock import ManualClock
from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

OPEN = "SELECT count(*) FROM newsletter.sms_attempts WHERE outcome IS NULL"
MONEY = "SELECT spent_exact, reserved_exact FROM newsletter.campaign_budgets"


@pytest.fixture
async def theirs() -> ManualClock:
    """The time at RingCentral, which stands still."""
    return ManualClock()


@pytest.fixture
async def slow(owner: Connection, theirs: ManualClock) -> AsyncIterator[Simulator]:
    """A RingCentral that takes one text and does not say so, and that text in the queue."""
    running = await start(clock=theirs)
    running.add_fault(Fault(kind=Kind.SLOW, group="medium", seconds=60, times=1))
    await text(owner, campaign=await campaign(owner, budget=100), person=await person(owner))
    yield running
    await running.stop()


async def test_eight_processes_share_one_budget(database: str, owner: Connection) -> None:
    """119 cents pay a hundred texts, however many want to be sent and by whomever."""
    simulator = await start(Settings(limits={"medium": 100_000, "auth": 100}))
    await campaign(owner, budget=119)
    await owner.execute(
        "INSERT INTO newsletter.subscribers (phone, sms_subscribed)"
        " SELECT '+1916555' || lpad(i::text, 4, '0'), true FROM generate_series(1, 1000) i"
    )
    async with AsyncExitStack() as stack:
        eight = await asyncio.gather(
            *(
                stack.enter_async_context(daemon(database, simulator, lanes="5"))
                for _ in range(8)
            )
        )
        await owner.execute(
            "INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content)"
            " SELECT c.id, s.id, s.phone, 'Hi' FROM newsletter.subscribers s, newsletter.campaigns c"
        )
        await until(owner, "exceeded_at IS NOT NULL FROM newsletter.campaign_budgets")
        await until(owner, "reserved_exact = 0 FROM newsletter.campaign_budgets")
        await until(
            owner, "count(*) = 0 FROM newsletter.sms_send_queue WHERE status = 'sending'"
        )
        assert set(await asyncio.gather(*(each.stop() for each in eight))) == {0}
    await simulator.stop()
    assert len(simulator.ledger.texts) == 100
    assert set(simulator.ledger.per_number().values()) == {1}
    assert tuple(await owner.fetchrow(MONEY) or ()) == (119, 0)
    rows = await owner.fetch("SELECT status::text FROM newsletter.sms_send_queue")
    assert Counter(r["status"] for r in rows) == {"sent": 100, "pending": 900}


async def test_two_campaigns_share_the_rate(database: str, owner: Connection) -> None:
    """However long one of them is, and however much earlier it came."""
    simulator = await start(Settings(limits={"medium": 100_000}))
    for name, count in (("long", 300), ("short", 20)):
        spring = await campaign(owner, budget=0)
        await owner.execute(
            "WITH p AS (INSERT INTO newsletter.subscribers (phone, sms_subscribed) SELECT $3 || lpad(i::text, 4, '0'), true"
            "   FROM generate_series(1, $4::int) i RETURNING id, phone)"
            " INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content)"
            " SELECT $1, id, phone, $2 FROM p",
            spring,
            name,
            "+1916555" if name == "long" else "+1212555",
            count,
        )
    async with daemon(database, simulator, rate_burst="1", rate_per_minute="3000"):
        await until(
            owner,
            "count(*) = 20 FROM newsletter.sms_send_queue WHERE message_content = 'short' AND status = 'sent'",
        )
    await simulator.stop()
    # Requests under way side by side may overtake each other.
    first = Counter(sent.text for sent in simulator.ledger.texts[:40])
    assert abs(first["long"] - first["short"]) <= 4


async def test_a_second_signal_ends_it_at_once(
    database: str, owner: Connection, slow: Simulator, theirs: ManualClock
) -> None:
    """The first would wait for RingCentral; the ledger knows what was in flight."""
    async with daemon(database, slow) as running:
        await theirs.waiters()
        running.process.send_signal(signal.SIGTERM)
        # Two of one name could arrive as one.
        assert await running.stop(signal.SIGINT) in {128 + signal.SIGINT, 128 + signal.SIGTERM}
    assert await owner.fetchval(OPEN) == 1


async def test_a_drain_that_takes_too_long_says_so(
    database: str, owner: Connection, slow: Simulator, theirs: ManualClock
) -> None:
    patience = {"drain_seconds": "0", "read_timeout_seconds": "1"}
    async with daemon(database, slow, **patience) as running:
        await theirs.waiters()
        assert await running.stop() == 3
        (stopped,) = await running.said("daemon.stopped")
    assert stopped["why"] == "unfinished"
    assert await owner.fetchval(OPEN) == 1


async def test_what_a_killed_process_had_in_flight_is_not_sent_again(
    database: str, owner: Connection, slow: Simulator, theirs: ManualClock
) -> None:
    async with daemon(database, slow) as running:
        await theirs.waiters()
        assert await running.stop(signal.SIGKILL) == -signal.SIGKILL
    assert await owner.fetchval(OPEN) == 1
    phone = "+19165550101"
    await text(owner, person=await person(owner, phone=phone), phone=phone)
    async with daemon(database, slow) as another:
        await until(owner, "count(*) = 1 FROM newsletter.sms_send_queue WHERE status = 'sent'")
        assert await another.stop() == 0
    assert slow.ledger.per_number() == {"+19165550100": 1, phone: 1}
