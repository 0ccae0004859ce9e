"""The message store: lists, single records, many at once."""

import json
import re

import pytest
from support.simulated import OTHER, OURS, THEIRS, Client, Simulate, message

from dispatcher.simulator.settings import Number, Settings, User

AT_ONCE = Settings(lag=0, limits={"medium": 5000, "light": 5000})
MANY = {"Accept": "application/vnd.ringcentral.multipart+json"}


async def test_a_new_record_is_missing_from_lists_for_the_lag(logged_in: Simulate) -> None:
    client = await logged_in(Settings(lag=30))
    sent = (await client.send()).json
    client.clock.advance(29.9)
    assert (await client.get("/message-store")).ids == []
    assert (await client.get(f"/message-store/{sent['id']}")).status == 200
    client.clock.advance(0.1)
    assert (await client.get("/message-store")).ids == [sent["id"]]


@pytest.fixture
async def filled(logged_in: Simulate) -> Client:
    """Three texts, a minute apart: two to one number, from two of ours."""
    client = await logged_in(AT_ONCE)
    await client.send(THEIRS)
    client.clock.advance(60)
    await client.send("+12125550101")
    client.clock.advance(60)
    await client.send(THEIRS, sender={"phoneNumber": OTHER})
    return client


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [2, 1, 0]),
        ("?messageType=SMS&direction=Outbound&readStatus=Read", [2, 1, 0]),
        ("?messageType=SMS&messageType=Fax", [2, 1, 0]),
        ("?messageType=Fax", []),
        ("?direction=Inbound", []),
        ("?readStatus=Unread", []),
        ("?availability=Deleted", []),
        ("?availability=Alive&availability=Deleted", [2, 1, 0]),
        ("?phoneNumber=%2B12125550100", [2, 0]),
        ("?phoneNumber=%2B16505550101", [2]),
        ("?phoneNumber=%2B12125550198", []),
        # Whoever forgets to encode the plus asks for a number that starts with a space.
        ("?phoneNumber=+12125550100", []),
        ("?dateFrom=2026-01-05T15:01:00.000Z", [2, 1]),
        ("?dateFrom=2026-01-05T15:01:00.001Z", [2]),
        ("?dateFrom=2026-01-05T16:01:00%2B01:00", [2, 1]),
        ("?dateTo=2026-01-05T15:01:00.000Z", [1, 0]),
        ("?dateTo=2026-01-05T15:00:59.999Z", [0]),
        ("?dateTo=2026-01-01T00:00:00Z", []),
        ("?conversationId=4481650717038104653", [1]),
        ("?distinctConversations=true", [2, 1, 0]),
        ("?perPage=2", [2, 1]),
        ("?perPage=2&page=2", [0]),
        ("?perPage=2&page=3", []),
    ],
)
async def test_filters_of_the_list(filled: Client, query: str, found: list[int]) -> None:
    ids = [text.id for text in filled.simulator.ledger.texts]
    assert (await filled.get(f"/message-store{query}")).ids == [ids[place] for place in found]


async def test_a_record_is_found_by_the_time_that_it_shows(logged_in: Simulate) -> None:
    client = await logged_in(AT_ONCE)
    client.clock.advance(0.0015)
    shown = (await client.send()).json["creationTime"]
    client.clock.advance(1)
    assert shown == "2026-01-05T15:00:00.001Z"
    assert len((await client.get(f"/message-store?dateFrom={shown}&dateTo={shown}")).ids) == 1


async def test_distinct_conversations_shows_the_newest_of_each(filled: Client) -> None:
    newest = (await filled.send(THEIRS)).json["id"]
    ids = [text.id for text in filled.simulator.ledger.texts]
    listed = await filled.get("/message-store?distinctConversations=true")
    assert listed.ids == [newest, ids[2], ids[1]]


async def test_a_list_goes_back_one_day_if_nothing_is_said(filled: Client) -> None:
    filled.clock.advance(86400 - 61)
    await filled.login()
    assert len((await filled.get("/message-store")).ids) == 2
    assert len((await filled.get("/message-store?dateFrom=2026-01-01T00:00:00Z")).ids) == 3


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("dateFrom=yesterday", "dateFrom"),
        ("dateFrom=2026-01-05T15:00:00+01:00", "dateFrom"),  # the bare plus again
        ("dateTo=x", "dateTo"),
        ("page=0", "page"),
        ("page=x", "page"),
        ("perPage=-1", "perPage"),
        ("messageType=Telegram", "messageType"),
        ("direction=Sideways", "direction"),
        ("availability=Gone", "availability"),
        ("readStatus=Skimmed", "readStatus"),
    ],
)
async def test_queries_that_cannot_be_read(client: Client, query: str, parameter: str) -> None:
    answer = await client.get(f"/message-store?{query}")
    assert (answer.status, answer.code) == (400, "CMN-101")
    assert answer.json["parameterName"] == parameter


async def test_paging(filled: Client) -> None:
    answer = await filled.get("/message-store?perPage=2&messageType=SMS&phoneNumber=")
    assert answer.json["paging"] == {
        "page": 1,
        "perPage": 2,
        "totalPages": 2,
        "totalElements": 3,
        "pageStart": 0,
        "pageEnd": 1,
    }
    assert answer.json["navigation"].keys() == {"firstPage", "nextPage", "lastPage"}
    uri = answer.json["navigation"]["nextPage"]["uri"].removeprefix(filled.simulator.url)
    last = await filled.request("GET", uri)
    assert last.ids == [filled.simulator.ledger.texts[0].id]
    assert last.json["paging"]["pageStart"] == last.json["paging"]["pageEnd"] == 2
    assert last.json["navigation"].keys() == {"firstPage", "previousPage", "lastPage"}


async def test_a_page_holds_a_hundred_or_as_many_as_asked_up_to_a_thousand(
    logged_in: Simulate,
) -> None:
    client = await logged_in(AT_ONCE)
    for _ in range(1001):
        await client.send()
    assert len((await client.get("/message-store")).ids) == 100
    clamped = await client.get("/message-store?perPage=5000")
    assert (len(clamped.ids), clamped.json["paging"]["perPage"]) == (1000, 1000)


async def test_many_records_as_one_json(filled: Client) -> None:
    first, second, _ = [text.id for text in filled.simulator.ledger.texts]
    answer = await filled.get(f"/message-store/{first},11,{second}", headers=MANY)
    assert answer.status == 207
    assert answer.headers["Content-Type"] == MANY["Accept"]
    assert [(one["resourceId"], one["status"]) for one in answer.json] == [
        (str(first), 200),
        ("11", 404),
        (str(second), 200),
    ]
    assert answer.json[0]["body"]["id"] == first
    assert answer.json[1]["body"]["errors"][0]["errorCode"] == "CMN-102"


async def test_many_records_as_parts(filled: Client) -> None:
    first = filled.simulator.ledger.texts[0].id
    answer = await filled.get(f"/message-store/{first},11")
    assert answer.status == 207
    boundary = answer.headers["Content-Type"].removeprefix("multipart/mixed;boundary=")
    parts = re.findall(r"\r\n\r\n(.*)\r\n", answer.text)
    assert answer.text.count(f"--{boundary}") == 4
    statuses, record, error = map(json.loads, parts)
    assert [one["status"] for one in statuses["response"]] == [200, 404]
    assert record["id"] == first
    assert error["errorCode"] == "CMN-102"


async def test_fifty_records_at_once_and_no_more(client: Client) -> None:
    ids = [str(number) for number in range(51)]
    assert (await client.get(f"/message-store/{','.join(ids[:50])}")).status == 207
    answer = await client.get(f"/message-store/{','.join(ids)}")
    assert (answer.status, answer.code) == (400, "CMN-106")


@pytest.mark.parametrize("message_id", ["11", "x", "-1"])
async def test_there_is_no_such_record(client: Client, message_id: str) -> None:
    answer = await client.get(f"/message-store/{message_id}")
    assert (answer.status, answer.code) == (404, "CMN-102")
    assert answer.json["parameterName"] == "messageId"


@pytest.mark.parametrize(
    ("purge", "status", "listed"), [(False, 200, "Deleted"), (True, 404, "Purged")]
)
async def test_a_record_that_a_person_deleted(
    filled: Client, *, purge: bool, status: int, listed: str
) -> None:
    gone, *_ = [text.id for text in filled.simulator.ledger.texts]
    path = f"/control/messages/{gone}?purge={str(purge).lower()}"
    assert (await filled.request("DELETE", path)).status == 204
    assert gone not in (await filled.get("/message-store")).ids
    assert (await filled.get(f"/message-store?availability={listed}")).ids == [gone]
    answer = await filled.get(f"/message-store/{gone}")
    assert answer.status == status
    assert purge or answer.json["availability"] == "Deleted"


async def test_another_users_records_are_not_shown(simulate: Simulate) -> None:
    user = User(256440016, "other-jwt", (Number("+16505550102"),), "102")
    client = await simulate(Settings(lag=0, more_users=(user,)))
    await client.login()
    sent = (await client.send()).json["id"]
    await client.login("other-jwt")
    assert (await client.get("/message-store")).ids == []
    assert (await client.get(f"/message-store/{sent}")).status == 404
    sync = await client.get("/message-sync?syncType=FSync")
    assert sync.ids == []


async def test_reading_needs_its_permission(logged_in: Simulate) -> None:
    client = await logged_in(Settings(permissions=("OutboundSMS",), scopes=("ReadMessages",)))
    assert (await client.get("/message-store")).code == "CMN-408"
    assert (await client.get("/phone-number")).code == "CMN-401"


async def test_a_group_is_one_record_to_all(logged_in: Simulate) -> None:
    numbers = (Number(OURS, ("SmsSender", "MmsSender")),)
    client = await logged_in(Settings(lag=0, numbers=numbers))
    to = [{"phoneNumber": THEIRS}, {"phoneNumber": "+12125550101"}]
    sent = (await client.post(message(to=to))).json
    assert (await client.get("/message-store?phoneNumber=%2B12125550101")).ids == [sent["id"]]
    assert [text.id for text in client.simulator.ledger.texts] == [sent["id"]] * 2
