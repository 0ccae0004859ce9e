"""Caps and the registration's day, kept by whole daemons: RingCentral's own record is the judge."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest
from support.daemon import daemon, until
from support.promotions import PHONES, queue
from support.queue import campaign

from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 5}
AT_REST = (
    "NOT EXISTS (SELECT FROM newsletter.sms_send_queue WHERE status = 'sending' OR status = 'pending'"
    " AND reason IS NULL)"
)
WAITING = "SELECT DISTINCT reason, rule FROM newsletter.sms_send_queue WHERE status = 'pending'"
LONG = {"expire_promotion_hours": "100", "expire_transactional_hours": "100"}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral whose limits are out of the way."""
    running = await start(Settings(limits=WIDE))
    yield running
    await running.stop()


async def test_two_daemons_send_each_person_no_more_than_the_cap(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    for _ in range(3):
        await queue(owner, await campaign(owner, budget=0), PHONES, each=3)
    await queue(owner, None, PHONES[:1], each=2, category="transactional")
    async with (
        daemon(database, simulator, cap_promotions="2", **LONG) as one,
        daemon(database, simulator, cap_promotions="2", **LONG) as other,
    ):
        await until(owner, AT_REST)
        assert [await one.stop(), await other.stop()] == [0, 0]
    sent = Counter(text.to for text in simulator.ledger.texts)
    assert sent == {phone: 4 if phone == PHONES[0] else 2 for phone in PHONES}
    assert {tuple(row) for row in await owner.fetch(WAITING)} == {
        ("frequency_cap", "cap person")
    }


async def test_two_daemons_keep_the_registrations_day(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    spring = await campaign(owner, budget=0)
    people = [f"+1916555{n:04}" for n in range(100, 120)]
    await queue(owner, spring, people, segments=2)
    await queue(owner, None, people, category="transactional")
    async with (
        daemon(database, simulator, tier_segments_per_day="31", **LONG) as one,
        daemon(database, simulator, tier_segments_per_day="31", **LONG) as other,
    ):
        await until(owner, AT_REST)
        assert [await one.stop(), await other.stop()] == [0, 0]
    segments = await owner.fetchval(
        "SELECT sum(segments_reserved) FROM newsletter.sms_attempts"
    )
    counted = await owner.fetchval("SELECT sum(segments) FROM newsletter.tier_days")
    assert segments == counted
    assert 30 <= segments <= 31
    assert len(simulator.ledger.texts) == await owner.fetchval(
        "SELECT count(*) FROM newsletter.sms_attempts"
    )
    assert {tuple(row) for row in await owner.fetch(WAITING)} == {("tier_limit", "tier")}
