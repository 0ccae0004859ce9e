"""The daemon counts the figures by day by itself."""

from collections.abc import AsyncIterator

import pytest
from support.daemon import daemon, until
from support.queue import campaign, person, text

from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store import figures
from dispatcher.store.database import Connection

SENT = "coalesce(sum(queued) = 3 AND sum(sent) = 3 AND sum(cost_exact) = 3.57, false) FROM newsletter.campaign_metrics_daily"
# No news comes after that: nothing will be counted anew.
DELIVERED = "coalesce(sum(delivered) = 3, false) FROM newsletter.campaign_metrics_daily"
SOON = {"metrics_seconds": "0.1", "sync_seconds": "0.2"}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    simulator = await start(Settings(sent_after=0.1, final_after=0.2, lag=0))
    yield simulator
    await simulator.stop()


async def test_what_was_sent_is_counted_soon(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    spring = await campaign(owner, budget=0)
    for n in range(3):
        phone = f"+1916555{100 + n:04}"
        someone = await person(owner, phone=phone)
        await text(owner, campaign=spring, person=someone, phone=phone)
    async with daemon(database, simulator, **SOON) as running:
        await until(owner, SENT)
        assert await running.stop() == 0
    assert (await figures.look(owner)).differences == []
    async with daemon(database, simulator, metrics_zone="Asia/Kathmandu", **SOON) as other:
        await other.said("days.rezoned")
        await until(owner, DELIVERED)
        await until(owner, "NOT EXISTS (SELECT FROM newsletter.rollup_stale)")
        assert await other.stop() == 0
    zone = await owner.fetchval("SELECT zone FROM newsletter.rollup_zone")
    assert zone == "Asia/Kathmandu"
    assert await owner.fetchval(f"SELECT {SENT}")
    found = await figures.look(owner)
    assert (found.differences, found.stale) == ([], 0)
