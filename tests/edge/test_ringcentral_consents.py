"""RingCentral's own list of opt-outs, page by page."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from support.ringcentral import OURS, Connect

from dispatcher.core.consents import Consent, NotTaken, Wish, Word
from dispatcher.core.errors import DispatcherError
from dispatcher.core.outcome import Unreached
from dispatcher.edge.ringcentral import consents
from dispatcher.edge.ringcentral.consents import (
    consents_request,
    read_consents,
    read_told,
    telling,
)
from dispatcher.edge.ringcentral.sdk import Reply
from dispatcher.ports import ForbiddenError, LimitedError, LoginUnreachableError
from dispatcher.simulator.faults import Kind

PEOPLE = [f"+1212555{n:04}" for n in range(100, 105)]
RECORD = {
    "from": OURS,
    "to": PEOPLE[0],
    "optStatus": "OptOut",
    "source": "Recipient",
    "lastModifiedTime": "2026-01-05T18:12:45.123456789Z",
}


def reply(content: Any, status: int = 200, **headers: str) -> Reply:
    return Reply(status, headers, json.dumps(content).encode())


async def test_all_pages_tell_all_who_opted_out(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consents, "_PER_PAGE", 2)
    line = await connect()
    for each in PEOPLE:
        line.simulator.decide(OURS, each, "OptOut")
    line.simulator.decide(OURS, PEOPLE[4], "OptIn")
    found, page = [], None
    for _ in range(2):
        answer = await line.gateway.opted_out([OURS], page)
        found += [one.phone for one in answer.opted_out]
        page = answer.next
    assert (found, page) == (PEOPLE[:4], None)


def test_times_are_to_the_nanosecond() -> None:
    page = read_consents(reply({"records": [RECORD], "paging": {"nextPageToken": "2"}}))
    at = datetime(2026, 1, 5, 18, 12, 45, 123456, tzinfo=UTC)
    assert (page.opted_out, page.next) == ([Consent(PEOPLE[0], at, "Recipient")], "2")
    assert PEOPLE[0] not in repr(page)


def test_who_is_opted_in_is_not_told_though_it_was_not_asked_for() -> None:
    record = RECORD | {"optStatus": "OptIn"}
    assert read_consents(reply({"records": [record]})).opted_out == []


def test_what_is_asked_for() -> None:
    first = consents_request([OURS], None)
    assert first.body == {"from": [OURS], "optStatus": "OptOut", "perPage": 1000}
    second = consents_request([OURS], "2")
    assert (second.body or {})["pageToken"] == "2"


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {"records": [{}]},
        {"records": [RECORD | {"lastModifiedTime": None}]},
    ],
)
def test_what_cannot_be_read_is_said_to_be_so(content: Any) -> None:
    with pytest.raises(DispatcherError, match="can't be read"):
        read_consents(reply(content))


def test_a_refusal_is_a_sentence_and_a_limit_a_time() -> None:
    refused = {"errors": [{"errorCode": "CMN-401"}]}
    with pytest.raises(DispatcherError, match="CMN-401"):
        read_consents(reply(refused, 403))
    with pytest.raises(LimitedError) as limited:
        read_consents(reply({}, 429, **{"Retry-After": "7"}))
    assert limited.value.seconds == 7
    with pytest.raises(LoginUnreachableError):
        read_consents(Unreached())


@pytest.mark.parametrize("number", ["", "anonymous", "\x00+12125550100", "\ud83d", None, 5])
def test_what_is_no_number_keeps_nobody_else_from_the_list(number: object) -> None:
    told = reply({"records": [RECORD | {"to": number}, RECORD]})
    assert [one.phone for one in read_consents(told).opted_out] == [PEOPLE[0]]


async def test_what_is_told_stands_in_the_list(connect: Connect) -> None:
    line = await connect()
    line.simulator.decide(OURS, PEOPLE[1], "OptOut")
    wishes = [Wish(OURS, PEOPLE[0], Word.OPT_OUT), Wish(OURS, PEOPLE[1], Word.OPT_IN)]
    assert list(await line.gateway.tell_consents(wishes)) == []
    page = await line.gateway.opted_out([OURS], None)
    assert [(one.phone, one.by_api) for one in page.opted_out] == [(PEOPLE[0], True)]
    assert line.asked("light") == [200, 200]


async def test_what_is_refused_is_named(connect: Connect) -> None:
    line = await connect()
    line.fault(Kind.RECORD, to=PEOPLE[0][-4:], code="CMN-102")
    wishes = [Wish(OURS, phone, Word.OPT_OUT) for phone in PEOPLE[:2]]
    assert await line.gateway.tell_consents(wishes) == [NotTaken(PEOPLE[0], "CMN-102")]
    page = await line.gateway.opted_out([OURS], None)
    assert [one.phone for one in page.opted_out] == [PEOPLE[1]]


def test_the_record_that_tells() -> None:
    request = telling([Wish(OURS, PEOPLE[0], Word.OPT_OUT)])
    assert (request.method, request.path) == ("PATCH", "/restapi/v2/accounts/~/sms/consents")
    assert request.body == {
        "records": [
            {
                "from": OURS,
                "to": PEOPLE[0],
                "optStatus": "OptOut",
                "source": "Api",
                "coverage": "PhoneNumber",
            }
        ]
    }
    assert PEOPLE[0] not in repr(request)


def test_a_refused_record_may_be_spelled_otherwise_and_have_no_code() -> None:
    to = f"{PEOPLE[0][:2]} ({PEOPLE[0][2:5]}) {PEOPLE[0][5:8]}-{PEOPLE[0][8:]}"
    for error, code in (
        ({"errorCode": "CMN-101", "message": "x"}, "CMN-101"),
        ({"errorCode": PEOPLE[0]}, "none"),
        (None, "none"),
    ):
        told = reply({"failedRecords": [{"to": to, "error": error}]})
        assert read_told(told) == [NotTaken(PEOPLE[0], code)]


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_is_forbidden_is_told_from_what_fails(status: int) -> None:
    with pytest.raises(ForbiddenError, match="CMN-101"):
        read_told(reply({"errors": [{"errorCode": "CMN-101"}]}, status))


def test_a_permission_that_lacks_is_named() -> None:
    with pytest.raises(ForbiddenError, match="permission SMS"):
        read_told(reply({"errors": [{"errorCode": "CMN-401"}]}, 403))


@pytest.mark.parametrize(
    ("content", "status"), [({}, 500), ({}, 401), (None, 200), ({"failedRecords": [5]}, 200)]
)
def test_an_answer_that_says_nothing_is_no_refusal(content: Any, status: int) -> None:
    with pytest.raises(DispatcherError) as failed:
        read_told(reply(content, status))
    assert not isinstance(failed.value, ForbiddenError)


def test_telling_is_limited_like_all_else() -> None:
    with pytest.raises(LimitedError) as limited:
        read_told(reply({}, 429, **{"Retry-After": "7"}))
    assert limited.value.seconds == 7
    with pytest.raises(LoginUnreachableError):
        read_told(Unreached())
