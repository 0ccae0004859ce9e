import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.core.codes import REFUSALS, Passing, sentence
from dispatcher.core.outcome import (
    Accepted,
    Ambiguous,
    Fault,
    NotBegun,
    Outcome,
    Refused,
    RefusedForNow,
    Throttled,
    Unreached,
    classify,
    doubtful,
    read_code,
)

ROWS = {
    Fault.RECIPIENT: "400 CMN-101, 403 MSG-240, 400 MSG-243, 400 MSG-246, 400 MSG-247, "
    "403 MSG-388, 403 MSG-403",
    Fault.TEXT: "400 MSG-338, 400 MSG-376, 400 MSG-379",
    Fault.SENDER: "403 BIL-103, 403 MSG-241, 403 MSG-242, 400 MSG-245, 403 MSG-304, "
    "403 MSG-367, 403 MSG-380, 403 MSG-383, 403 MSG-384, 403 MSG-397",
    Fault.LOGIN: "404 CMN-102, 403 CMN-109, 404 CMN-120, 403 CMN-401, 403 CMN-402, 403 CMN-403, "
    "403 CMN-404, 401 CMN-405, 403 CMN-408, 403 CMN-419, 401 AGW-402, 403 MSG-314, 400 OAU-123, "
    "401 OAU-128, 401 OAU-129, 400 OAU-140, 400 OAU-141, 400 OAU-142, 401 OAU-146, 400 OAU-147, "
    "401 OAU-149, 401 OAU-151, 400 OAU-153, 400 OAU-210, 401 OAU-213, 400 OAU-250, 400 OAU-251",
    Fault.BUG: "400 CMN-103, 400 CMN-104, 400 CMN-106, 400 CMN-110, 400 CMN-406, 400 CMN-407, "
    "400 MSG-365, 400 MSG-381",
    Passing.THROTTLED: "429 CMN-301, 429 CMN-302, 429 CMN-303, 429 CMN-304, 429 CMN-310, "
    "429 MSG-305",
    Passing.FOR_NOW: "503 MSG-290",
    Passing.UNCLEAR: "500 CMN-201, 501 CMN-202, 500 CMN-203",
}
CASES = [
    (int(row.split()[0]), row.split()[1], means)
    for means, rows in ROWS.items()
    for row in rows.split(", ")
]
SMS_SENT = b'{"id": 315450330010, "messageStatus": "Queued"}'
DATE = datetime(2026, 1, 5, 15, 0, tzinfo=UTC)


def refusal(code: str, top: str | None = None, **named: str) -> bytes:
    entry = {"errorCode": code, "message": "Said by RingCentral", **named}
    return json.dumps({"errorCode": top or code, "errors": [entry]}).encode()


def expected(code: str, means: Fault | Passing) -> Outcome:
    match means:
        case Fault():
            return Refused(code, means)
        case Passing.THROTTLED:
            return Throttled(None, 60)
        case Passing.FOR_NOW:
            return RefusedForNow(code, None)
        case Passing.UNCLEAR:
            return Ambiguous()


@pytest.mark.parametrize(("status", "code", "means"), CASES)
def test_each_row_of_the_table(status: int, code: str, means: Fault | Passing) -> None:
    assert classify(status, {}, refusal(code)) == expected(code, means)


def test_every_row_of_the_table_is_tested() -> None:
    assert {(row.status, row.code, row.means) for row in REFUSALS} == set(CASES)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (SMS_SENT, Accepted("315450330010")),
        (b'{"id": "315450330010"}', Accepted("315450330010")),
        (b'{"id": 4481650717038104652}', Accepted("4481650717038104652")),
        (b'{"id": 31545033', Ambiguous()),
        (b'{"id": null}', Ambiguous()),
        (b'{"id": true}', Ambiguous()),
        (b'{"id": ""}', Ambiguous()),
        (b'{"id": "two words"}', Ambiguous()),
        (b'{"uri": "somewhere"}', Ambiguous()),
        (b"[]", Ambiguous()),
        (b"", Ambiguous()),
        (b"\xff\xfe", Ambiguous()),
        (b"[" * 100_000, Ambiguous()),
    ],
)
def test_only_an_id_says_that_it_was_accepted(body: bytes, outcome: Outcome) -> None:
    assert classify(200, {}, body) == outcome


@pytest.mark.parametrize("status", [200, 201, 202, 207])
def test_every_success_is_one(status: int) -> None:
    assert classify(status, {}, SMS_SENT) == Accepted("315450330010")


@pytest.mark.parametrize("status", [204, 301, 302, 307, 408, 499, 500, 502, 503, 504, 520])
def test_what_does_not_say_that_nothing_was_sent_is_ambiguous(status: int) -> None:
    for body in (b"", b"<html>of a proxy</html>", refusal("MSG-999"), refusal("MSG-245")):
        assert classify(status, {}, body) == Ambiguous()


def test_the_body_of_an_error_accepts_nothing() -> None:
    assert classify(500, {}, SMS_SENT) == Ambiguous()


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_definite_code_is_believed_with_a_503_only(status: int) -> None:
    assert classify(status, {}, refusal("MSG-290")) == Ambiguous()
    assert classify(503, {"Retry-After": "7"}, refusal("MSG-290")) == RefusedForNow(
        "MSG-290", 7
    )


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 60),
        ({"Retry-After": "30"}, 30),
        ({"retry-after": " 30 "}, 30),
        ({"Retry-After": "0"}, 60),
        ({"Retry-After": "-3"}, 60),
        ({"Retry-After": "soon"}, 60),
        ({"Retry-After": "nan"}, 60),
        ({"Retry-After": "1e9"}, 60),
        ({"Retry-After": "999999"}, 86_400),
        ({"Retry-After": format_datetime(DATE + timedelta(seconds=90), usegmt=True)}, 60),
    ],
)
def test_a_throttle_says_for_how_long(headers: dict[str, str], seconds: float) -> None:
    assert classify(429, headers, refusal("CMN-301")) == Throttled(None, seconds)


@pytest.mark.parametrize(("ahead", "seconds"), [(90, 90), (-5, 60), (0, 60)])
def test_a_date_is_measured_from_the_answers_own(ahead: int, seconds: float) -> None:
    until = format_datetime(DATE + timedelta(seconds=ahead), usegmt=True)
    headers = {"Date": format_datetime(DATE, usegmt=True), "Retry-After": until}
    assert classify(429, headers, b"") == Throttled(None, seconds)


@pytest.mark.parametrize(
    ("named", "group"),
    [("medium", "medium"), ("Light", "light"), ("", None), ("x" * 40, None), ("+1 212", None)],
)
def test_a_throttle_names_its_group_or_stops_the_login(named: str, group: str | None) -> None:
    assert classify(429, {"X-Rate-Limit-Group": named}, b"") == Throttled(group, 60)


@pytest.mark.parametrize(
    ("parameter", "fault"),
    [
        ("from", Fault.SENDER),
        ("from.phoneNumber", Fault.SENDER),
        ("to", Fault.RECIPIENT),
        ("to.phoneNumber", Fault.RECIPIENT),
        ("to[0].phoneNumber", Fault.RECIPIENT),
        ("text", Fault.TEXT),
        ("country.isoCode", Fault.BUG),
        ("total", Fault.RECIPIENT),
        ("", Fault.RECIPIENT),
    ],
)
def test_an_invalid_value_is_the_fault_of_what_it_names(parameter: str, fault: Fault) -> None:
    body = refusal("CMN-101", parameterName=parameter)
    assert classify(400, {}, body) == Refused("CMN-101", fault)


def test_the_precise_code_comes_before_the_class_above_it() -> None:
    body = refusal("MSG-246", top="InvalidParameter")
    assert classify(400, {}, body) == Refused("MSG-246", Fault.RECIPIENT)


def test_the_class_above_serves_where_there_is_no_precise_code() -> None:
    nothing: list[object] = [[], None, [{}], ["MSG-246"], [{"errorCode": 7}]]
    for errors in nothing:
        body = json.dumps({"errorCode": "MSG-338", "errors": errors}).encode()
        assert classify(400, {}, body) == Refused("MSG-338", Fault.TEXT)


@pytest.mark.parametrize("body", [b"", b"<html>", refusal("Call +1 212 555 0100"), b"[]"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 407, 413])
def test_a_refusal_without_a_code_is_not_the_rows_fault(status: int, body: bytes) -> None:
    assert classify(status, {}, body) == Refused(f"HTTP-{status}", Fault.LOGIN)


def test_any_401_is_the_logins() -> None:
    assert classify(401, {}, refusal("OAU-999")) == Refused("OAU-999", Fault.LOGIN)


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_an_unknown_code_fails_the_row_and_is_doubtful(status: int) -> None:
    outcome = classify(status, {}, refusal("MSG-999"))
    assert outcome == Refused("MSG-999", Fault.BUG)
    assert doubtful(outcome)


@pytest.mark.parametrize(
    ("outcome", "word", "doubt"),
    [
        (Accepted("1"), "accepted", False),
        (Throttled(None, 60), "throttled", False),
        (Refused("MSG-243", Fault.RECIPIENT), "refused", False),
        (Refused("MSG-245", Fault.SENDER), "refused", False),
        (Refused("MSG-365", Fault.BUG), "refused", True),
        (RefusedForNow("MSG-290", None), "refused", False),
        (Unreached(), "unreached", False),
        (NotBegun(), "unreached", False),
        (Ambiguous(), "ambiguous", True),
    ],
)
def test_the_words_of_the_ledger(outcome: Outcome, word: str, *, doubt: bool) -> None:
    assert (outcome.word, doubtful(outcome)) == (word, doubt)


@given(st.integers(100, 599), st.binary(), st.dictionaries(st.text(), st.text()))
def test_any_answer_is_an_outcome(status: int, body: bytes, headers: dict[str, str]) -> None:
    assert classify(status, headers, body).word


@given(st.text())
def test_a_code_that_is_none_is_not_repeated(text: str) -> None:
    code = read_code(json.dumps({"errorCode": text}).encode())
    assert code is None or (code == text and code.replace("-", "").isalnum())


def test_every_code_has_a_sentence_of_ours() -> None:
    for _, code, _ in CASES:
        assert sentence(code).endswith(".")
        assert code not in sentence(code)
    assert "not in our table (MSG-999)" in sentence("MSG-999")
    assert sentence("HTTP-407").startswith("407 without a code")
