"""Who wants no texts: the words, what becomes of a text to them, and the API that tells."""

from typing import Any

import pytest
from support.simulated import CONSENTS, OTHER, OURS, THEIRS, Answer, Client, Simulate

from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.settings import Settings

SEARCH = f"{CONSENTS}/search"


async def search(client: Client, **asked: Any) -> Answer:
    return await client.request("POST", SEARCH, json=asked)


async def change(client: Client, *records: object) -> Answer:
    return await client.request("PATCH", CONSENTS, json={"records": list(records)})


def out(to: Any = THEIRS, **more: Any) -> dict[str, object]:
    named = {"from": OURS, "to": to, "optStatus": "OptOut", "source": "Api"}
    return {**named, "coverage": "PhoneNumber", **more}


async def fate(client: Client, to: str = THEIRS, **more: Any) -> tuple[str, str | None]:
    sent = await client.send(to, **more)
    assert sent.status == 200
    client.clock.advance(5)
    record = (await client.get(f"/message-store/{sent.json['id']}")).json
    return record["messageStatus"], record.get("deliveryErrorCode")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        *((word, "OptOut") for word in ("STOP", "UNSUBSCRIBE", "QUIT", "CANCEL", "END")),
        *((word, "OptIn") for word in ("START", "SUBSCRIBE", "RESUME", "CONTINUE", "UNSTOP")),
        ("stop", "OptOut"),
        (" \n Stop\t", "OptOut"),
        ("Please stop", None),
        ("STOP.", None),
        ("HELP", None),
        ("", None),
    ],
)
async def test_the_words(client: Client, text: str, status: str | None) -> None:
    client.simulator.receive(THEIRS, OURS, text)
    found = (await search(client)).json["records"]
    assert [(one["optStatus"], one["source"]) for one in found] == (
        [(status, "Recipient")] if status else []
    )


async def test_a_text_to_somebody_who_opted_out_fails_later(client: Client) -> None:
    client.simulator.receive(THEIRS, OURS, "STOP")
    assert await fate(client) == ("SendingFailed", "SMS-RC-413")
    assert await fate(client, "+12125550101") == ("Delivered", None)
    assert await fate(client, sender={"phoneNumber": OTHER}) == ("Delivered", None)
    client.simulator.receive(THEIRS, OURS, "Start")
    assert await fate(client) == ("Delivered", None)
    # It was accepted all the same, so the witness knows of it.
    assert client.simulator.ledger.per_number() == {THEIRS: 3, "+12125550101": 1}


async def test_an_opt_out_goes_before_a_fault(client: Client) -> None:
    client.simulator.add_fault(Fault(Kind.DELIVERY, code="SMS-CAR-411", times=1))
    client.simulator.receive(THEIRS, OURS, "STOP")
    assert await fate(client) == ("SendingFailed", "SMS-RC-413")
    assert await fate(client, "+12125550101") == ("DeliveryFailed", "SMS-CAR-411")


async def test_consents_are_changed_by_the_api(client: Client) -> None:
    answer = await change(client, out(), out("+12125550101"))
    assert (answer.status, answer.json) == (200, {})
    assert answer.headers["X-Rate-Limit-Group"] == "light"
    assert await fate(client) == ("SendingFailed", "SMS-RC-413")
    await change(client, out(optStatus="OptIn"))
    assert await fate(client) == ("Delivered", None)


async def test_what_a_search_answers(client: Client) -> None:
    client.clock.advance(0.123456)
    await change(client, out())
    answer = await search(client, **{"from": [OURS], "to": [THEIRS], "optStatus": "OptOut"})
    assert (answer.status, answer.headers["X-Rate-Limit-Group"]) == (200, "light")
    assert answer.json == {
        "records": [
            {
                "from": OURS,
                "to": THEIRS,
                "optStatus": "OptOut",
                "source": "Api",
                "lastModifiedTime": "2026-01-05T15:00:00.123456000Z",
            }
        ],
        "paging": {"perPage": 100},
    }


async def test_what_was_in_force_already_keeps_its_time(client: Client) -> None:
    client.simulator.receive(THEIRS, OURS, "STOP")
    client.clock.advance(60)
    await change(client, out())
    (found,) = (await search(client)).json["records"]
    assert (found["source"], found["lastModifiedTime"][11:19]) == ("Recipient", "15:00:00")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [0, 1, 2]),
        ({"from": [OURS]}, [0, 1]),
        ({"from": ["*"]}, [0, 1, 2]),
        ({"to": [THEIRS]}, [0, 2]),
        ({"from": [OTHER], "to": ["+12125550101", THEIRS]}, [2]),
        ({"optStatus": "OptIn"}, [1]),
        ({"coverage": ["PhoneNumber"]}, [0, 1, 2]),
        ({"coverage": ["phoneNumber", "Account"]}, [0, 1, 2]),
        ({"coverage": ["CampaignType"]}, []),
        ({"to": ["+12125550198"]}, []),
    ],
)
async def test_filters_of_the_search(
    client: Client, asked: dict[str, object], found: list[int]
) -> None:
    pairs = [(OURS, THEIRS), (OURS, "+12125550101"), (OTHER, THEIRS)]
    await change(client, out(), out("+12125550101", optStatus="OptIn"), out(**{"from": OTHER}))
    records = (await search(client, **asked)).json["records"]
    assert [(one["from"], one["to"]) for one in records] == [pairs[one] for one in found]


async def test_pages_of_the_search(client: Client) -> None:
    numbers = [f"+121255501{place:02}" for place in range(5)]
    await change(client, *(out(number) for number in numbers))
    seen: list[str] = []
    token: dict[str, str] = {}
    for _ in range(3):
        answer = (await search(client, perPage=2, **token)).json
        seen += [one["to"] for one in answer["records"]]
        token = {"pageToken": answer["paging"].get("nextPageToken", "")}
    assert (seen, token) == (numbers, {"pageToken": ""})


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"from": [OURS] * 21}, "from"),
        ({"to": [THEIRS] * 21}, "to"),
        ({"to": THEIRS}, "to"),
        ({"to": [7]}, "to"),
        ({"optStatus": "Maybe"}, "optStatus"),
        ({"coverage": ["Planet"]}, "coverage"),
        ({"coverage": "PhoneNumber"}, "coverage"),
        ({"perPage": 1001}, "perPage"),
        ({"perPage": 0}, "perPage"),
        ({"pageToken": "x"}, "pageToken"),
    ],
)
async def test_searches_that_are_refused(
    client: Client, asked: dict[str, object], parameter: str
) -> None:
    answer = await search(client, **asked)
    assert (answer.status, answer.code) == (400, "CMN-101")
    assert answer.json["parameterName"] == parameter


@pytest.mark.parametrize(
    ("wrong", "parameter"),
    [
        ({"from": "+16505550198"}, "from"),
        ({"from": [OURS]}, "from"),
        ({"to": "2125550100"}, "to"),
        ({"to": None}, "to"),
        ({"optStatus": "Maybe"}, "optStatus"),
        ({"source": "Hearsay"}, "source"),
        ({"coverage": "Planet"}, "coverage"),
    ],
)
async def test_records_that_fail_are_named(
    client: Client, wrong: dict[str, object], parameter: str
) -> None:
    answer = await change(client, out("+12125550101"), out(**wrong))
    assert answer.status == 200
    (failed,) = answer.json["failedRecords"]
    assert failed.pop("error") == {
        "errorCode": "CMN-101",
        "message": f"Parameter [{parameter}] value is invalid.",
    }
    assert failed == out(**wrong)
    assert [one["to"] for one in (await search(client)).json["records"]] == ["+12125550101"]


@pytest.mark.parametrize(
    "records", [[], [out()] * 1001, {"from": OURS}, None], ids=["none", "many", "one", "null"]
)
async def test_changes_that_are_refused(client: Client, records: object) -> None:
    answer = await client.request("PATCH", CONSENTS, json={"records": records})
    assert (answer.status, answer.code) == (400, "CMN-101")
    assert (await search(client)).json["records"] == []


@pytest.mark.parametrize("more", [{"from": "*"}, {"coverage": "Account"}])
async def test_all_of_our_numbers_at_once(client: Client, more: dict[str, object]) -> None:
    await change(client, out(**more))
    records = (await search(client)).json["records"]
    assert [one["from"] for one in records] == [OURS, OTHER]


async def test_the_account_by_its_id(client: Client) -> None:
    path = CONSENTS.replace("~", "1696121004")
    assert (await client.request("PATCH", path, json={"records": [out()]})).status == 200
    assert len((await client.request("POST", f"{path}/search", json={})).json["records"]) == 1
    other = CONSENTS.replace("~", "7")
    assert (await client.request("PATCH", other, json={"records": [out()]})).code == "CMN-102"


async def test_consents_need_their_scope(logged_in: Simulate) -> None:
    client = await logged_in(Settings(scopes=("ReadMessages",)))
    assert (await change(client, out())).code == "CMN-401"
    assert (await search(client)).code == "CMN-401"


async def test_control_reads_and_sets_them(client: Client) -> None:
    one = {"from": OURS, "to": THEIRS, "optStatus": "OptOut"}
    path = "/control/consents"
    carrier = {**one, "to": "+12125550101", "source": "Carrier"}
    assert (await client.request("POST", path, json=[one, carrier])).status == 204
    listed = (await client.request("GET", path)).json
    assert [(each["to"], each["source"]) for each in listed] == [
        (THEIRS, "Recipient"),
        ("+12125550101", "Carrier"),
    ]
    assert await fate(client) == ("SendingFailed", "SMS-RC-413")
    client.simulator.decide(OURS, THEIRS, "OptIn", "Api")
    assert await fate(client) == ("Delivered", None)
    assert (await client.request("DELETE", path)).status == 204
    assert (await client.request("GET", path)).json == []


@pytest.mark.parametrize(
    "changed",
    [{"from": THEIRS}, {"to": "x"}, {"optStatus": "Maybe"}, {"source": "x"}, {"more": "x"}],
)
async def test_consents_that_make_no_sense(client: Client, changed: dict[str, str]) -> None:
    one = {"from": OURS, "to": THEIRS, "optStatus": "OptOut"}
    for body in ([one, {**one, **changed}], 7):
        answer = await client.request("POST", "/control/consents", json=body)
        assert (answer.status, bool(answer.json["error"])) == (400, True)
    assert (await client.request("GET", "/control/consents")).json == []
