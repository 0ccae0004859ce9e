"""What became of each text: from RingCentral's record into ours."""

from collections.abc import AsyncIterator

import pytest
from support.daemon import daemon, until
from support.queue import campaign

from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store import verify
from dispatcher.store.database import Connection

WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 5}
QUICK = {"sync_seconds": "0.2", "light_per_minute": "60000"}
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
