"""Each line of the shipped table at its edges, against windows written down here by hand."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from support.verdicts import SECOND, judged, leaves, local, under

from dispatcher.core import law_table
from dispatcher.core.guard import Defer
from dispatcher.core.law import Hours

EAST, CENTRAL, MOUNTAIN = "America/New_York", "America/Chicago", "America/Denver"
PACIFIC = "America/Los_Angeles"

Hour = tuple[int, int] | None


class Line(NamedTuple):
    """When promotions may leave in a state: on the days of the week and on Thanksgiving.

    In a number with several zones it *opens* on the clock of the last, and *closes* on that of
    the first.
    """

    phone: str
    weekday: Hour
    saturday: Hour
    sunday: Hour
    holiday: Hour
    opens: str
    closes: str


def daily(phone: str, hour: Hour, zone: str) -> Line:
    return Line(phone, hour, hour, hour, hour, zone, zone)


LINES = {
    "AL": Line("+12055550100", (8, 20), (8, 20), None, None, CENTRAL, CENTRAL),
    "CT": daily("+12035550100", (9, 20), EAST),
    "FL": daily("+13055550100", (8, 20), EAST),
    "IL": daily("+13125550100", (9, 21), CENTRAL),
    "KY": daily("+15025550100", (10, 21), EAST),
    "LA": Line("+15045550100", (8, 20), (8, 20), None, None, CENTRAL, CENTRAL),
    "MA": daily("+16175550100", (8, 20), EAST),
    "MD": daily("+14105550100", (8, 20), EAST),
    "ME": daily("+12075550100", (8, 21), EAST),
    "MI": daily("+13135550100", (9, 21), EAST),
    "MN": daily("+16125550100", (9, 21), CENTRAL),
    "MS": Line("+16015550100", (8, 20), (8, 20), None, None, CENTRAL, CENTRAL),
    "NJ": daily("+12015550100", (8, 20), EAST),
    "NM": daily("+15055550100", (9, 21), MOUNTAIN),
    "NV": daily("+17025550100", (9, 20), PACIFIC),
    "OK": daily("+14055550100", (8, 20), CENTRAL),
    "PA": Line("+12155550100", (8, 21), (8, 12), (8, 21), None, EAST, EAST),
    "RI": Line("+14015550100", (9, 18), (10, 17), None, None, EAST, EAST),
    "SD": Line("+16055550100", (9, 21), (9, 21), None, (9, 21), MOUNTAIN, CENTRAL),
    "TX": Line("+12145550100", (9, 21), (9, 21), (12, 21), (9, 21), CENTRAL, CENTRAL),
    "UT": Line("+18015550100", (8, 21), (8, 21), None, None, MOUNTAIN, MOUNTAIN),
    "VA": daily("+17035550100", (8, 21), EAST),
    "WA": daily("+12065550100", (8, 20), PACIFIC),
    "WY": daily("+13075550100", (8, 20), MOUNTAIN),
}
DAYS = {
    "weekday": "2026-08-12",
    "saturday": "2026-08-15",
    "sunday": "2026-08-16",
    "holiday": "2026-11-26",
}
SHUT = [(state, day) for state in LINES for day in DAYS if getattr(LINES[state], day) is None]
OPEN = [(state, day) for state in LINES for day in DAYS if (state, day) not in SHUT]


def test_every_line_of_the_table_is_tested_here_and_no_other() -> None:
    shipped = sorted(rule.place.removeprefix("US-") for rule in law_table.own().rules)
    assert " ".join(shipped) == (
        "AL CT FL IL KY LA MA MD ME MI MN MS NJ NM NV OK PA RI SD TX US UT VA WA WY"
    )
    assert len(shipped) == 25
    assert set(shipped) == {"US", *LINES}


def test_every_line_says_where_it_stands_and_how_sure_it_is() -> None:
    for rule in law_table.own().rules:
        assert rule.citation, rule.place
        assert rule.confidence in law_table.CONFIDENCES
        assert rule.checked.year >= 2026


def edges(line: Line, day: str, hour: tuple[int, int], margin: timedelta) -> Iterator[bool]:
    """Yield whether it leaves: the second before, the first, the last, and the one after."""
    rules = under(Hours.FEDERAL_AND_STATE, margin)
    first = local(line.opens, f"{DAYS[day]} {hour[0]:02}:00")
    over = local(line.closes, f"{DAYS[day]} {hour[1]:02}:00") - margin
    for now in (first - SECOND, first, over - SECOND, over):
        yield leaves(line.phone, now, rules)


@pytest.mark.parametrize("margin", [timedelta(0), timedelta(minutes=5)])
@pytest.mark.parametrize(("state", "day"), OPEN)
def test_the_first_and_the_last_second(state: str, day: str, margin: timedelta) -> None:
    line = LINES[state]
    assert list(edges(line, day, getattr(line, day), margin)) == [False, True, True, False]


@pytest.mark.parametrize(("state", "day"), SHUT)
@pytest.mark.parametrize("clock", ["00:00", "08:00", "12:00", "16:59:59", "19:59:59"])
def test_on_a_day_that_is_shut_nothing_leaves(state: str, day: str, clock: str) -> None:
    line, now = LINES[state], local(LINES[state].opens, f"{DAYS[day]} {clock}")
    verdict = judged(line.phone, now, under(Hours.FEDERAL_AND_STATE))
    assert isinstance(verdict, Defer)
    assert verdict.until >= local(line.opens, f"{DAYS[day]} 23:59:59") + SECOND
    assert verdict.by == f"hours US-{state}"


@pytest.mark.parametrize("state", LINES)
def test_it_waits_for_the_first_minutes_of_the_next_window(state: str) -> None:
    line = LINES[state]
    evening = local(line.closes, "2026-08-12 21:00")  # a Wednesday
    assert line.weekday
    opens = local(line.opens, f"2026-08-13 {line.weekday[0]:02}:00")
    verdict = judged(line.phone, evening, under(Hours.FEDERAL_AND_STATE))
    assert isinstance(verdict, Defer)
    assert opens <= verdict.until < opens + timedelta(minutes=10)
    late = line.weekday[0] > 8
    assert verdict.by == (f"hours US-{state}" if late else "hours US")


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("state", ["CA", *LINES])
def test_federal_knows_no_states(state: str, day: str) -> None:
    """In California the profile with the states is no stricter: it has no line."""
    california = daily("+19165550100", (8, 21), PACIFIC)
    line = LINES.get(state, california)
    profiles = [Hours.FEDERAL]
    profiles += [Hours.FEDERAL_AND_STATE] if state == "CA" else []
    for rules in map(under, profiles):
        first = local(line.opens, f"{DAYS[day]} 08:00")
        over = local(line.closes, f"{DAYS[day]} 21:00")
        told = [
            leaves(line.phone, now, rules)
            for now in (first - SECOND, first, over - SECOND, over)
        ]
        assert told == [False, True, True, False]


STRICTEST = {"weekday": (10, 18), "saturday": (10, 12), "sunday": None, "holiday": None}


@pytest.mark.parametrize("state", ["CA", *LINES])
@pytest.mark.parametrize("day", DAYS)
def test_strictest_is_ten_to_six_wherever_it_is(state: str, day: str) -> None:
    line = LINES.get(state, daily("+19165550100", (8, 21), PACIFIC))
    rules, hour = under(Hours.STRICTEST), STRICTEST[day]
    if hour is None:
        for clock in ("10:00", "12:00", "17:59:59"):
            assert not leaves(line.phone, local(line.opens, f"{DAYS[day]} {clock}"), rules)
        return
    first = local(line.opens, f"{DAYS[day]} {hour[0]:02}:00")
    over = local(line.closes, f"{DAYS[day]} {hour[1]:02}:00")
    told = [
        leaves(line.phone, now, rules) for now in (first - SECOND, first, over - SECOND, over)
    ]
    assert told == [False, True, True, False]


@pytest.mark.parametrize(
    ("day", "whose"),
    [
        ("2026-02-17", "Mardi Gras, Louisiana"),
        ("2026-04-27", "Confederate Memorial Day, Alabama and Mississippi"),
        ("2026-07-24", "Pioneer Day, Utah"),
        ("2026-08-10", "Victory Day, Rhode Island"),
        ("2027-03-26", "Good Friday, Pennsylvania"),
        ("2027-06-14", "Flag Day, Pennsylvania"),
        ("2027-11-02", "Election Day, Pennsylvania"),
        ("2027-12-31", "New Year's Day, observed"),
    ],
)
def test_strictest_keeps_the_holidays_of_every_state(day: str, whose: str) -> None:
    noon = local(PACIFIC, f"{day} 12:00")
    assert leaves("+19165550100", noon, under(Hours.FEDERAL_AND_STATE)), whose
    assert not leaves("+19165550100", noon, under(Hours.STRICTEST)), whose


@pytest.mark.parametrize("state", ["AL", "LA", "MS", "PA", "RI", "UT"])
@pytest.mark.parametrize("day", ["2026-07-03", "2026-07-04", "2027-07-04", "2027-07-05"])
def test_a_holiday_on_a_weekend_is_kept_on_the_day_beside_it_too(state: str, day: str) -> None:
    line = LINES[state]
    rules = under(Hours.FEDERAL_AND_STATE)
    assert not leaves(line.phone, local(line.opens, f"{day} 11:00"), rules)
    assert leaves(line.phone, local(line.opens, "2026-07-07 11:00"), rules)


def test_mississippi_goes_by_central_time_wherever_its_people_are() -> None:
    """In Louisville it is an hour later: there Mississippi's 20:00 is 21:00."""
    rules, moved = under(Hours.FEDERAL_AND_STATE), "America/Kentucky/Louisville"
    evening = [local(moved, f"2026-08-12 {clock}") for clock in ("20:59:59", "21:00")]
    assert [leaves("+16015550100", now, rules, zone=moved) for now in evening] == [True, False]
    # Of Alabama's, which names no clock, each zone's counts.
    early = [local(moved, f"2026-08-12 {clock}") for clock in ("19:59:59", "20:00")]
    assert [leaves("+12055550100", now, rules, zone=moved) for now in early] == [True, False]
