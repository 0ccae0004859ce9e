"""When a promotion may leave, told a second time: from the raw files and clocks on walls.

Nothing here is taken from what judges in the product.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

CORE = Path(__file__).parents[2] / "dispatcher" / "core"
QUARTER = timedelta(minutes=15)  # every zone of the world and every line agrees in this much
SEARCHED = timedelta(days=13)

EASTERS = {
    2025: date(2025, 4, 20), 2026: date(2026, 4, 5), 2027: date(2027, 3, 28), 2028: date(2028, 4, 16), 2029: date(2029, 4, 1),
    2030: date(2030, 4, 21), 2031: date(2031, 4, 13),
}  # fmt: skip
ELECTIONS = {"2026-11-03", "2027-11-02", "2028-11-07", "2029-11-06", "2030-11-05", "2031-11-04"}

# Zones that speak of one state alone, as the atlas has it.
ALONE = {
    "America/Indiana/Indianapolis": "IN", "America/Indiana/Tell_City": "IN", "America/Indiana/Vincennes": "IN",
    "America/Indiana/Knox": "IN", "America/Kentucky/Louisville": "KY", "America/Kentucky/Monticello": "KY",
    "America/Louisville": "KY", "US/Michigan": "MI", "America/Detroit": "MI", "America/Menominee": "MI",
    "US/East-Indiana": "IN", "America/North_Dakota/Beulah": "ND",
}  # fmt: skip


class Sight(NamedTuple):
    """A line of the table, and a wall on which its clock hangs."""

    line: dict[str, str]
    zone: str


@cache
def areas() -> dict[str, dict[str, str]]:
    text = (CORE / "areas.csv").read_text("utf-8")
    return {row["area_code"]: row for row in csv.DictReader(text.splitlines())}


@cache
def lines() -> dict[str, dict[str, str]]:
    text = (CORE / "law.csv").read_text("utf-8")
    told = [line for line in text.splitlines() if not line.startswith("#")]
    return {row["place"].removeprefix("US-"): row for row in csv.DictReader(told)}


@cache
def same(zone: str, other: str) -> bool:
    days = [datetime(2027, month, 1, 12, tzinfo=UTC) for month in range(1, 13)]
    return all(
        day.astimezone(ZoneInfo(zone)).utcoffset()
        == day.astimezone(ZoneInfo(other)).utcoffset()
        for day in days
    )


@cache
def states_in(zone: str) -> frozenset[str]:
    """The states in a zone, by the area codes there; or by its name."""
    if zone in ALONE:
        return frozenset({ALONE[zone]})
    return frozenset(
        row["state"]
        for row in areas().values()
        if row["region"] == "US"
        for there in row["zones"].split("|")
        if row["state"] and (there == zone or same(there, zone))
    )


def sights(area_code: str, stored: str | None, profile: str) -> Iterator[Sight]:
    """Yield all that must allow a text to a number of *area_code*."""
    zones = areas()[area_code]["zones"].split("|")
    for zone in {*zones, stored or zones[0]}:
        yield Sight(lines()["US"], zone)
        for state in states(area_code, zone, profile) & lines().keys():
            line = lines()[state]
            named = line["clock"] != "-" and profile == "federal+state"
            yield Sight(line, line["clock"] if named else zone)


def states(area_code: str, zone: str, profile: str) -> frozenset[str]:
    """Return the states whose lines hold for a number of *area_code* on the clocks of *zone*."""
    row = areas()[area_code]
    zones = row["zones"].split("|")
    if profile != "federal+state":
        return frozenset(lines() if profile == "strictest-us" else ())
    anywhere = row["region"] == "US" and not row["state"]
    if zone in zones:
        return states_in(zone) if anywhere else frozenset({row["state"]})
    # It is stored with the person: who kept the number, or the state, may have moved.
    home = frozenset().union(*map(states_in, zones)) if anywhere else {row["state"]}
    known = zone not in ALONE and any(same(zone, each) for each in zones)
    return frozenset(home) | (frozenset() if known else states_in(zone))


def allows(sight: Sight, now: datetime, margin: timedelta) -> bool:
    """Say whether the wall's clock is within the line's hours, and still is after *margin*."""
    wall, later = (at.astimezone(ZoneInfo(sight.zone)) for at in (now, now + margin))
    hours = of_day(sight.line, wall.date())
    if hours == "none" or wall.date() != later.date():
        return False
    begin, end = (clock(text) for text in hours.split("-"))
    return begin <= wall.time() and later.time() < end


def of_day(line: dict[str, str], day: date) -> str:
    if line["holidays"] != "-" and is_holiday(line, day):
        return line["holidays"]
    return line[{5: "saturday", 6: "sunday"}.get(day.weekday(), "weekdays")]


def is_holiday(line: dict[str, str], day: date) -> bool:
    state = line["place"].removeprefix("US-")
    also = line["also"].split("|")
    return (
        day in calendar("")
        or day in calendar(state)
        or ("good-friday" in also and day == EASTERS[day.year] - timedelta(days=2))
        or ("election-day" in also and day.isoformat() in ELECTIONS)
        or f"{day:%m-%d}" in also
    )


@cache
def calendar(state: str) -> frozenset[date]:
    years = range(2025, 2033)
    return frozenset(holidays.country_holidays("US", subdiv=state or None, years=years))


@cache
def clock(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute or 0))


def first_allowed(seen: list[Sight], now: datetime, margin: timedelta) -> datetime | None:
    """Return the first instant from *now* on that all allow: *now*, or a quarter of an hour."""
    start = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    against: Sight | None = seen[0]
    for n in range(SEARCHED // QUARTER):
        at = start + n * QUARTER if n else now
        if against and not allows(against, at, margin):
            continue  # who had something against the last had it against most
        against = next((each for each in seen if not allows(each, at, margin)), None)
        if against is None:
            return at
    return None
