"""RingCentral's own list of opt-outs, page by page."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from support.ringcentral import OURS, Connect

from dispatcher.core.errors import DispatcherError
from dispatcher.core.outcome import Unreached
from dispatcher.edge.ringcentral import consents
from dispatcher.edge.ringcentral.consents import consents_request, read_consents
from dispatcher.edge.ringcentral.sdk import Reply
from dispatcher.ports import LimitedError, LoginUnreachableError

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
        found += [phone for phone, _ in answer.opted_out]
        page = answer.next
    assert (found, page) == (PEOPLE[:4], None)


def test_times_are_to_the_nanosecond() -> None:
    page = read_consents(reply({"records": [RECORD], "paging": {"nextPageToken": "2"}}))
    at = datetime(2026, 1, 5, 18, 12, 45, 123456, tzinfo=UTC)
    assert (page.opted_out, page.next) == ([(PEOPLE[0], at)], "2")
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
    assert [phone for phone, _ in read_consents(told).opted_out] == [PEOPLE[0]]
