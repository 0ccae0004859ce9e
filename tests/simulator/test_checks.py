"""What POST …/sms refuses at once: every row that a real request can provoke, by one."""

from typing import Any

import pytest
from support.simulated import OURS, THEIRS, Simulate, message
from support.simulated_account import (
    ABROAD,
    COLLEAGUES,
    FAX,
    MMS,
    NOWHERE,
    PLAIN,
    TOLL_FREE,
    UNREGISTERED,
    configured,
    party,
    sender,
)

from dispatcher.simulator.catalogue import KNOWN
from dispatcher.simulator.faults import Fault, Kind

INTERNATIONAL = {"international": True}


ELEVEN = party(*(f"+121255501{n}" for n in range(20, 31)))
REFUSED: list[tuple[str, dict[str, Any], Any, int, str, str | None]] = [
    # what, settings, body, HTTP status, code, parameterName
    ("no text", {}, message(text=None), 400, "CMN-101", "text"),
    ("empty text", {}, message(text=""), 400, "CMN-101", "text"),
    ("text is a number", {}, message(text=7), 400, "CMN-101", "text"),
    ("1001 units", {}, message(text="x" * 1001), 400, "MSG-338", "text"),
    ("501 emoji", {}, message(text="\U0001f600" * 501), 400, "MSG-338", "text"),
    (
        "1001 units, as another source has it",
        {"long_text_code": "CMN-101"},
        message(text="x" * 1001),
        400,
        "CMN-101",
        "text",
    ),
    ("no sender", {}, message(sender=None), 400, "CMN-101", "from"),
    ("sender is a string", {}, message(sender=OURS), 400, "CMN-101", "from"),
    ("no recipient", {}, message(to=None), 400, "CMN-101", "to"),
    ("empty recipients", {}, message(to=[]), 400, "CMN-101", "to"),
    ("recipient not in a list", {}, message(to=sender(THEIRS)), 400, "CMN-101", "to"),
    ("recipient is a string", {}, message(to=[THEIRS]), 400, "CMN-101", "to.phoneNumber"),
    ("recipient without a number", {}, message(to=[{}]), 400, "CMN-101", "to.phoneNumber"),
    ("no plus", {}, message(to=party("12125550100")), 400, "CMN-101", "to.phoneNumber"),
    ("formatted", {}, message(to=party("+1 212 555-0100")), 400, "CMN-101", "to.phoneNumber"),
    ("a digit short", {}, message(to=party("+1212555010")), 400, "CMN-101", "to.phoneNumber"),
    ("no such area", {}, message(to=party("+11125550100")), 400, "CMN-101", "to.phoneNumber"),
    ("to an extension", {}, message(to=[{"extensionNumber": "102"}]), 400, "MSG-246", None),
    ("to an extension as a number", {}, message(to=party("102")), 400, "MSG-246", None),
    ("from an extension", {}, message(sender={"extensionNumber": "101"}), 400, "MSG-246", None),
    ("to a short number", {}, message(to=party("55501")), 400, "MSG-247", None),
    (
        "a number twice",
        {},
        message(to=party(THEIRS, THEIRS), sender=sender(MMS)),
        400,
        "CMN-406",
        "to",
    ),
    ("eleven", {}, message(to=ELEVEN, sender=sender(MMS)), 400, "MSG-381", None),
    ("two countries", {}, message(country={"id": "1", "isoCode": "US"}), 400, "MSG-365", None),
    ("no country", {}, message(country={"isoCode": "us"}), 400, "CMN-101", "country.isoCode"),
    (
        "somebody else's number",
        {},
        message(sender=sender("+16505550198")),
        400,
        "MSG-245",
        "from",
    ),
    ("a colleague's number", {}, message(sender=sender(COLLEAGUES)), 403, "MSG-304", None),
    ("from a fax", {}, message(sender=sender(FAX)), 403, "MSG-241", None),
    ("no SmsSender", {}, message(sender=sender(PLAIN)), 403, "MSG-367", None),
    ("not registered", {}, message(sender=sender(UNREGISTERED)), 403, "MSG-242", None),
    (
        "toll free is not available",
        {"toll_free": False},
        message(sender=sender(TOLL_FREE)),
        403,
        "MSG-397",
        None,
    ),
    ("a group without MmsSender", {}, message(to=ELEVEN[:2]), 403, "MSG-380", None),
    (
        "a group without MMS",
        {"mms": False},
        message(to=ELEVEN[:2], sender=sender(MMS)),
        403,
        "BIL-103",
        None,
    ),
    ("abroad", {}, message(to=party(NOWHERE)), 403, "MSG-240", None),
    (
        "abroad without InternationalSmsSender",
        INTERNATIONAL,
        message(to=party(NOWHERE)),
        403,
        "MSG-240",
        None,
    ),
    (
        "abroad from toll free",
        INTERNATIONAL,
        message(to=party(NOWHERE), sender=sender(TOLL_FREE)),
        403,
        "MSG-403",
        None,
    ),
    (
        "a group abroad",
        INTERNATIONAL,
        message(to=party(NOWHERE, THEIRS), sender=sender(ABROAD)),
        403,
        "MSG-383",
        None,
    ),
    (
        "no permission of the app",
        {"scopes": ("ReadMessages",)},
        message(),
        403,
        "CMN-401",
        None,
    ),
    ("no permission of the user", {"permissions": ()}, message(), 403, "CMN-408", None),
]


@pytest.mark.parametrize(
    ("changed", "body", "status", "code", "parameter"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
async def test_refused(
    logged_in: Simulate,
    *,
    changed: dict[str, Any],
    body: object,
    status: int,
    code: str,
    parameter: str | None,
) -> None:
    client = await logged_in(configured(changed))
    answer = await client.post(body)
    assert (answer.status, answer.code) == (status, code)
    assert answer.json.get("parameterName") == parameter
    assert answer.json["errors"][0].get("parameterName") == parameter
    assert not client.simulator.ledger.texts
    assert not (await client.get("/message-store")).json.get("records")


@pytest.mark.parametrize(
    ("changed", "body"),
    [
        ({}, message()),
        ({}, message(text="x" * 1000)),
        ({}, message(text="\U0001f600" * 500)),
        ({}, message(country={"isoCode": "US"})),
        ({}, message(country={"id": "1"})),
        ({}, message(sender=sender(TOLL_FREE))),
        ({}, message(to=ELEVEN[:10], sender=sender(MMS))),
        (INTERNATIONAL, message(to=party(NOWHERE), sender=sender(ABROAD))),
    ],
)
async def test_the_edge_of_what_is_accepted(
    logged_in: Simulate, changed: dict[str, Any], body: dict[str, Any]
) -> None:
    client = await logged_in(configured(changed))
    answer = await client.post(body)
    assert answer.status == 200
    assert [to["phoneNumber"] for to in body["to"]] == [
        text.to for text in client.simulator.ledger.texts
    ]


# What depends on the number, the account's history or the carrier: by pattern only.
BY_PATTERN = {
    "MSG-243": 400,
    "MSG-384": 403,
    "MSG-388": 403,
    "MSG-290": 503,
    "MSG-305": 429,
}


@pytest.mark.parametrize(("code", "status"), BY_PATTERN.items())
async def test_the_rest_is_refused_by_pattern(
    logged_in: Simulate, code: str, status: int
) -> None:
    fault = Fault(Kind.REFUSE, to=r"0199$", code=code)
    client = await logged_in(configured({"faults": (fault,)}))
    answer = await client.send("+12125550199")
    assert (answer.status, answer.code) == (status, code)
    assert not client.simulator.ledger.texts
    assert (await client.send(THEIRS)).status == 200


def test_no_row_of_the_table_is_forgotten() -> None:
    numbers = {
        "CMN-": "101 102 401 406 408 419",
        "MSG-": "240 241 242 243 245 246 247 290 304 305 314 338 365 367 376 379 380 381 383 "
        "384 388 397 403",
        "BIL-": "103",
    }
    table = {kind + number for kind, those in numbers.items() for number in those.split()}
    elsewhere = {"MSG-376", "MSG-379", "CMN-419", "CMN-102", "MSG-314"}
    assert {row[4] for row in REFUSED} | BY_PATTERN.keys() | elsewhere == table
    assert table <= KNOWN.keys()
