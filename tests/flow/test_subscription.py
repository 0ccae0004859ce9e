"""One subscription, whatever became of the last one: seen from RingCentral and from our table."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.daemon import daemon, until
from support.hook import (
    OURS,
    TEXT,
    THEIRS,
    Ears,
    Hook,
    called,
    free_port,
    look,
    looked,
    ours,
    stored,
)
from support.host import connected
from support.queue import campaign, person, text

from dispatcher.simulator import render
from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.filters import read_filter
from dispatcher.simulator.notification_faults import Mishap, NotificationFault
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.simulator.subscriptions import Subscription
from dispatcher.store.database import Connection

WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 1000}
QUICK = Settings(limits=WIDE, lag=0, sent_after=0.05, final_after=0.1)
ROW = "SELECT * FROM newsletter.sms_subscriptions"
ANOTHER = "another-token-that-is-as-long-as-it-must-be"
DOWN = "EXISTS (SELECT FROM newsletter.alerts WHERE kind = 'webhook_down' AND until IS NULL)"
SILENT = (
    "EXISTS (SELECT FROM newsletter.alerts WHERE kind = 'webhook_silent' AND until IS NULL)"
)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral whose limits are out of the way, and which tells of things at once."""
    running = await start(QUICK)
    yield running
    await running.stop()


@pytest.fixture
def hook() -> Hook:
    """An address at a free port."""
    return Hook(free_port())


def add(
    simulator: Simulator, name: str, address: str, client: str = "simulated-client"
) -> None:
    """Let somebody else's be there, or one of ours that nobody knows of."""
    user = simulator.world.settings.users[0]
    event = "/restapi/v1.0/account/~/extension/~/message-store?type=SMS"
    asked = read_filter(event, simulator.world.settings.account_id, user.extension_id, name)
    now = simulator.world.clock.now()
    simulator.world.subscriptions.add(
        Subscription(name, user, client, address, None, (asked,), (), now, timedelta(days=7))
    )


def asked(simulator: Simulator, method: str) -> int:
    """Count what was asked of subscriptions in this way."""
    return len(
        [
            r
            for r in simulator.ledger.requests
            if r.method == method and "subscription" in r.path
        ]
    )


async def test_it_is_made_once_its_address_listens(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    async with called(database, simulator, hook) as running:
        (said,) = await running.said("subscription.created")
        assert (said["why"], said["hours_left"]) == ("none", 168)
        (subscription,) = ours(simulator, hook)
        row = await owner.fetchrow(ROW)
        assert row
        assert (row["subscription_id"], row["status"]) == (subscription.id, "Active")
        assert row["owner_id"] == str(subscription.user.extension_id)
        assert timedelta(days=6) < row["expires_at"] - row["checked_at"] <= timedelta(days=7)
        assert len(subscription.filters) == 4
        assert not await owner.fetchval(f"SELECT {DOWN}")


async def test_a_restart_goes_on_with_it(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    async with called(database, simulator, hook):
        (first,) = ours(simulator, hook)
    for _ in range(3):
        async with called(database, simulator, hook, first="subscription.reused") as running:
            await looked(owner)
            await looked(owner)
            assert len(await running.said("subscription.reused")) == 1
    assert ours(simulator, hook) == [first]
    assert asked(simulator, "POST") == 1


async def test_doubles_are_taken_away_and_others_left_alone(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    async with called(database, simulator, hook) as running:
        (first,) = ours(simulator, hook)
        add(simulator, "double", hook.url)
        add(simulator, "theirs", "http://127.0.0.1:1/of-another-program")
        add(simulator, "similar", f"{hook.url}/more")
        await look(owner)
        (said,) = await running.said("subscription.removed")
        assert said["why"] == "double"
    left = {each.id for each in simulator.world.subscriptions}
    assert left == {first.id, "theirs", "similar"}


async def test_one_that_nobody_knows_of_is_not_trusted(
    database: str, simulator: Simulator, hook: Hook
) -> None:
    """Perhaps it was made just before a process died, perhaps with another token."""
    add(simulator, "unknown", hook.url)
    async with called(database, simulator, hook) as running:
        assert (await running.said("subscription.removed"))[0]["why"] == "double"
    assert "unknown" not in {each.id for each in ours(simulator, hook)}
    assert len(ours(simulator, hook)) == 1


async def test_a_stopped_one_is_made_anew_and_what_it_missed_is_read(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    async with connected(database) as conn, called(database, simulator, hook) as running:
        (first,) = ours(simulator, hook)
        simulator.add_notification_fault(NotificationFault(kind=Mishap.BLACKLIST, times=1))
        missed = simulator.receive(THEIRS, OURS, TEXT)
        ears = Ears()
        await ears.listen(conn)
        await look(owner)
        assert (await running.said("subscription.created", times=2))[1]["why"] == "stopped"
        await ears.hears("sms_dispatcher_changes")
        await until(
            owner,
            "count(*) = 1 FROM newsletter.sms_receipts WHERE provider_id = $1",
            str(missed.id),
        )
        (second,) = ours(simulator, hook)
        assert second.id != first.id
        simulator.receive(THEIRS, OURS, "And for the week after too")
        await stored(owner, 1)


async def test_one_that_is_gone_is_made_anew(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    async with called(database, simulator, hook) as running:
        (first,) = ours(simulator, hook)
        simulator.world.subscriptions.remove(first.id)
        await look(owner)
        assert (await running.said("subscription.created", times=2))[1]["why"] == "none"
    assert len(ours(simulator, hook)) == 1


async def test_one_that_tells_too_little_is_made_anew(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    async with called(database, simulator, hook) as running:
        (first,) = ours(simulator, hook)
        first.filters = first.filters[1:]
        await look(owner)
        assert (await running.said("subscription.created", times=2))[1]["why"] == "filters"
    assert len(ours(simulator, hook)) == 1


async def test_one_whose_filters_ringcentral_writes_in_its_own_way_is_made_once(
    database: str,
    owner: Connection,
    simulator: Simulator,
    hook: Hook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody promises that it shows them as they were asked for."""
    plain = render.subscription

    def shorter(*args: Any) -> dict[str, Any]:
        told = plain(*args)
        return told | {
            "eventFilters": [each.partition("?")[0] for each in told["eventFilters"]]
        }

    monkeypatch.setattr(render, "subscription", shorter)
    async with called(database, simulator, hook):
        await looked(owner)
        await looked(owner)
    assert asked(simulator, "POST") == 1


async def test_it_is_renewed_before_it_ends(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    async with called(database, simulator, hook) as running:
        (first,) = ours(simulator, hook)
        first.expires_at = simulator.world.clock.now() + timedelta(days=4)
        await looked(owner)
        first.expires_at = simulator.world.clock.now() + timedelta(days=3)
        await look(owner)
        (said,) = await running.said("subscription.renewed")
        assert said["hours_left"] == 168
        await until(
            owner, "expires_at > now() + interval '6 days' FROM newsletter.sms_subscriptions"
        )
    assert [each.id for each in ours(simulator, hook)] == [first.id]


async def test_another_token_needs_another_subscription(
    database: str, simulator: Simulator, hook: Hook
) -> None:
    async with called(database, simulator, hook):
        (first,) = ours(simulator, hook)
    async with called(database, simulator, hook, webhook_token=ANOTHER) as running:
        assert (await running.said("subscription.created"))[0]["why"] == "token"
    (second,) = ours(simulator, hook)
    assert (second.id != first.id, second.verification) == (True, ANOTHER)


async def test_another_address_too(database: str, simulator: Simulator, hook: Hook) -> None:
    async with called(database, simulator, hook):
        pass
    moved = Hook(free_port())
    async with called(database, simulator, moved) as running:
        assert (await running.said("subscription.created"))[0]["why"] == "address"
    assert [ours(simulator, hook), len(ours(simulator, moved))] == [[], 1]


async def test_without_an_address_it_is_taken_away(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    async with called(database, simulator, hook):
        pass
    async with daemon(database, simulator, first="subscription.removed") as running:
        assert (await running.said("subscription.removed"))[0]["why"] == "off"
        await until(owner, "status = 'Off' FROM newsletter.sms_subscriptions")
    assert ours(simulator, hook) == []
    async with called(database, simulator, hook):
        assert len(ours(simulator, hook)) == 1


async def test_an_address_that_leads_nowhere_is_said_once(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    """And it mends itself once the address leads to us."""
    elsewhere = str(free_port())
    async with called(
        database, simulator, hook, first="subscription.refused", webhook_port=elsewhere
    ) as running:
        (said,) = await running.said("subscription.refused")
        assert "SUB-521" in said["sentence"]
        assert "webhook_url" in said["sentence"]
        await until(owner, DOWN)
        await looked(owner)
        await looked(owner)
        assert len(await running.said("subscription.refused")) == 1
    async with called(database, simulator, hook):
        await until(owner, f"NOT {DOWN}")


async def test_no_room_for_another(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    for n in range(30):
        add(simulator, f"theirs-{n}", "http://127.0.0.1:1/theirs")
    async with called(database, simulator, hook, first="subscription.refused") as running:
        assert "SUB-505" in (await running.said("subscription.refused"))[0]["sentence"]
        await until(owner, DOWN)
    assert len(list(simulator.world.subscriptions)) == 30


async def test_an_app_that_may_not_subscribe(
    database: str, owner: Connection, hook: Hook
) -> None:
    simulator = await start(replace(QUICK, scopes=("ReadAccounts", "ReadMessages", "SMS")))
    async with called(database, simulator, hook, first="subscription.refused") as running:
        assert (
            "SubscriptionWebhook" in (await running.said("subscription.refused"))[0]["sentence"]
        )
        await until(owner, DOWN)
        assert await owner.fetchval("SELECT count(*) FROM newsletter.sms_attempts") == 0
    await simulator.stop()


async def test_what_is_left_out_is_named(database: str, owner: Connection, hook: Hook) -> None:
    simulator = await start(replace(QUICK, permissions=("OutboundSMS",)))
    async with called(database, simulator, hook, first="subscription.narrowed") as running:
        (said,) = await running.said("subscription.narrowed")
        assert "message-store/instant" in said["sentence"]
        assert "sms/consents" not in said["sentence"]
        await looked(owner)  # and it is neither made again for that nor said again
        await looked(owner)
        assert len(await running.said("subscription.narrowed")) == 1
    assert (len(ours(simulator, hook)), asked(simulator, "POST")) == (1, 1)
    await simulator.stop()


@pytest.mark.parametrize("group", ["light", "medium"])
async def test_too_many_requests_stop_the_group_for_all(
    database: str, simulator: Simulator, hook: Hook, group: str
) -> None:
    simulator.add_fault(
        Fault(kind=Kind.THROTTLE, group=group, path="subscription", retry_after=1, times=1)
    )
    async with called(database, simulator, hook, first="limit.hit") as running:
        assert (await running.said("limit.hit"))[0]["limiter"] == group
        await running.said("subscription.created")
    requests = [r for r in simulator.ledger.requests if r.group == group]
    assert [r.status for r in requests if "subscription" in r.path][:2] == [429, 200]


async def test_no_answer_makes_no_double(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    """It may have been made all the same: then it goes, as nobody knows its id."""
    simulator.add_fault(Fault(kind=Kind.CUT, group="medium", path="subscription", times=1))
    async with called(database, simulator, hook) as running:
        await running.said("subscription.removed")
        await looked(owner)
    assert len(ours(simulator, hook)) == 1


async def test_texts_leave_room_for_it(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    """They take each token as it comes: who only waited for one would wait until they are through."""
    spring = await campaign(owner, budget=0)
    for n in range(60):
        phone = f"+1916555{n:04}"
        await text(owner, campaign=spring, person=await person(owner, phone=phone), phone=phone)
    async with called(
        database, simulator, hook, first="daemon.started", rate_per_minute="120", rate_burst="1"
    ) as running:
        await running.said("subscription.created")
        sent = await owner.fetchval("SELECT count(*) FROM newsletter.sms_attempts")
    assert sent < 30


async def test_texts_go_out_and_nothing_is_heard(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    async with called(database, simulator, hook, webhook_silence_minutes="0.01") as running:
        await running.said("daemon.started")
        lost = simulator.add_notification_fault(NotificationFault(kind=Mishap.DROP))
        await looked(owner)
        assert not await owner.fetchval(f"SELECT {SILENT}")
        spring = await campaign(owner, budget=0)
        await owner.execute(
            "UPDATE newsletter.sms_subscriptions SET heard_at = now() - interval '1 hour'"
        )
        await text(owner, campaign=spring, person=await person(owner))
        await until(
            owner, "count(*) = 1 FROM newsletter.sms_attempts WHERE outcome = 'accepted'"
        )
        await looked(owner)
        await until(owner, SILENT)
        simulator.remove_notification_fault(lost)
        simulator.receive(THEIRS, OURS, TEXT)
        await until(owner, f"NOT {SILENT}")


async def test_a_text_that_was_heard_of_is_no_silence(
    database: str, owner: Connection, simulator: Simulator, hook: Hook
) -> None:
    async with called(database, simulator, hook, webhook_silence_minutes="0.01") as running:
        await running.said("daemon.started")
        await text(owner, campaign=await campaign(owner, budget=0), person=await person(owner))
        await until(owner, "heard_at IS NOT NULL FROM newsletter.sms_subscriptions")
        await until(
            owner, "count(*) = 1 FROM newsletter.sms_attempts WHERE outcome = 'accepted'"
        )
        await looked(owner)
        await looked(owner)
        assert await owner.fetchval(
            "SELECT quiet_since IS NULL FROM newsletter.sms_subscriptions"
        )
