"""Public holidays, the nation's and the states', and further days that a rule names."""

from collections.abc import Collection
from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays, list_supported_countries

GOOD_FRIDAY, ELECTION_DAY = "good-friday", "election-day"
NATION = "US"
STATES = frozenset(list_supported_countries()[NATION])
TUESDAY = 1


def is_holiday(day: date, calendars: Collection[str], also: Collection[str]) -> bool:
    """Say whether *day* is a holiday of one of *calendars* (US, KY), or one of *also*.

    A holiday counts on the day itself and on the day on which it is observed.
    """
    return any(day in _holidays(state, day.year) for state in calendars) or any(
        _is(day, name) for name in also
    )


def is_day(name: str) -> bool:
    """Say whether *name* is that of a day: good-friday, election-day, or like 06-14."""
    if name in {GOOD_FRIDAY, ELECTION_DAY}:
        return True
    try:
        return f"{date.fromisoformat(f'2024-{name}'):%m-%d}" == name
    except ValueError:
        return False


def _is(day: date, name: str) -> bool:
    match name:
        case "good-friday":
            return day in _good_fridays(day.year)
        case "election-day":
            return day == _election(day.year)
        case _:
            return f"{day:%m-%d}" == name


@lru_cache(maxsize=256)
def _good_fridays(year: int) -> frozenset[date]:
    # Louisiana keeps it, and by that name.
    found = country_holidays(NATION, subdiv="LA", years=year, observed=False)
    return frozenset(day for day, name in found.items() if name == "Good Friday")


def _election(year: int) -> date:
    """Return the Tuesday after the first Monday of November."""
    second = date(year, 11, 2)
    return second + timedelta(days=(TUESDAY - second.weekday()) % 7)


@lru_cache(maxsize=256)
def _holidays(state: str, year: int) -> frozenset[date]:
    # The next year's too: its first may be observed on the last of December.
    years = (year, year + 1)
    found = country_holidays(NATION, subdiv=None if state == NATION else state, years=years)
    return frozenset(found)
