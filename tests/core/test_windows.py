"""How long a day the hours are open for those whom texts wait for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from support.rules import RULES, law

from dispatcher.core import windows
from dispatcher.core.law import Hours
from dispatcher.core.standing import People

MONDAY = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)  # midnight in New York
SATURDAY = datetime(2026, 12, 5, 5, 0, tzinfo=UTC)
FEDERAL = replace(RULES, law=law(Hours.FEDERAL))


def people(
    phone: str, texts: int = 1, zone: str | None = None, of: str = "promotion"
) -> People:
    return People(of, phone, zone, texts)


def minutes(found: windows.Window) -> float:
    return found.open / timedelta(minutes=1)


def test_the_shortest_and_the_longest() -> None:
    found = windows.of(
        [people("+15025550100"), people("+12125550100"), people("+14015550100")], RULES, MONDAY
    )
    assert found
    assert (found.shortest.area_code, minutes(found.shortest)) == ("401", 9 * 60 - 5)
    assert (found.longest.area_code, minutes(found.longest)) == ("212", 13 * 60 - 5)
    assert found.longest.opens == MONDAY + timedelta(hours=8)
    assert found.longest.closes == MONDAY + timedelta(hours=20, minutes=55)
    assert found.anywhere is None


def test_a_number_of_no_known_place_keeps_all_clocks_of_the_country() -> None:
    found = windows.of([people("+18005550100", 7), people("+18885550100", 5)], FEDERAL, MONDAY)
    assert found
    assert found.anywhere
    # From 8 in Honolulu, 13:00 in New York, until 20:55 there.
    assert (found.anywhere.texts, minutes(found.anywhere)) == (12, 7 * 60 + 55)
    assert found.anywhere.opens == MONDAY + timedelta(hours=13)
    assert found.anywhere.zone == "America/New_York"


def test_a_stored_zone_narrows_it() -> None:
    found = windows.of([people("+12125550100", zone="America/Denver")], FEDERAL, MONDAY)
    assert found
    assert minutes(found.shortest) == 11 * 60 - 5


def test_a_day_without_hours() -> None:
    found = windows.of([people("+14015550100")], RULES, SATURDAY + timedelta(days=1))
    assert found
    assert minutes(found.shortest) == 0, "nothing on Sundays in Rhode Island"
    assert found.shortest.opens == SATURDAY + timedelta(days=2, hours=9)


def test_who_keeps_no_hours_is_not_counted() -> None:
    for rules, group in (
        (RULES, people("+12125550100", of="transactional")),
        (RULES, people("+442079460000")),
        (replace(RULES, law=law(Hours.OFF)), people("+12125550100")),
    ):
        assert windows.of([group], rules, MONDAY) is None
