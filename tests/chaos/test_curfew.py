"""The witness of the law: what it calls outside, and that a storm's clock leads past each edge."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from support.chaos import curfew, zones
from support.chaos.course import NOON, ZONES, course
from support.chaos.curfew import (
    LOS_ANGELES,
    MORNING,
    MOVED,
    MOVES,
    NEW_YORK,
    WEEKS,
    Cap,
    Curfew,
    Sent,
    is_open,
    utc,
)
from support.chaos.lawclock import Followed, LawClock, Visit
from support.chaos.statute import MARGIN, obey, statute

from dispatcher.core import hours, law, law_table

START = datetime(2026, 1, 5, tzinfo=UTC)
SECOND, TICK = timedelta(seconds=1), timedelta(microseconds=1)
IN_LA, IN_NY = "+19165550100", "+12125550100"
FRIDAY = WEEKS[0].friday
SEEDS = range(4)


def dealt(seed: int) -> LawClock:
    return course(START, random.Random(seed), MARGIN)  # noqa: S311 - repeatable


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        (date(2027, 3, 12), 10, 18),  # a Friday
        (date(2027, 3, 13), 10, 12),  # Saturday
        (date(2027, 3, 15), 10, 18),  # the Monday after the clocks were changed
        (date(2027, 11, 5), 10, 18),
        (date(2027, 11, 8), 10, 18),
    ],
)
@pytest.mark.parametrize("zone", [NEW_YORK, LOS_ANGELES])
def test_the_edges_of_a_day(day: date, opens: int, closes: int, zone: str) -> None:
    first = datetime(day.year, day.month, day.day, opens, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    last = first + timedelta(hours=closes - opens) - TICK
    assert [is_open(zone, at) for at in (first - TICK, first, last, last + TICK)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert is_open(zone, last - MARGIN, MARGIN)
    assert not is_open(zone, last - MARGIN + TICK, MARGIN)


@pytest.mark.parametrize(
    "day", [FRIDAY + timedelta(days=2), *(week.holiday for week in WEEKS)], ids=str
)
def test_a_day_on_which_nothing_arrives(day: date) -> None:
    assert not any(is_open(zone, utc(day, n / 2)) for zone in ZONES for n in range(17, 62))


def test_a_zone_of_our_own_is_read_as_it_was_written(tmp_path: Path) -> None:
    zones.write(tmp_path, MOVED, MOVES, MORNING)
    with (tmp_path / MOVED).open("rb") as file:
        made = ZoneInfo.from_file(file)
    for at, _ in MOVES:
        for near in (at - SECOND, at, at + SECOND):
            assert near.astimezone(made).utcoffset() == curfew.offset(MOVED, near)
    assert len({curfew.offset(MOVED, at) for at, _ in MOVES}) == 3


@pytest.mark.parametrize("seed", SEEDS)
def test_the_clock_runs_past_every_edge(seed: int) -> None:
    """It leaves out no hour in which something closes, and what it shows is the law's own day."""
    clock = dealt(seed)
    strict = law.strictest(law_table.own().rules)
    seen = set()
    for (since, begun), (until, after) in pairwise(clock.visits):
        ends = begun + (until - since)
        assert after >= ends
        for zone in ZONES:
            assert is_open(zone, after) or not is_open(zone, ends)
        for zone in (NEW_YORK, LOS_ANGELES):
            at = begun
            while at < ends:
                now_open = is_open(zone, at)
                found = hours.next_open(((strict, zone),), at, timedelta(0))
                assert now_open is (found is not None and found.opens == at), (zone, at)
                seen.add((at.isoweekday(), now_open))
                at += SECOND / 4
    assert {(5, True), (5, False), (6, True), (6, False), (7, False), (1, True)} <= seen


@pytest.mark.parametrize("seed", SEEDS)
def test_each_instant_of_the_law_has_a_real_one(seed: int) -> None:
    clock = dealt(seed)
    for visit, later in pairwise(clock.visits):
        assert clock.real(clock.law(visit.since)) == visit.since
        within = visit.since + (later.since - visit.since) / 2
        assert clock.real(clock.law(within)) == within
        assert clock.real(later.law - TICK) == later.since
    assert clock.real(NOON + SECOND) == clock.visits[-1].since + SECOND


LEGAL = utc(FRIDAY, 19)  # 14:00 in New York, 11:00 in Los Angeles
EARLY = utc(FRIDAY, 16)  # 11:00 and 8:00
CLOCK = LawClock([Visit(START, LEGAL)])
AT_EIGHT = LawClock([Visit(START, EARLY)])


def arrived(to: str, category: str = "promotion", after: float = 0) -> Sent:
    return Sent(category, to, START + timedelta(seconds=after))


def test_what_is_in_time_is_not_outside() -> None:
    found = Curfew(CLOCK).outside([arrived(IN_LA), arrived(IN_NY)])
    assert found == []


@pytest.mark.parametrize("category", ["promotion", "reminder"])
def test_what_comes_before_its_hour_is_outside(category: str) -> None:
    texts = [arrived(IN_LA, category), arrived(IN_NY, category)]
    (found,) = Curfew(AT_EIGHT).outside(texts)
    assert "08:00:00" in found
    assert found.startswith(IN_LA)


def test_a_transactional_text_comes_at_any_hour() -> None:
    assert Curfew(AT_EIGHT).outside([arrived(IN_LA, "transactional")]) == []


def test_a_stored_zone_counts_beside_that_of_the_number() -> None:
    assert Curfew(AT_EIGHT, stored={IN_NY: LOS_ANGELES}).outside([arrived(IN_NY)])
    assert Curfew(AT_EIGHT, stored={IN_LA: NEW_YORK}).outside([arrived(IN_LA)])


def test_what_is_opened_in_the_margin_is_outside() -> None:
    """It would arrive in time, if nothing delayed it."""
    last = LawClock([Visit(START, utc(FRIDAY, 23) - MARGIN)])  # 18:00 in New York
    law_ = Curfew(last, margin=MARGIN)
    text = arrived(IN_NY)
    assert law_.outside([text], []) == []
    assert law_.outside([], [text])
    assert law_.outside([], [replace_at(text, -0.001)]) == []


def replace_at(sent: Sent, seconds: float) -> Sent:
    return sent._replace(at=sent.at + timedelta(seconds=seconds))


TWO = [Cap(2, timedelta(seconds=10))]


@pytest.mark.parametrize(
    ("times", "broken"),
    [((0, 1), 0), ((0, 1, 9.999), 1), ((0, 1, 10), 0), ((9, 0, 5), 1), ((0, 5, 9, 9.5), 2)],
)
def test_promotions_are_counted_in_a_window_that_rolls(
    times: tuple[float, ...], broken: int
) -> None:
    texts = [arrived(IN_NY, after=after) for after in times]
    others = [arrived(IN_LA), arrived(IN_NY, "reminder"), arrived(IN_NY, "transactional")]
    assert len(Curfew(CLOCK, TWO).over([*texts, *others])) == broken


def test_every_cap_holds() -> None:
    caps = [*TWO, Cap(1, SECOND)]
    texts = [arrived(IN_NY, after=after) for after in (0, 0.5, 3)]
    assert len(Curfew(CLOCK, caps).over(texts)) == 2


def test_a_daemon_waits_by_the_clock_of_the_law(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hours that are left out pass in no time; then it is noon, for who had read it and who not."""
    monkeypatch.setattr(hours, "next_open", hours.next_open)
    clock = LawClock([Visit(START, EARLY), Visit(START + SECOND, utc(FRIDAY, 20))])
    clock.save(tmp_path / "clock")
    obey(tmp_path / "clock")
    rules = ((law.strictest(law_table.own().rules), LOS_ANGELES),)
    found = hours.next_open(rules, START, timedelta(0))
    assert found
    assert found.opens == START + SECOND
    later = hours.next_open(rules, START + 5 * SECOND, timedelta(0))
    assert later
    assert later.opens == START + 5 * SECOND


def test_at_the_end_it_is_noon_for_everybody(tmp_path: Path) -> None:
    made = statute(tmp_path, 1, START)
    followed = Followed(tmp_path / "clock.json")
    early = followed.look()
    made.calm(START + 20 * SECOND)
    late = followed.look()
    assert late == made.curfew.clock
    assert late.law(START + 19 * SECOND) == early.law(START + 19 * SECOND)
    assert all(is_open(zone, late.law(START + 21 * SECOND), MARGIN) for zone in ZONES)
    assert all(is_open(zone, late.law(START + 3600 * SECOND), MARGIN) for zone in ZONES)


def test_noon_that_came_by_itself_stays(tmp_path: Path) -> None:
    """A clock that went back to it would have two instants for one of the law's."""
    made = statute(tmp_path, 1, START)
    course = made.curfew.clock
    ended = course.visits[-1].since + 100 * SECOND
    made.calm(ended)
    assert made.curfew.clock == Followed(tmp_path / "clock.json").look() == course
    later = ended + 5 * SECOND
    assert course.real(course.law(later)) == later


def test_the_witness_knows_the_caps_that_the_daemons_are_told(tmp_path: Path) -> None:
    made = statute(tmp_path, 3, START)
    table = law_table.parse((tmp_path / "law.csv").read_text("utf-8"), "law.csv")
    own = law_table.own()
    caps = {(c.most, c.within) for rule in table.rules for c in rule.caps}
    ours = (
        int(made.settings["cap_promotions"]),
        timedelta(hours=float(made.settings["cap_hours"])),
    )
    assert {*caps, ours} == set(made.curfew.caps)
    assert [replace(rule, caps=()) for rule in table.rules] != []
    assert [rule.place for rule in table.rules] == [rule.place for rule in own.rules]
    assert all(cap.within < timedelta(minutes=1) for cap in made.curfew.caps)
