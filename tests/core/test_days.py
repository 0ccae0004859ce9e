"""Public holidays from 2026 to 2030, by dates known from elsewhere."""

import subprocess
import sys
from datetime import date

import pytest

from dispatcher.core import days

OF = {
    # The nation's, also where one falls on a weekend: the day itself and the one it is kept on.
    "US": "2026-01-01 2026-01-19 2026-05-25 2026-06-19 2026-07-03 2026-07-04 2026-09-07 2026-11-11 2026-11-26 2026-12-25 "
    "2027-07-04 2027-07-05 2027-06-18 2027-06-19 2027-12-24 2027-12-31 2028-01-01 2028-11-10 2028-11-23 2029-11-22 2030-11-28",
    # Confederate Memorial Day and Jefferson Davis's birthday.
    "AL": "2026-04-27 2027-04-26 2028-04-24 2029-04-23 2030-04-22 2026-06-01 2027-06-07 2030-06-03",
    # Mardi Gras, Good Friday.
    "LA": "2026-02-17 2027-02-09 2028-02-29 2029-02-13 2030-03-05 2026-04-03 2027-03-26 2028-04-14 2029-03-30 2030-04-19",
    # Confederate Memorial Day: the last Monday of April.
    "MS": "2026-04-27 2027-04-26 2028-04-24 2029-04-30 2030-04-29",
    # Victory Day: the second Monday of August.
    "RI": "2026-08-10 2027-08-09 2028-08-14 2029-08-13 2030-08-12",
    # Pioneer Day; in 2027 it is a Saturday, kept on the Friday.
    "UT": "2026-07-24 2027-07-23 2027-07-24 2028-07-24 2029-07-24 2030-07-24",
}
GOOD_FRIDAYS = "2026-04-03 2027-03-26 2028-04-14 2029-03-30 2030-04-19"
ELECTIONS = "2026-11-03 2027-11-02 2028-11-07 2029-11-06 2030-11-05"


@pytest.mark.parametrize(("state", "day"), [(s, d) for s in OF for d in OF[s].split()])
def test_a_holiday(state: str, day: str) -> None:
    assert days.is_holiday(date.fromisoformat(day), (state,), ())
    assert state == "US" or days.is_holiday(date.fromisoformat(day), ("US", state), ())


@pytest.mark.parametrize("state", ["US", "AL", "LA", "MS", "PA", "RI", "UT"])
def test_the_nations_holidays_are_kept_in_each_state(state: str) -> None:
    for day in OF["US"].split():
        assert days.is_holiday(date.fromisoformat(day), ("US", state), ())
    assert not days.is_holiday(date(2026, 8, 12), ("US", state), ())
    assert not days.is_holiday(date(2027, 8, 15), ("US", state), ())


@pytest.mark.parametrize("state", [s for s in OF if s != "US"])
def test_a_states_own_holiday_is_not_the_nations(state: str) -> None:
    assert not any(
        days.is_holiday(date.fromisoformat(d), ("US",), ()) for d in OF[state].split()
    )


def test_further_days() -> None:
    for name, told in (("good-friday", GOOD_FRIDAYS), ("election-day", ELECTIONS)):
        kept = [date.fromisoformat(day) for day in told.split()]
        for year in range(2026, 2031):
            found = [
                date.fromordinal(n)
                for n in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
                if days.is_holiday(date.fromordinal(n), (), (name,))
            ]
            assert found == [kept[year - 2026]]
    flag = date(2027, 6, 14)
    assert days.is_holiday(flag, (), ("06-14",))
    assert not days.is_holiday(flag.replace(day=15), (), ("06-14",))


@pytest.mark.parametrize("name", ["good-friday", "election-day", "06-14", "02-29", "12-31"])
def test_the_name_of_a_day(name: str) -> None:
    assert days.is_day(name)


@pytest.mark.parametrize(
    "name", ["", "-", "6-14", "02-30", "13-01", "Good-Friday", "0614", "06-14 "]
)
def test_no_name_of_a_day(name: str) -> None:
    assert not days.is_day(name)


@pytest.mark.parametrize(
    ("profile", "loaded"),
    [("off", False), ("federal", False), ("federal+state", True), ("strictest-us", True)],
)
def test_the_library_is_loaded_only_for_rules_that_know_holidays(
    profile: str, *, loaded: bool
) -> None:
    """And then at the start, not in the first claim's transaction."""
    code = (
        "import sys; from dispatcher.core import guard, grounds, law, law_table; t = law_table.own();"
        f"law.law(t.version, t.rules, law.Hours('{profile}')); sys.exit('holidays' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == loaded


def test_the_states_are_those_with_area_codes() -> None:
    assert len(days.STATES) == 51
    assert {"DC", "WY"} <= days.STATES
    assert not {"PR", "GU", "US", ""} & days.STATES  # regions of their own: no line would hold
