"""RingCentral calls us: the daemon as a process, over real HTTP, into a real database."""

import asyncio
import signal
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from support.daemon import daemon, until
from support.hook import (
    OURS,
    TEXT,
    THEIRS,
    TOKEN,
    Ears,
    Hook,
    call,
    called,
    free_port,
    ours,
    stored,
    told,
)
from support.host import connected
from support.queue import campaign, person, text
from support.relay import relayed

from dispatcher.simulator.notification_faults import Mishap, NotificationFault
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 1000}
RECEIPTS = (
    "SELECT provider_id FROM newsletter.sms_receipts WHERE source = 'webhook' ORDER BY id"
)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral whose limits are out of the way, and which tells of things at once."""
    running = await start(Settings(limits=WIDE, lag=0, sent_after=0.05, final_after=0.1))
    yield running
    await running.stop()


@pytest.fixture
def hook() -> Hook:
    """An address at a free port."""
    return Hook(free_port())


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A caller who is not RingCentral."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def ears(database: str) -> AsyncIterator[Ears]:
    """What the processes are told."""
    async with connected(database) as conn:
        ears = Ears()
        await ears.listen(conn)
        yield ears


def befall(simulator: Simulator, kind: Mishap, event: str = "instant", **more: Any) -> None:
    simulator.add_notification_fault(NotificationFault(kind=kind, event=event, **more))


BY_SYNC = (
    "count(*) = 1 FROM newsletter.sms_receipts WHERE provider_id = $1 AND source <> 'webhook'"
)


async def kept(owner: Connection) -> list[str]:
    return [row["provider_id"] for row in await owner.fetch(RECEIPTS)]


async def test_a_text_that_comes_in_is_stored_as_it_is(
    database: str, owner: Connection, simulator: Simulator, hook: Hook, ears: Ears
) -> None:
    async with called(database, simulator, hook) as running:
        await running.said("daemon.started")
        await ears.hears("sms_dispatcher_changes")  # all that came before is to be read
        record = simulator.receive(THEIRS, OURS, TEXT)
        await stored(owner, 1)
        await ears.hears("sms_dispatcher_changes")
        row = await owner.fetchrow("SELECT * FROM newsletter.sms_receipts")
        assert row
        assert (row["provider_id"], row["source"]) == (str(record.id), "webhook")
        assert TEXT in row["body"]
        assert await running.stop(signal.SIGTERM) == 0


async def test_a_text_that_leaves_is_a_hint(
    database: str, owner: Connection, simulator: Simulator, hook: Hook, ears: Ears
) -> None:
    """RingCentral's own record says what became of it."""
    async with called(database, simulator, hook) as running:
        await running.said("daemon.started")
        await ears.hears("sms_dispatcher_changes")
        await text(
            owner, campaign=await campaign(owner, budget=100), person=await person(owner)
        )
        await ears.hears("sms_dispatcher_changes")
        await until(owner, "heard_at IS NOT NULL FROM newsletter.sms_subscriptions")
        assert await kept(owner) == []


async def test_a_changed_consent_is_a_hint(
    database: str, simulator: Simulator, hook: Hook, ears: Ears
) -> None:
    async with called(database, simulator, hook):
        await ears.hears("sms_dispatcher_consents")
        simulator.decide(OURS, THEIRS, "OptOut", source="Carrier")
        await ears.hears("sms_dispatcher_consents")


@pytest.mark.parametrize("kind", [Mishap.DOUBLE, Mishap.REORDER, Mishap.DELAY, Mishap.DROP])
async def test_however_they_come(
    database: str, owner: Connection, simulator: Simulator, hook: Hook, kind: Mishap
) -> None:
    """Each is stored once."""
    async with called(database, simulator, hook):
        befall(simulator, kind, times=3, seconds=0.3 if kind is Mishap.DELAY else 0)
        ids = [str(simulator.receive(THEIRS, OURS, f"{TEXT} {n}").id) for n in range(6)]
        expected = ids[3:] if kind is Mishap.DROP else ids
        await stored(owner, len(expected))
        assert sorted(await kept(owner)) == sorted(expected)


@pytest.mark.parametrize(
    "kind", [Mishap.WRONG_TOKEN, Mishap.WRONG_SUBSCRIPTION, Mishap.WRONG_OWNER]
)
async def test_what_is_not_from_our_subscription(
    database: str, owner: Connection, simulator: Simulator, hook: Hook, kind: Mishap
) -> None:
    async with called(database, simulator, hook):
        befall(simulator, kind, times=1)
        simulator.receive(THEIRS, OURS, "This is not stored")
        last = simulator.receive(THEIRS, OURS, TEXT)
        await stored(owner, 1)
        assert await kept(owner) == [str(last.id)]


async def test_what_somebody_else_says(
    database: str,
    owner: Connection,
    simulator: Simulator,
    hook: Hook,
    http: aiohttp.ClientSession,
) -> None:
    async with called(database, simulator, hook):
        (subscription,) = ours(simulator, hook)
        assert await call(http, hook.url, told(subscription, 1), "a" * 40) == 401
        strangers: list[dict[str, Any]] = [
            {"ownerId": "1"},
            {"ownerId": None},
            {"subscriptionId": "00000000-0000-4000-8000-000000000000"},
            {"subscriptionId": None},
            {"subscriptionId": [subscription.id]},
        ]
        for each in strangers:
            assert await call(http, hook.url, told(subscription, 2, **each)) == 403
        assert await kept(owner) == []
        assert await call(http, hook.url, told(subscription, 3)) == 200
        assert await kept(owner) == ["3"]


async def test_a_database_that_is_away(
    database: str,
    owner: Connection,
    simulator: Simulator,
    hook: Hook,
    http: aiohttp.ClientSession,
) -> None:
    """Within a second we say that we can't; once it is back we can, and the sync fills the gap."""
    async with (
        relayed(database) as relay,
        called(relay.dsn, simulator, hook, sync_seconds="1") as running,
    ):
        (subscription,) = ours(simulator, hook)
        relay.swallow()
        missed = simulator.receive(THEIRS, OURS, "STOP")
        await simulator.all_told()
        assert await kept(owner) == []
        for n in range(3):
            async with asyncio.timeout(1):
                assert await call(http, hook.url, told(subscription, n)) == 503
        async with asyncio.timeout(30):
            while await call(http, hook.url, told(subscription, 9)) != 200:
                pass
        assert "9" in await kept(owner)
        await until(owner, BY_SYNC, str(missed.id))
        await running.said("number.silenced")


async def test_two_processes_share_one_subscription(
    database: str,
    owner: Connection,
    simulator: Simulator,
    hook: Hook,
    http: aiohttp.ClientSession,
) -> None:
    """Whichever of them a balancer chooses."""
    port = str(free_port())
    async with (
        called(database, simulator, hook),
        called(database, simulator, hook, first="daemon.started", webhook_port=port) as second,
    ):
        (subscription,) = ours(simulator, hook)
        other = f"http://127.0.0.1:{port}/hook"
        assert await call(http, hook.url, told(subscription, 1)) == 200
        assert await call(http, other, told(subscription, 2)) == 200
        assert await call(http, other, told(subscription, 1)) == 200  # the same again
        assert await kept(owner) == ["1", "2"]
        assert not [e for e in second.events if e["event"].startswith("subscription.")]


async def test_without_an_address_nobody_listens_and_nothing_is_asked(
    database: str,
    owner: Connection,
    simulator: Simulator,
    hook: Hook,
    http: aiohttp.ClientSession,
) -> None:
    async with daemon(
        database, simulator, webhook_port=str(hook.port), webhook_token=TOKEN
    ) as one:
        await one.said("lead.gained")
        with pytest.raises(aiohttp.ClientConnectionError):
            await call(http, hook.url, b"{}")
        assert await one.stop() == 0
    asked = [r.path for r in simulator.ledger.requests]
    assert not [path for path in asked if "subscription" in path]
    assert await owner.fetchval("SELECT count(*) FROM newsletter.sms_subscriptions") == 0
