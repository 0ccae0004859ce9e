"""The table of area codes says what phonenumbers says."""

from itertools import product
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers.timezone import time_zones_for_geographical_number
from support import write_areas

from dispatcher.core import areas
from dispatcher.core.areas import Area

ANYWHERE_IN_THE_US = (
    "America/Adak",
    "America/Anchorage",
    "America/Boise",
    "America/Chicago",
    "America/Denver",
    "America/Juneau",
    "America/Los_Angeles",
    "America/New_York",
    "America/North_Dakota/Center",
    "America/Phoenix",
    "Pacific/Honolulu",
)
KENTUCKY = Area("US", "US-KY", ("America/Chicago", "America/New_York"))

LINES = write_areas.FILE.read_text("utf-8").splitlines()[1:]
ASSIGNED = [int(line[:3]) for line in LINES]


def test_the_file_is_what_phonenumbers_says() -> None:
    assert write_areas.FILE.read_text("utf-8") == write_areas.table(), "run `make docs`"


@pytest.mark.parametrize(
    ("phone", "area"),
    [
        ("+12125550123", Area("US", "US-NY", ("America/New_York",))),
        ("+16025550123", Area("US", "US-AZ", ("America/Phoenix",))),
        ("+18085550123", Area("US", "US-HI", ("Pacific/Honolulu",))),
        ("+19285550123", Area("US", "US-AZ", ("America/Denver", "America/Phoenix"))),
        ("+12705550123", KENTUCKY),
        ("+13645550123", KENTUCKY),  # the overlay of 270
        ("+14165550123", Area("CA", "", ("America/Toronto",))),
        ("+17875550123", Area("PR", "", ("America/Puerto_Rico",))),
        ("+18765550123", Area("JM", "", ("America/Jamaica",))),
        ("+16715550123", Area("GU", "", ("Pacific/Guam",))),
        ("+18005550123", Area("US", "", ANYWHERE_IN_THE_US)),
        ("+18885550123", Area("US", "", ANYWHERE_IN_THE_US)),
        ("+15005550123", Area("US", "", ANYWHERE_IN_THE_US)),
        ("+19005550123", Area("US", "", ANYWHERE_IN_THE_US)),
    ],
)
def test_of(phone: str, area: Area) -> None:
    assert areas.of(phone) == area


@pytest.mark.parametrize(
    "phone",
    [
        "",
        "+1",
        "2125550123",
        "12125550123",
        "+1212555012",
        "+121255501234",
        "+1212555012x",
        "+1 2125550123",
        "+12125550123\n",
        "+121255501\u0662\u0663",
        "+442079460958",
        "+525555550123",
        "+11125550123",
        "+12115550123",
        "+13705550123",
        "+19115550123",
        "+19995550123",
    ],
)
def test_of_nothing(phone: str) -> None:
    assert areas.of(phone) is None


def test_area_code_by_area_code() -> None:
    """No number that phonenumbers knows is of another region, or in a zone left out."""
    wrong = []
    for code, exchange in product(range(200, 1000), range(202, 1000, 61)):
        number = phonenumbers.PhoneNumber(1, (code * 1000 + exchange) * 10_000 + 123)
        region = phonenumbers.region_code_for_number(number)
        area = areas.of(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
        if region and (area is None or area.region != region or not holds(area, number)):
            wrong.append((number.national_number, region, area))
    assert wrong == []


def holds(area: Area, number: phonenumbers.PhoneNumber) -> bool:
    zones = set(time_zones_for_geographical_number(number))
    # What phonenumbers cannot place is in all zones of +1, Guam and Bermuda among them.
    return zones <= set(area.zones) or {"Pacific/Guam", "Atlantic/Bermuda"} <= zones


def test_no_other_code_is_assigned() -> None:
    taken = [code for code in range(1000) if areas.of(f"+1{code:03}5550123")]
    assert taken == ASSIGNED


@settings(deadline=None)
@given(st.sampled_from(ASSIGNED), st.integers(200_0000, 999_9999))
def test_any_number_of_an_assigned_code(code: int, line: int) -> None:
    area = areas.of(f"+1{code}{line}")
    assert area is not None
    assert len(area.region) == 2
    assert [ZoneInfo(zone).key for zone in area.zones] == sorted(area.zones)


def test_every_state_has_codes_and_a_code_bound_to_no_place_has_none() -> None:
    known = {area.state for area in areas.every() if area.state}
    assert known == {f"US-{code}" for code in write_areas.STATES.values()}
    assert len(known) == 51
    nowhere = [
        code
        for code in ASSIGNED
        if (a := areas.of(f"+1{code}5550123")) and a.region == "US" and not a.state
    ]
    assert len(nowhere) == 24
    assert {500, 800, 833, 844, 855, 866, 877, 888, 900} <= set(nowhere)
