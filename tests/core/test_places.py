"""Where a number's owner may be: split area codes, stored zones, Indiana, the territories."""

from datetime import timedelta

import pytest
from support.verdicts import SECOND, leaves, local, under

from dispatcher.core import areas, places
from dispatcher.core.law import Hours
from dispatcher.core.places import Place

EAST, CENTRAL, MOUNTAIN, PACIFIC = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
)  # fmt: skip
PHOENIX, BOISE, ADAK = "America/Phoenix", "America/Boise", "America/Adak"
ANCHORAGE, HONOLULU, CENTER = (
    "America/Anchorage", "Pacific/Honolulu", "America/North_Dakota/Center",
)  # fmt: skip
DAY = "2026-08-12"


def found(phone: str, stored: str | None = None) -> frozenset[Place]:
    area = areas.of(phone)
    assert area
    return places.of(area, stored)


# The nineteen area codes that lie in several zones: where the day's hours begin and end.
SPLIT = {
    "208": (PACIFIC, BOISE), "219": (CENTRAL, EAST), "270": (CENTRAL, EAST), "308": (MOUNTAIN, CENTRAL),
    "423": (CENTRAL, EAST), "541": (PACIFIC, MOUNTAIN), "574": (CENTRAL, EAST), "605": (MOUNTAIN, CENTRAL),
    "606": (CENTRAL, EAST), "620": (MOUNTAIN, CENTRAL), "701": (MOUNTAIN, CENTRAL), "775": (PACIFIC, BOISE),
    "785": (MOUNTAIN, CENTRAL), "812": (CENTRAL, EAST), "850": (CENTRAL, EAST), "906": (CENTRAL, EAST),
    "907": (HONOLULU, ANCHORAGE), "928": (PHOENIX, MOUNTAIN), "986": (PACIFIC, BOISE),
}  # fmt: skip


@pytest.mark.parametrize("code", SPLIT)
def test_a_split_area_code_waits_for_its_last_zone_and_stops_with_its_first(code: str) -> None:
    west, east = SPLIT[code]
    phone, rules = f"+1{code}5550100", under(Hours.FEDERAL)
    first, over = local(west, f"{DAY} 08:00"), local(east, f"{DAY} 21:00")
    told = [leaves(phone, now, rules) for now in (first - SECOND, first, over - SECOND, over)]
    assert told == [False, True, True, False]
    assert len(SPLIT) == 19


def test_alaska_waits_for_the_aleutians() -> None:
    """In winter Adak goes with Honolulu, in summer it is an hour before it."""
    for day in ("2026-08-12", "2026-12-09"):
        first = local(HONOLULU, f"{day} 08:00")
        assert local(ADAK, f"{day} 08:00") <= first
        told = [
            leaves("+19075550100", now, under(Hours.FEDERAL)) for now in (first - SECOND, first)
        ]
        assert told == [False, True]


@pytest.mark.parametrize(
    ("day", "clock", "may"),
    [
        # Phoenix has no daylight saving, the Navajo Nation has: it is an hour later there.
        ("2026-08-12", "07:59:59", False),
        ("2026-08-12", "08:00", True),
        ("2026-08-12", "19:59:59", True),
        ("2026-08-12", "20:00", False),
        ("2026-12-09", "07:59:59", False),
        ("2026-12-09", "08:00", True),
        ("2026-12-09", "20:59:59", True),
        ("2026-12-09", "21:00", False),
    ],
)
def test_arizona_and_the_navajo_nation(day: str, clock: str, *, may: bool) -> None:
    now, rules = local(PHOENIX, f"{day} {clock}"), under(Hours.FEDERAL)
    assert leaves("+19285550100", now, rules) is may
    assert leaves("+16025550100", now, rules, zone=MOUNTAIN) is may


@pytest.mark.parametrize(
    ("night", "first", "over"),
    [
        ("2026-10-31", "2026-10-31T12:00", "2026-11-01T01:00"),  # the last day of summer time
        ("2026-11-01", "2026-11-01T13:00", "2026-11-02T02:00"),
        ("2027-03-13", "2027-03-13T13:00", "2027-03-14T02:00"),
        ("2027-03-14", "2027-03-14T12:00", "2027-03-15T01:00"),
    ],
)
def test_both_nights_of_daylight_saving(night: str, first: str, over: str) -> None:
    """Written in UTC: it is the clock on the wall that counts, on Saturday and on Sunday."""
    begin, end = local("UTC", first), local("UTC", over)
    assert local(EAST, f"{night} 08:00") == begin
    rules = under(Hours.FEDERAL_AND_STATE)
    told = [
        leaves("+12125550100", now, rules) for now in (begin - SECOND, begin, end - SECOND, end)
    ]
    assert told == [False, True, True, False]
    hours = [begin + timedelta(hours=n) for n in range(13)]
    assert all(leaves("+12125550100", now, rules) for now in hours)


@pytest.mark.parametrize(
    ("stored", "west", "east"),
    [
        ("America/Indiana/Indianapolis", EAST, EAST),
        ("America/Indiana/Vincennes", EAST, EAST),
        ("America/Indiana/Tell_City", CENTRAL, EAST),
        ("America/Indiana/Knox", CENTRAL, EAST),
        ("US/East-Indiana", EAST, EAST),
    ],
)
def test_indiana(stored: str, west: str, east: str) -> None:
    """A number of Indianapolis, and the towns that keep the time of Chicago."""
    rules = under(Hours.FEDERAL_AND_STATE)
    first, over = local(west, f"{DAY} 08:00"), local(east, f"{DAY} 21:00")
    told = [
        leaves("+13175550100", now, rules, zone=stored)
        for now in (first - SECOND, first, over - SECOND, over)
    ]
    assert told == [False, True, True, False]


@pytest.mark.parametrize(
    ("phone", "stored", "more"),
    [
        ("+19165550100", "America/Kentucky/Louisville", {"US-KY"}),
        ("+19165550100", "America/Louisville", {"US-KY"}),
        ("+19165550100", "America/Detroit", {"US-MI"}),
        ("+19165550100", "US/Michigan", {"US-MI"}),
        ("+19165550100", "America/Menominee", {"US-MI"}),
        ("+19165550100", "America/Indiana/Marengo", {"US-IN"}),
        ("+19165550100", "America/North_Dakota/Beulah", {"US-ND"}),
        ("+19165550100", HONOLULU, {"US-HI", "US-AK"}),
        ("+19165550100", PHOENIX, {"US-AZ"}),
        ("+19165550100", PACIFIC, set()),
        ("+19165550100", "US/Pacific", set()),
        ("+19165550100", "Europe/Berlin", set()),
        ("+12125550100", "America/Detroit", {"US-MI"}),
        ("+12125550100", "US/Eastern", set()),
    ],
)
def test_who_kept_a_number_is_of_both_states(phone: str, stored: str, more: set[str]) -> None:
    area = areas.of(phone)
    assert area
    states = {place.state for place in found(phone, stored)}
    assert states == {area.state} | more
    assert {place.zone for place in found(phone, stored)} == {*area.zones, stored}


def test_a_number_of_one_state_and_a_zone_of_another_keep_both_hours() -> None:
    """Florida's number in Kentucky: from Kentucky's 10:00 until Florida's 20:00."""
    rules, moved = under(Hours.FEDERAL_AND_STATE), "America/Kentucky/Louisville"
    first, over = local(EAST, f"{DAY} 10:00"), local(EAST, f"{DAY} 20:00")
    told = [
        leaves("+13055550100", now, rules, zone=moved)
        for now in (first - SECOND, first, over - SECOND, over)
    ]
    assert told == [False, True, True, False]


@pytest.mark.parametrize(
    "stored", [None, "", "  ", "junk", "posixrules", "/etc/localtime", "../x", "Factory"]
)
def test_what_is_no_zone_changes_nothing(stored: str | None) -> None:
    assert found("+19165550100", stored) == {Place("US-CA", PACIFIC)}


def test_a_zone_with_blanks_around_it_is_one() -> None:
    assert Place("US-CO", MOUNTAIN) in found("+19165550100", f" {MOUNTAIN} ")


@pytest.mark.parametrize(
    "phone", ["+18005550100", "+18885550100", "+15005550100", "+19005550100"]
)
def test_an_unknown_number_may_be_anywhere(phone: str) -> None:
    """From 8:00 in Honolulu to 18:00 in Rhode Island, which is the first to close."""
    assert {p.zone for p in found(phone)} >= {
        EAST,
        CENTRAL,
        CENTER,
        MOUNTAIN,
        BOISE,
        PHOENIX,
        PACIFIC,
        ADAK,
        HONOLULU,
    }
    for rules, end in (
        (under(Hours.FEDERAL), "21:00"),
        (under(Hours.FEDERAL_AND_STATE), "18:00"),
    ):
        first, over = local(HONOLULU, f"{DAY} 08:00"), local(EAST, f"{DAY} {end}")
        told = [
            leaves(phone, now, rules) for now in (first - SECOND, first, over - SECOND, over)
        ]
        assert told == [False, True, True, False]
    sunday = local(EAST, "2026-08-16 15:00")
    assert not leaves(phone, sunday, under(Hours.FEDERAL_AND_STATE))


@pytest.mark.parametrize(
    ("phone", "zone"),
    [
        ("+17875550100", "America/Puerto_Rico"),
        ("+16715550100", "Pacific/Guam"),
        ("+13405550100", "America/St_Thomas"),
        ("+16845550100", "Pacific/Pago_Pago"),
        ("+16705550100", "Pacific/Saipan"),
    ],
)
def test_a_territory_has_its_own_zone_and_no_state(phone: str, zone: str) -> None:
    assert found(phone) == {Place("", zone)}
    rules = under(Hours.FEDERAL_AND_STATE)
    for day in (DAY, "2026-08-16", "2026-11-26"):
        first, over = local(zone, f"{day} 08:00"), local(zone, f"{day} 21:00")
        told = [
            leaves(phone, now, rules) for now in (first - SECOND, first, over - SECOND, over)
        ]
        assert told == [False, True, True, False]


def test_several_stored_zones_add_what_each_of_them_speaks_of() -> None:
    alone = [found("+12125550100", zone) for zone in (HONOLULU, PHOENIX)]
    assert alone[0] != alone[1]
    together = found("+12125550100", f"{HONOLULU}|nowhere| {PHOENIX}")
    assert together == alone[0] | alone[1]
