"""GET …/message-sync: all at first, then what is new or changed, with an overlap."""

import pytest
from support.simulated import THEIRS, Answer, Client, Simulate

from dispatcher.simulator.settings import Number, Settings, User

AT_ONCE = Settings(lag=0)


async def full(client: Client, query: str = "") -> Answer:
    return await client.get(f"/message-sync?syncType=FSync{query}")


async def further(client: Client, after: Answer) -> Answer:
    token = after.json["syncInfo"]["syncToken"]
    return await client.get(f"/message-sync?syncType=ISync&syncToken={token}")


def statuses(answer: Answer) -> list[str]:
    return [record["messageStatus"] for record in answer.json["records"]]


async def test_a_full_sync_then_what_changed(logged_in: Simulate) -> None:
    client = await logged_in(AT_ONCE)
    await client.send()
    first = await full(client, "&messageType=SMS&direction=Outbound")
    assert statuses(first) == ["Queued"]
    assert first.json["syncInfo"]["syncType"] == "FSync"
    assert first.json["syncInfo"]["syncTime"] == "2026-01-05T15:00:00.000Z"
    assert first.json["syncInfo"]["olderRecordsExist"] is False
    client.clock.advance(10)
    second = await further(client, first)
    assert statuses(second) == ["Delivered"]
    assert second.json["syncInfo"]["syncType"] == "ISync"
    client.clock.advance(10)
    assert statuses(await further(client, second)) == []


async def test_what_was_just_before_the_token_is_shown_again(logged_in: Simulate) -> None:
    client = await logged_in(AT_ONCE)
    await client.send()
    client.clock.advance(8.9)  # 4.9 s after the last change
    first = await full(client)
    assert statuses(await further(client, first)) == ["Delivered"]
    client.clock.advance(0.1)
    second = await full(client)
    assert statuses(await further(client, second)) == []


async def test_a_record_that_becomes_visible_late_is_still_news(logged_in: Simulate) -> None:
    client = await logged_in(Settings(lag=30))
    await client.send()
    client.clock.advance(20)
    first = await full(client)
    client.clock.advance(20)
    assert (first.ids, statuses(await further(client, first))) == ([], ["Delivered"])


async def test_a_deletion_is_a_change(logged_in: Simulate) -> None:
    client = await logged_in(AT_ONCE)
    sent = (await client.send()).json["id"]
    client.clock.advance(60)
    first = await full(client)
    client.clock.advance(60)
    await client.request("DELETE", f"/control/messages/{sent}")
    changed = await further(client, first)
    assert [one["availability"] for one in changed.json["records"]] == ["Deleted"]
    assert changed.json["records"][0]["lastModifiedTime"] == "2026-01-05T15:02:00.000Z"


async def test_a_deletion_outside_of_the_filter_is_no_news(simulate: Simulate) -> None:
    user = User(256440016, "other-jwt", (Number("+16505550102"),), "102")
    client = await simulate(Settings(lag=0, more_users=(user,)))
    await client.login()
    old = (await client.send()).json["id"]
    client.clock.advance(60)
    mine = await full(client, "&dateFrom=2026-01-05T15:01:00Z")
    my_token = client.token
    await client.login("other-jwt")
    theirs = await full(client)
    await client.request("DELETE", f"/control/messages/{old}")
    assert (await further(client, theirs)).ids == []  # another user's
    client.token = my_token
    assert (await further(client, mine)).ids == []  # before dateFrom


async def test_the_filters_live_in_the_token(logged_in: Simulate) -> None:
    client = await logged_in(AT_ONCE)
    first = await full(client, "&phoneNumber=%2B12125550101")
    await client.send(THEIRS)
    sent = (await client.send("+12125550101")).json["id"]
    second = await further(client, first)
    assert second.ids == [sent]
    assert (await further(client, second)).ids == [sent]


async def test_a_full_sync_says_that_there_is_more(logged_in: Simulate) -> None:
    client = await logged_in(AT_ONCE)
    sent = [(await client.send()).json["id"] for _ in range(3)]
    answer = await full(client, "&recordCount=2")
    assert answer.ids == [sent[2], sent[1]]
    assert answer.json["syncInfo"]["olderRecordsExist"] is True


async def test_a_full_sync_starts_where_it_is_told(logged_in: Simulate) -> None:
    client = await logged_in(AT_ONCE)
    await client.send()
    client.clock.advance(60)
    sent = (await client.send()).json["id"]
    assert (await full(client, "&dateFrom=2026-01-05T15:01:00Z")).ids == [sent]


@pytest.mark.parametrize("query", ["", "&syncToken=", "&syncToken=nobody-knows-it"])
async def test_a_bad_token(client: Client, query: str) -> None:
    answer = await client.get(f"/message-sync?syncType=ISync{query}")
    assert (answer.status, answer.code) == (400, "MSG-333")


async def test_a_token_expires(logged_in: Simulate) -> None:
    client = await logged_in(Settings(sync_token_ttl=600))
    first = await full(client)
    client.clock.advance(599)
    assert (await further(client, first)).status == 200
    client.clock.advance(1)
    assert (await further(client, first)).code == "MSG-333"


async def test_a_token_is_its_users_own(simulate: Simulate) -> None:
    user = User(256440016, "other-jwt", (Number("+16505550102"),), "102")
    client = await simulate(Settings(more_users=(user,)))
    await client.login()
    first = await full(client)
    await client.login("other-jwt")
    assert (await further(client, first)).code == "MSG-333"


async def test_tokens_can_be_taken_away(client: Client) -> None:
    first = await full(client)
    assert (await client.request("DELETE", "/control/sync-tokens")).status == 204
    assert (await further(client, first)).code == "MSG-333"


async def test_no_such_sync(client: Client) -> None:
    answer = await client.get("/message-sync?syncType=XSync")
    assert (answer.code, answer.json["parameterName"]) == ("CMN-101", "syncType")
