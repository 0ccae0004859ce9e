"""Texts that come in: how they lie in the message store, and what the ledger says of them."""

import asyncio

import pytest
from support.simulated import OTHER, OURS, THEIRS, Client, Simulate

from dispatcher.simulator.inbound import SenselessError
from dispatcher.simulator.settings import Number, Settings, User

AT_ONCE = Settings(lag=0)


async def test_how_it_lies_in_the_store(client: Client) -> None:
    record = client.simulator.receive(THEIRS, OURS, "x" * 161)
    shown = (await client.get(f"/message-store/{record.id}")).json
    assert (shown["id"], shown["subject"]) == (record.id, "x" * 161)
    assert (shown["direction"], shown["messageStatus"]) == ("Inbound", "Received")
    assert (shown["readStatus"], shown["segmentCount"]) == ("Unread", 2)
    assert shown["from"] == {"phoneNumber": THEIRS}
    assert shown["to"] == [{"phoneNumber": OURS, "target": True}]
    assert "smsSendingAttemptsCount" not in shown
    client.clock.advance(100)
    later = (await client.get(f"/message-store/{record.id}")).json
    assert later == shown  # it does not advance


async def test_it_is_missing_from_lists_for_the_lag(logged_in: Simulate) -> None:
    client = await logged_in(Settings(lag=30))
    record = client.simulator.receive(THEIRS, OURS, "Hello")
    assert (await client.get(f"/message-store/{record.id}")).status == 200
    for seconds, found in ((29.9, []), (0.1, [record.id])):
        client.clock.advance(seconds)
        assert (await client.get("/message-store")).ids == found
        assert (await client.get("/message-sync?syncType=FSync")).ids == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 0]),
        ("?direction=Inbound", [1]),
        ("?direction=Outbound", [0]),
        ("?direction=Inbound&direction=Outbound", [1, 0]),
        ("?readStatus=Unread", [1]),
        ("?readStatus=Read", [0]),
        ("?direction=Inbound&readStatus=Read", []),
        ("?phoneNumber=%2B12125550100", [1, 0]),
        ("?phoneNumber=%2B16505550101", []),
        ("?conversationId=4481650717038104652", [1, 0]),
        ("?messageType=SMS&direction=Inbound", [1]),
        ("?messageType=Fax&direction=Inbound", []),
    ],
)
async def test_filters_apply_to_both_directions(
    logged_in: Simulate, query: str, found: list[int]
) -> None:
    client = await logged_in(AT_ONCE)
    ids = [(await client.send()).json["id"]]
    ids.append(client.simulator.receive(THEIRS, OURS, "Hello").id)
    assert (await client.get(f"/message-store{query}")).ids == [ids[one] for one in found]


async def test_an_answer_belongs_to_the_conversation(logged_in: Simulate) -> None:
    client = await logged_in(AT_ONCE)
    sent = (await client.send()).json
    same = client.simulator.receive(THEIRS, OURS, "Hello")
    other = client.simulator.receive(THEIRS, OTHER, "Hello")
    assert same.conversation == sent["conversationId"] != other.conversation


@pytest.mark.parametrize(
    ("direction", "texts"),
    [
        ("", ["in", "out"]),
        ("&direction=Inbound", ["in"]),
        ("&direction=Outbound", ["out"]),
    ],
)
async def test_a_sync_shows_both_directions_unless_it_is_told_otherwise(
    logged_in: Simulate, direction: str, texts: list[str]
) -> None:
    client = await logged_in(AT_ONCE)

    async def one_of_each() -> None:
        await client.send(text="out")
        client.simulator.receive(THEIRS, OURS, "in")

    await one_of_each()
    client.clock.advance(10)  # beyond the overlap
    full = await client.get(f"/message-sync?syncType=FSync{direction}")
    client.clock.advance(60)
    await one_of_each()
    token = full.json["syncInfo"]["syncToken"]
    further = await client.get(f"/message-sync?syncType=ISync&syncToken={token}")
    for answer in (full, further):
        assert [one["subject"] for one in answer.json["records"]] == texts


async def test_the_ledger_keeps_it_apart(client: Client) -> None:
    client.clock.advance(1.5)
    record = client.simulator.receive(THEIRS, OURS, "STOP")
    ledger = client.simulator.ledger
    assert (ledger.texts, ledger.per_number(), ledger.per_minute()) == ([], {}, {})
    (text,) = ledger.inbound
    assert (text.id, text.sender, text.to, text.text) == (record.id, THEIRS, OURS, "STOP")
    assert text.monotonic == 1.5
    (listed,) = (await client.request("GET", "/control/inbound")).json
    assert (listed["id"], listed["at"]) == (record.id, "2026-01-05T15:00:01.500000+00:00")
    counts = (await client.request("GET", "/control/counts")).json
    assert (counts["inbound"], counts["texts"], counts["to"]) == (1, 0, {})
    await client.request("DELETE", "/control/ledger")
    assert ledger.inbound == []


async def test_it_can_be_waited_for(client: Client) -> None:
    inbound = asyncio.ensure_future(client.simulator.ledger.reached(inbound=2))
    client.simulator.receive(THEIRS, OURS, "Hello")
    await client.send()
    assert not inbound.done()
    client.simulator.receive(THEIRS, OURS, "Hello")
    await inbound


async def test_control_lets_texts_come_in(client: Client) -> None:
    one = {"from": THEIRS, "to": OURS, "text": "Hello"}
    many = [{**one, "text": "one"}, {**one, "from": "72345", "text": "two"}]
    for body, texts in ((one, ["Hello"]), (many, ["Hello", "one", "two"])):
        answer = await client.request("POST", "/control/inbound", json=body)
        assert answer.status == 201
        assert [text.text for text in client.simulator.ledger.inbound] == texts
    assert answer.json["ids"] == [text.id for text in client.simulator.ledger.inbound[1:]]


@pytest.mark.parametrize(
    "changed",
    [
        {"to": "+16505550198"},
        {"from": "2125550100"},
        {"from": None},
        {"text": 7},
        {"more": "of it"},
    ],
)
async def test_texts_that_cannot_come_in(client: Client, changed: dict[str, object]) -> None:
    one = {"from": THEIRS, "to": OURS, "text": "Hello"}
    for body in ({**one, **changed}, [one, {**one, **changed}], 7):
        answer = await client.request("POST", "/control/inbound", json=body)
        assert answer.status == 400
        assert answer.json["error"]
    assert client.simulator.ledger.inbound == []


async def test_nobody_texts_a_number_that_is_not_ours(client: Client) -> None:
    with pytest.raises(SenselessError, match="number of a user"):
        client.simulator.receive(OURS, THEIRS, "Hello")


async def test_it_belongs_to_the_owner_of_the_number(simulate: Simulate) -> None:
    user = User(256440016, "other-jwt", (Number("+16505550102"),), "102")
    client = await simulate(Settings(lag=0, more_users=(user,)))
    await client.login()
    record = client.simulator.receive(THEIRS, "+16505550102", "Hello")
    assert (await client.get("/message-store")).ids == []
    await client.login("other-jwt")
    assert (await client.get("/message-store")).ids == [record.id]
