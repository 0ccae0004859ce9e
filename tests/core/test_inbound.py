"""A text to us is read from whatever RingCentral's record looks like."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.core.inbound import Inbound, read

# RingCentral's own example, its numbers replaced.
RECORD: dict[str, Any] = {
    "id": "3062991514017",
    "to": [
        {"phoneNumber": "+16505550101", "name": "A colleague"},
        {"phoneNumber": "+16505550100", "location": "Orange, CA", "target": True},
    ],
    "from": {"phoneNumber": "+19165550100", "location": "Sacramento, CA"},
    "type": "SMS",
    "creationTime": "2026-01-05T18:12:45.000Z",
    "lastModifiedTime": "2026-01-05T18:12:45.129Z",
    "direction": "Inbound",
    "subject": "STOP",
    "messageStatus": "Received",
}
TEXT = Inbound(
    "3062991514017",
    "+19165550100",
    "+16505550100",
    "STOP",
    datetime(2026, 1, 5, 18, 12, 45, tzinfo=UTC),
)


def test_it_is_read() -> None:
    assert read(RECORD) == TEXT


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"subject": None}, ""),
        ({"subject": "a\0b"}, "ab"),
        ({"subject": 7}, "7"),
        ({"subject": "STOP \ud83d"}, "STOP "),  # half an emoji, cut off by a phone
    ],
)
def test_a_text_is_what_the_database_can_hold(changed: dict[str, Any], text: str) -> None:
    found = read(RECORD | changed)
    assert found
    assert found.text == text


@pytest.mark.parametrize(
    "changed",
    [
        {"id": ""},
        {"from": None},
        {"from": {"extensionNumber": "101"}},
        {"to": []},
        {"to": None},
        {"creationTime": None},
        {"creationTime": "yesterday"},
        {"creationTime": "0001-01-01T00:00:00+14:00"},
        {"direction": "Outbound"},
    ],
)
def test_what_lacks_something_is_unreadable(changed: dict[str, Any]) -> None:
    assert read(RECORD | changed) is None


@pytest.mark.parametrize("odd", ["\0", "\ud83d"])
def test_what_no_database_can_hold_is_left_out(odd: str) -> None:
    """A carrier may cut a text in the middle of an emoji."""
    found = read(RECORD | {"subject": f"STOP{odd}"})
    assert found
    assert found.text == "STOP"


def test_a_time_beyond_all_calendars_is_unreadable() -> None:
    assert read(RECORD | {"creationTime": "0001-01-01T00:00:00+14:00"}) is None


_PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=9)
_NUMBER = st.dictionaries(st.sampled_from(["phoneNumber", "target"]), _PLAIN, max_size=2)
_ANY = _PLAIN | _NUMBER | st.lists(_PLAIN | _NUMBER, max_size=2)


@given(st.dictionaries(st.sampled_from(sorted(RECORD)), _ANY, max_size=3))
def test_nothing_makes_it_fail(changed: dict[str, Any]) -> None:
    found = read(RECORD | changed)
    assert found is None or isinstance(found, Inbound)
    if found:
        found.text.encode()
