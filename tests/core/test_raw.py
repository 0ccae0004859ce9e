"""A record is known by its text and by what changed."""

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.core.raw import raw

ENTRY = {
    "id": 315450330010,
    "lastModifiedTime": "2026-01-05T15:21:08.123Z",
    "messageStatus": "Sent",
}


def test_an_id_is_the_same_as_a_number_and_as_a_string() -> None:
    assert raw(ENTRY).provider_id == raw(ENTRY | {"id": "315450330010"}).provider_id
    assert raw(ENTRY).change == raw(ENTRY | {"id": "315450330010"}).change


def test_what_changes_makes_another_change() -> None:
    for more in (
        {"messageStatus": "Delivered"},
        {"lastModifiedTime": "2026-01-05T15:21:09.000Z"},
        {"deliveryErrorCode": "SMS-CAR-104"},
        {"segmentCount": 2},
    ):
        assert raw(ENTRY | more).change != raw(ENTRY).change
    assert raw(ENTRY | {"readStatus": "Read"}).change == raw(ENTRY).change


@given(
    st.recursive(st.none() | st.text() | st.integers(), st.lists)
    | st.dictionaries(st.text(), st.text())
)
def test_anything_can_be_stored(entry: object) -> None:
    kept = raw(entry)
    for value in (kept.provider_id, kept.change, kept.body):
        assert "\x00" not in value
        assert value.encode()
