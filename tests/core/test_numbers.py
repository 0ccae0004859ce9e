"""No more of a number is shown than its first and last four digits."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.core.numbers import e164_mask


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+12125550123", "+1212***0123"),
        ("+442079460958", "+4420***0958"),
        ("+999999999999999", "+9999***9999"),
    ],
)
def test_shown(phone: str, shown: str) -> None:
    assert e164_mask(phone) == shown


@pytest.mark.parametrize(
    "phone",
    [
        "",
        "***",
        "anonymous",
        "12125550123",
        "2125550123",
        "+1 212 555 0123",
        "+02125550123",
        "+12125550123\n",
        " +12125550123",
        "+1212555012x",
        "+1212555\u0660\u0661\u0662\u0663",
        "+9999999999999999",
        "+1234567890",
        "+12345678",
        "+12125550123,+12125550124",
    ],
)
def test_not_shown(phone: str) -> None:
    assert e164_mask(phone) == "***"


@settings(deadline=None)
@given(st.from_regex(r"\+?[0-9]{0,20}", fullmatch=True) | st.text())
def test_three_digits_at_least_are_hidden(phone: str) -> None:
    shown = e164_mask(phone)
    assert shown == "***" or (
        len(phone) - len(shown.replace("*", "")) >= 3 and len(shown) == 12
    )
