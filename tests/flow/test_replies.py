"""What people write back, and RingCentral's own list of opt-outs, as a whole daemon meets them."""

from collections.abc import AsyncIterator

import pytest
from support.daemon import daemon, until
from support.queue import campaign, person, text

from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Number, Settings
from dispatcher.store import verify
from dispatcher.store.database import Connection

OURS = "+16505550100"
ADA, BOB = "+19165550100", "+19165550101"
WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 5}
QUICK = {
    "sync_seconds": "0.2",
    "light_per_minute": "60000",
    "poll_seconds": "0.2",
    "help_text": "Call us at the shop. Reply STOP to opt out.",
}
SUPPRESSED = (
    "count(*) = 1 FROM newsletter.sms_suppressions"
    " WHERE phone = $1 AND source = $2 AND lifted_at IS NULL"
)
SENT = "count(*) = $1 FROM newsletter.sms_send_queue WHERE status = 'sent'"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral with one number of ours that says at once what became of a text."""
    ours = (Number(OURS),)
    running = await start(Settings(limits=WIDE, numbers=ours, sent_after=0.05, final_after=0.1))
    yield running
    await running.stop()


async def test_a_stop_ends_it_help_is_answered_and_start_begins_anew(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    spring = await campaign(owner, budget=0)
    ada = await person(owner, phone=ADA)
    await text(owner, campaign=spring, person=ada, phone=ADA)
    async with daemon(database, simulator, **QUICK) as running:
        await until(owner, SENT, 1)
        simulator.receive(ADA, OURS, "Stop!")
        await until(owner, SUPPRESSED, ADA, "stop")
        later = await text(owner, campaign=spring, person=ada, phone=ADA, content="More")
        await until(
            owner, "reason = 'suppressed' FROM newsletter.sms_send_queue WHERE id = $1", later
        )
        simulator.receive(ADA, OURS, "help")
        await until(owner, SENT, 2)
        simulator.receive(ADA, OURS, "START")
        await until(owner, "sms_subscribed FROM newsletter.subscribers WHERE id = $1", ada)
        again = await text(owner, campaign=spring, person=ada, phone=ADA, content="Again")
        await until(
            owner, "status = 'sent' FROM newsletter.sms_send_queue WHERE id = $1", again
        )
        await running.stop()
    assert [(t.sender, t.text) for t in simulator.ledger.texts] == [
        (OURS, "Hello"),
        (OURS, QUICK["help_text"]),
        (OURS, "Again"),
    ]
    events = await owner.fetch(
        "SELECT campaign_id FROM newsletter.campaign_events WHERE event_type = 'UNSUBSCRIBED'"
    )
    assert [r["campaign_id"] for r in events] == [spring]
    count = await owner.fetchval("SELECT sms_response_count FROM newsletter.subscribers")
    assert count == 3
    assert (await verify.look(owner)).findings == []


async def test_what_ringcentral_alone_knows_becomes_ours(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await person(owner, phone=BOB)
    simulator.decide(OURS, BOB, "OptOut", "Carrier")
    async with daemon(database, simulator, **QUICK) as running:
        await until(owner, SUPPRESSED, BOB, "ringcentral")
        (compared,) = await running.said("consents.compared")
        (silenced,) = await running.said("number.silenced")
        await running.stop()
    assert (compared["opted_out"], compared["adopted"], compared["only_ours"]) == (1, 1, 0)
    assert (silenced["source"], silenced["phone"]) == ("ringcentral", "+1916***0101")


async def test_a_list_that_changed_is_read_before_the_night(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await person(owner, phone=BOB)
    async with daemon(database, simulator, **QUICK) as running:
        await running.said("consents.compared")
        simulator.decide(OURS, BOB, "OptOut", "Carrier")
        await owner.execute(
            "UPDATE newsletter.sms_consent_reads SET read_at = read_at - interval '20 min'"
        )
        await owner.execute("NOTIFY sms_dispatcher_consents")
        await until(owner, SUPPRESSED, BOB, "ringcentral")
        await running.stop()


async def test_an_app_that_may_not_read_the_list_is_told_of_once(
    database: str, owner: Connection
) -> None:
    simulator = await start(Settings(limits=WIDE, scopes=("ReadMessages", "ReadAccounts")))
    async with daemon(database, simulator, **QUICK) as running:
        (raised,) = [
            line
            for line in await running.said("alert.raised")
            if line["kind"] == "consents_unreadable"
        ]
        await running.stop()
    await simulator.stop()
    assert "SMS" in raised["what_to_do"]
    assert await owner.fetchval("SELECT count(*) FROM newsletter.sms_consent_reads") == 0
