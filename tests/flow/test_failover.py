"""The primary dies in mid-campaign, and the synchronous standby takes its place."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from support.daemon import daemon, until
from support.host import connected
from support.mid_campaign import STEADY, all_sent, count, enqueue, furnish, sends_again, soon
from support.standby import pair

from dispatcher.edge.postgres_binaries import Binaries
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings

WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 5}
TAKEN_OVER_SECONDS = 15.0
LEAD = {"lead_seconds": "10"}  # as it is by default


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral whose limits are out of the way."""
    running = await start(Settings(limits=WIDE))
    yield running
    await running.stop()


async def test_a_failover_to_the_synchronous_standby(
    binaries: Binaries, simulator: Simulator
) -> None:
    """The leader leads on, and sends; once it is killed the other process does both."""
    with pair(binaries) as servers:
        # Nobody tells the daemon that only one of the hosts takes writes.
        dsn = (await furnish(servers)).partition("?")[0]
        async with (
            daemon(dsn, simulator, **STEADY, **LEAD) as leader,
            daemon(dsn, simulator, **STEADY, **LEAD) as other,
        ):
            await leader.said("lead.gained")
            assert count(leader, "warning.raised") == 0, "nothing can be lost here"
            await enqueue(servers.dsn(user="owner"))
            await leader.said("attempt.settled", times=5)
            await asyncio.to_thread(servers.fail_over)
            await sends_again(servers.admin_dsn())
            async with connected(servers.admin_dsn()) as conn:
                await until(conn, "until > now() + interval '9 s' FROM newsletter.leases")
            leader.process.kill()
            async with soon(TAKEN_OVER_SECONDS):
                await other.said("lead.gained")
            await all_sent(servers.admin_dsn(), simulator)
            assert await other.stop() == 0
            assert "Traceback" not in other.raw + leader.raw + await other.complaint()
