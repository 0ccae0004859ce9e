"""What became of each text: from RingCentral's record into ours."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from support.daemon import PATIENCE_SECONDS, daemon, until
from support.queue import campaign

from dispatcher.loops.login_watch import LIGHT_BURST
from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store import verify
from dispatcher.store.database import Connection

WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 5}
QUICK = {"sync_seconds": "0.2", "light_per_minute": "60000"}
OPTED_OUT = "count(*) = 1 FROM newsletter.sms_suppressions WHERE phone = $1 AND reason = 'opted_out' AND lifted_at IS NULL"
ALL_ARE = "count(*) = $1 FROM newsletter.sms_delivery_events WHERE status::text = $2"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral that says at once what became of a text."""
    running = await start(Settings(limits=WIDE, sent_after=0.1, final_after=0.3))
    yield running
    await running.stop()


async def queue(owner: Connection, count: int) -> None:
    spring = await campaign(owner, budget=0)
    await owner.execute(
        "INSERT INTO newsletter.subscribers (phone, sms_subscribed)"
        " SELECT '+1916555' || lpad((100 + i)::text, 4, '0'), true FROM generate_series(0, $1::int - 1) i",
        count,
    )
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content)"
        " SELECT $1, id, phone, 'Table for two at five?' FROM newsletter.subscribers",
        spring,
    )


async def test_texts_are_followed_until_they_arrive(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await queue(owner, 20)
    async with daemon(database, simulator, **QUICK) as running:
        await until(owner, ALL_ARE, 20, "DELIVERED")
        await running.stop()
    arrived = "SELECT count(*) FROM newsletter.campaign_events WHERE event_type = 'DELIVERED'"
    assert await owner.fetchval(arrived) == 20
    assert (await verify.look(owner)).findings == []


SYNC = "newsletter.sms_syncs"


async def test_after_two_days_off_it_catches_up_by_itself(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    """The texts left, then nobody was there, and somebody wrote STOP: no token and no webhook tells."""
    async with daemon(database, simulator, sync_seconds="1800") as running:
        await running.said("gap.filled")  # before there is anything to read
        await queue(owner, 30)
        await until(
            owner, "count(*) = 30 FROM newsletter.sms_attempts WHERE outcome = 'accepted'"
        )
        await running.stop()
    assert not await owner.fetchval(f"SELECT {ALL_ARE}", 1, "DELIVERED")
    sent = simulator.ledger.texts[0]
    simulator.receive(sent.to, sent.sender, "Please stop")
    await owner.execute(f"UPDATE {SYNC} SET token_at = token_at - interval '2 days'")
    async with daemon(database, simulator, **QUICK) as running:
        (filled,) = await running.said("gap.filled")
        await until(owner, ALL_ARE, 30, "DELIVERED")
        await until(owner, OPTED_OUT, sent.to)
        await running.stop()
    assert (filled["pages"], filled["news"]) == (1, 31)
    assert not await owner.fetchval(f"SELECT gap_since FROM {SYNC}")
    assert (await verify.look(owner)).findings == []


async def test_a_token_that_is_refused_makes_a_gap(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    async with daemon(database, simulator, **QUICK) as running:
        await running.said("gap.filled")
        simulator.world.syncs.forget()
        await queue(owner, 3)
        await running.said("gap.filled", times=2)
        await until(owner, ALL_ARE, 3, "DELIVERED")


async def test_a_sync_keeps_to_the_limit_of_all(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    """However often it wants to, it asks no more than there are tokens."""

    def asked() -> list[datetime]:
        return [r.at for r in simulator.ledger.requests if r.group == "light"]

    async with daemon(database, simulator, sync_seconds="0.1", light_per_minute="60"):
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(asked()) < 12:
                await owner.execute("SELECT pg_sleep(0.05)")
    times, per_second = asked(), (60 - LIGHT_BURST) / 60
    span = (times[-1] - times[0]).total_seconds()
    # The login asks for our numbers without a token.
    assert len(times) <= 1 + 1 + span * per_second + 1


async def test_a_penalty_stops_the_group_for_all(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    async with daemon(database, simulator, **QUICK) as running:
        await running.said("gap.filled")
        simulator.add_fault(
            Fault.parse(
                {"kind": "throttle", "path": "message-sync", "times": 1, "retry_after": 2}
            )
        )
        await running.said("limit.hit")
        blocked = (
            "blocked_until > now() FROM newsletter.sms_buckets WHERE limit_group = 'light'"
        )
        assert await owner.fetchval(f"SELECT {blocked}")
        await queue(owner, 1)
        await until(owner, ALL_ARE, 1, "DELIVERED")


async def test_receipts_may_come_before_our_answers_are_stored(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    """Some answers take longer than it takes until the record shows what became of the text."""
    simulator.add_fault(Fault(Kind.SLOW, to="01.7$", seconds=3))
    await queue(owner, 100)
    async with daemon(database, simulator, **QUICK) as running:
        await until(owner, ALL_ARE, 100, "DELIVERED")
        await running.stop()
    early = "SELECT count(*) FROM newsletter.sms_receipts WHERE early_at IS NOT NULL"
    assert await owner.fetchval(early) > 0
    assert (await verify.look(owner)).findings == []


async def test_a_stop_that_comes_by_the_record_is_heeded(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await queue(owner, 1)
    async with daemon(database, simulator, **QUICK) as running:
        await until(owner, ALL_ARE, 1, "DELIVERED")
        sent = simulator.ledger.texts[0]
        simulator.receive(sent.to, sent.sender, "Stop")
        await running.said("number.silenced")
        assert await owner.fetchval(f"SELECT {OPTED_OUT}", sent.to)
