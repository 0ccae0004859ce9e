"""The table belongs to the host: what it deletes or sets to failed is not sent, whatever we held."""

import asyncio
from decimal import Decimal

import pytest
from support.claiming import allow, claim, share, terms
from support.daemon import daemon as running_daemon
from support.daemon import until
from support.queue import campaign, person, text

from dispatcher.simulator.clock import ManualClock
from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.server import start
from dispatcher.store import opening
from dispatcher.store.database import Connection

CHANGES = {
    "deleted": "DELETE FROM newsletter.sms_send_queue WHERE id = $1",
    "failed": "UPDATE newsletter.sms_send_queue SET status = 'failed' WHERE id = $1",
}
MONEY = "SELECT spent_exact, reserved_exact FROM newsletter.campaign_budgets"
BLOCKED = "EXISTS (SELECT FROM pg_locks WHERE NOT granted)"


@pytest.fixture(params=CHANGES)
def change(request: pytest.FixtureRequest) -> str:
    return CHANGES[request.param]


@pytest.mark.parametrize("meanwhile", [False, True])
async def test_what_the_host_took_away_is_not_opened(
    owner: Connection, app: Connection, daemon: Connection, change: str, *, meanwhile: bool
) -> None:
    """Before we look once more, or while we do."""
    await share(owner)
    spring = await campaign(owner, budget=100)
    taken = await text(owner, campaign=spring, content="One")
    kept = await text(owner, campaign=spring, content="Two")
    claims = (await claim(daemon, 20)).claims
    assert {c.facts.id for c in claims} == {taken, kept}
    transaction = app.transaction()
    await transaction.start()
    await app.execute(change, taken)
    if not meanwhile:
        await transaction.commit()
    looking = asyncio.create_task(opening.open_attempts(daemon, claims, allow, terms()))
    if meanwhile:
        await until(owner, BLOCKED)
        await transaction.commit()
    done = await looking
    assert [a.facts.id for a in done.attempts] == [kept]
    assert [c.facts.id for c in done.lost] == [taken]
    assert await owner.fetchval("SELECT message_id FROM newsletter.sms_attempts") == kept
    assert tuple(await owner.fetchrow(MONEY) or ()) == (0, Decimal("1.19"))


async def test_in_flight_it_is_settled_in_the_ledger_all_the_same(
    database: str, owner: Connection, app: Connection, change: str
) -> None:
    """RingCentral has it and takes its time to say so; meanwhile the host takes the row."""
    theirs = ManualClock()
    simulator = await start(clock=theirs)
    simulator.add_fault(Fault(kind=Kind.SLOW, group="medium", seconds=10))
    spring = await campaign(owner, budget=100)
    message = await text(owner, campaign=spring, person=await person(owner))
    async with running_daemon(database, simulator) as running:
        await theirs.waiters()
        await app.execute(change, message)
        theirs.advance(10)
        await running.said("attempt.settled")
        assert await running.stop() == 0
    await simulator.stop()
    (sent,) = simulator.ledger.texts
    attempt = await owner.fetchrow("SELECT outcome, provider_id FROM newsletter.sms_attempts")
    assert tuple(attempt or ()) == ("accepted", str(sent.id))
    assert tuple(await owner.fetchrow(MONEY) or ()) == (Decimal("1.19"), 0)
    events = "SELECT status::text FROM newsletter.sms_delivery_events"
    assert await owner.fetchval(events) == "QUEUED"
    rows = await owner.fetch("SELECT status::text FROM newsletter.sms_send_queue")
    assert {r["status"] for r in rows} <= {"failed"}, "the host's word stands"
