"""What webhooks are told, with which headers, and when."""

from datetime import UTC, datetime

import aiohttp
from support.simulated import (
    CONSENTS,
    INSTANT,
    OURS,
    STORE,
    SUBSCRIPTION,
    THEIRS,
    VERIFIED,
    Client,
    Simulate,
)
from support.webhook import Webhook

from dispatcher.simulator.clock import ManualClock
from dispatcher.simulator.server import start
from dispatcher.simulator.settings import Number, Settings, User

REAL = "/restapi/v1.0/account/1696121004/extension/1696121004/message-store"


async def test_a_text_that_comes_in_is_told_whole(client: Client, hook: Webhook) -> None:
    subscription = (await client.subscribe(hook.url)).json
    record = client.simulator.receive(THEIRS, OURS, "Is it still at eight?")
    (told,) = await hook.heard(1)
    assert told.keys() == {"uuid", "event", "timestamp", "subscriptionId", "ownerId", "body"}
    assert told["event"] == f"{REAL}/instant?type=SMS"
    assert told["timestamp"] == "2026-01-05T15:00:00.000Z"
    assert (told["subscriptionId"], told["ownerId"]) == (subscription["id"], "1696121004")
    assert told["body"] == {
        "id": str(record.id),
        "to": [{"phoneNumber": OURS, "target": True}],
        "from": {"phoneNumber": THEIRS},
        "type": "SMS",
        "creationTime": "2026-01-05T15:00:00.000Z",
        "lastModifiedTime": "2026-01-05T15:00:00.000Z",
        "readStatus": "Unread",
        "priority": "Normal",
        "attachments": [{"id": str(record.id), "type": "Text", "contentType": "text/plain"}],
        "direction": "Inbound",
        "availability": "Alive",
        "subject": "Is it still at eight?",
        "messageStatus": "Received",
        "conversation": {"id": str(record.conversation)},
        "eventType": "Create",
        "owner": {"extensionId": "1696121004", "extensionType": "User"},
    }


async def test_the_headers_of_a_notification(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url)
    client.simulator.receive(THEIRS, OURS, "Hello")
    await hook.heard(1)
    headers = hook.told[0].headers
    assert headers["Content-Type"] == "application/json; charset=UTF-8"
    assert headers["User-Agent"] == "RingCentral-Webhook/8.3"
    assert headers["Verification-Token"] == VERIFIED
    assert "Validation-Token" not in headers


async def test_each_notification_has_an_id_of_its_own(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url)
    for _ in range(3):
        client.simulator.receive(THEIRS, OURS, "Hello")
    told = await hook.heard(3)
    assert len({one["uuid"] for one in told}) == 3
    assert all(one["uuid"].isdigit() for one in told)


async def test_what_is_sent_is_told_as_it_advances(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url, f"{STORE}?type=SMS&direction=Outbound")
    sent = (await client.send()).json["id"]
    (new,) = await hook.heard(1)
    assert new["event"] == f"{REAL}?type=SMS&direction=Outbound"
    assert new["body"] == {
        "accountId": "1696121004",
        "extensionId": "1696121004",
        "lastUpdated": "2026-01-05T15:00:00.000Z",
        "changes": [{"type": "SMS", "newCount": 1, "newMessageIds": [sent]}],
    }
    for count, seconds in ((2, 1), (3, 3)):
        await client.clock.waiters()
        client.clock.advance(seconds)
        changed = (await hook.heard(count))[-1]
        assert changed["body"]["changes"] == [{"type": "SMS", "updatedCount": 1}]
    assert changed["timestamp"] == "2026-01-05T15:00:04.000Z"


async def test_what_changes_at_once_is_told_at_once(client: Client, hook: Webhook) -> None:
    for _ in range(3):
        await client.send()
    await client.subscribe(hook.url, STORE)
    await client.clock.waiters()
    client.clock.advance(10)
    (told,) = await hook.heard(1)
    assert told["body"]["changes"] == [{"type": "SMS", "updatedCount": 3}]


async def test_a_deletion_is_told(client: Client, hook: Webhook) -> None:
    sent = (await client.send()).json["id"]
    client.clock.advance(10)
    await client.subscribe(hook.url, STORE)
    await client.request("DELETE", f"/control/messages/{sent}")
    (told,) = await hook.heard(1)
    assert told["body"]["changes"] == [{"type": "SMS", "updatedCount": 1}]


async def test_nobody_is_told_of_what_was_before(client: Client, hook: Webhook) -> None:
    sent = (await client.send()).json["id"]
    client.clock.advance(10)
    made = (await client.subscribe(hook.url, INSTANT)).json
    client.clock.advance(10)
    await client.send()
    path = f"{SUBSCRIPTION}/{made['id']}"
    await client.request("PUT", path, json={"eventFilters": [STORE]})
    await client.subscribe(hook.url, STORE)
    await client.request("DELETE", f"/control/messages/{sent}")
    told = await hook.heard(2)
    assert [one["body"]["changes"] for one in told] == [
        [{"type": "SMS", "updatedCount": 1}]
    ] * 2


async def test_a_filter_tells_its_own_direction_only(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url, f"{STORE}?type=Fax", f"{STORE}?direction=Inbound")
    await client.send()
    record = client.simulator.receive(THEIRS, OURS, "Hello")
    (told,) = await hook.heard(1)
    assert told["body"]["changes"][0]["newMessageIds"] == [record.id]


async def test_a_consent_that_changes_is_told(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url, CONSENTS)
    client.simulator.receive(THEIRS, OURS, "Stop")
    client.simulator.receive(THEIRS, OURS, "STOP")  # it was in force already
    client.clock.advance(0.5)
    client.simulator.receive(THEIRS, OURS, "start")
    told = await hook.heard(2)
    assert told[0]["event"] == "/restapi/v2/accounts/1696121004/sms/consents"
    assert [one["body"]["records"] for one in told] == [
        [
            {
                "from": OURS,
                "to": THEIRS,
                "optStatus": status,
                "source": "Recipient",
                "lastModifiedTime": f"2026-01-05T15:00:00.{nanoseconds}Z",
            }
        ]
        for status, nanoseconds in (("OptOut", "000000000"), ("OptIn", "500000000"))
    ]


async def test_another_users_texts_are_not_told(simulate: Simulate, hook: Webhook) -> None:
    user = User(256440016, "other-jwt", (Number("+16505550102"),), "102")
    client = await simulate(Settings(more_users=(user,)))
    await client.login()
    await client.subscribe(hook.url, INSTANT, STORE)
    await client.login("other-jwt")
    client.simulator.receive(THEIRS, "+16505550102", "Not for the first")
    await client.send(sender={"phoneNumber": "+16505550102"})
    record = client.simulator.receive(THEIRS, OURS, "Hello")
    told = await hook.heard(2)
    assert told[0]["body"]["id"] == str(record.id)
    assert told[1]["body"]["changes"][0]["newMessageIds"] == [record.id]


async def test_an_end_is_told_before_it_comes(client: Client, hook: Webhook) -> None:
    reminder = "/restapi/v1.0/subscription/~?threshold=40&interval=15"
    subscription = (await client.subscribe(hook.url, INSTANT, reminder, expiresIn=100)).json
    for count, seconds in ((1, 60), (2, 15), (3, 15)):
        await client.clock.waiters()
        client.clock.advance(seconds)
        told = (await hook.heard(count))[-1]
    event = f"/restapi/v1.0/subscription/{subscription['id']}?threshold=40&interval=15"
    assert told["event"] == event
    assert told["body"] == {**subscription, "expiresIn": 10}
    ends = datetime.fromisoformat(subscription["expirationTime"])
    assert ends == datetime(2026, 1, 5, 15, 1, 40, tzinfo=UTC)


async def test_a_renewal_puts_off_the_reminder(client: Client, hook: Webhook) -> None:
    reminder = "/restapi/v1.0/subscription/~?threshold=40&interval=15"
    subscription = (await client.subscribe(hook.url, INSTANT, reminder, expiresIn=100)).json
    await client.clock.waiters()
    client.clock.advance(60)
    await hook.heard(1)
    await client.request("POST", f"/restapi/v1.0/subscription/{subscription['id']}/renew")
    client.clock.advance(59)
    client.simulator.receive(THEIRS, OURS, "Hello")
    assert (await hook.heard(2))[1]["body"]["eventType"] == "Create"
    await client.clock.waiters()
    client.clock.advance(1)
    assert (await hook.heard(3))[2]["body"]["expiresIn"] == 40


async def test_on_the_machines_own_clock(hook: Webhook) -> None:
    # Enough time to answer in, however busy the machine is.
    settings = Settings(scale=0.01, webhook_timeout=1000, sent_after=50, final_after=50)
    simulator = await start(settings)
    try:
        async with aiohttp.ClientSession() as http:
            client = Client(simulator, ManualClock(), http)
            await client.login()
            await client.subscribe(hook.url, STORE)
            await client.send()
            new, updated = await hook.heard(2)
    finally:
        await simulator.stop()
    assert new["body"]["changes"][0]["newCount"] == 1
    assert updated["body"]["changes"] == [{"type": "SMS", "updatedCount": 1}]
