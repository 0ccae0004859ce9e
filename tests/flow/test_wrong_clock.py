"""What time it is, the database says: a process whose own clock is hours off does as the others do."""

import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from support import wrong_clock
from support.daemon import Running, daemon, until
from support.mid_campaign import count
from support.queue import campaign, person, text

from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

TEXTS = 60
HOURS = 7
BEHIND, AHEAD = (
    (sys.executable, "-P", wrong_clock.__file__, str(hours)) for hours in (-HOURS, HOURS)
)
SENT = f"count(*) = {TEXTS} FROM newsletter.sms_send_queue WHERE status = 'sent'"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral that takes a moment, so that no process sends everything."""
    running = await start(Settings(limits={"medium": 100_000}, latency=0.05))
    yield running
    await running.stop()


async def queued(owner: Connection) -> None:
    """Queue what is due, will soon expire, and what is not due yet."""
    spring = await campaign(owner, budget=0)
    for n in range(TEXTS + 1):
        phone = f"+1916555{100 + n:04}"
        await text(owner, campaign=spring, person=await person(owner, phone=phone), phone=phone)
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET expires_at = now() + interval '1 h';"
        "UPDATE newsletter.sms_send_queue SET scheduled_at = now() + interval '1 h', expires_at = NULL"
        " WHERE phone_number = (SELECT max(phone_number) FROM newsletter.sms_send_queue)"
    )


def begun(running: Running) -> datetime:
    return datetime.fromisoformat(running.events[0]["timestamp"])


CALM = {"lanes": "2", "lead_seconds": "10", "dead_after_seconds": "10"}
"""A machine that is slow for a second is no reason to take anything over."""


async def test_a_wall_clock_that_is_hours_off_changes_nothing(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    """One of them leads, and would reap what the others hold, or let texts expire."""
    async with (
        daemon(database, simulator, program=AHEAD, **CALM) as ahead,
        daemon(database, simulator, program=BEHIND, **CALM) as behind,
        daemon(database, simulator, **CALM) as right,
    ):
        assert begun(ahead) - begun(right) > timedelta(hours=HOURS - 1)
        assert begun(right) - begun(behind) > timedelta(hours=HOURS - 1)
        await ahead.said("lead.gained")
        await queued(owner)
        await until(owner, SENT)
        assert [await each.stop() for each in (ahead, behind, right)] == [0, 0, 0]
    shares = await owner.fetch(
        "SELECT count(*) AS sent FROM newsletter.sms_attempts GROUP BY process_id"
    )
    assert min(share["sent"] for share in shares) > TEXTS / 10, "each did its share"
    assert len(shares) == 3
    assert len(simulator.ledger.texts) == TEXTS, "and none was early"
    assert set(simulator.ledger.per_number().values()) == {1}
    for each in (ahead, behind, right):
        assert count(each, "claims.reaped") == count(each, "lead.lost") == 0
