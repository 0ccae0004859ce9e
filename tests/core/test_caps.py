"""However promotions come, no stretch of time so long as a cap holds more of them than it allows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.rules import RULES
from support.verdicts import judged, under

from dispatcher.core import caps
from dispatcher.core.guard import Allow, Defer, Rules
from dispatcher.core.law import Cap, Hours, NamedCap
from dispatcher.core.message import Category

START = datetime(2026, 3, 3, 18, 0, tzinfo=UTC)
HOURS = st.sampled_from([1, 3, 8, 24, 30])
SEQUENCES = st.lists(st.sampled_from([0, 1, 30, 59, 60, 180, 479, 480, 481, 1440]), max_size=40)


def window(sent: list[datetime], within: timedelta) -> int:
    """Return the most of *sent* that some stretch of time holds; its end is not in it."""
    return max((sum(at <= x < at + within for x in sent) for at in sent), default=0)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5), HOURS), min_size=1, max_size=3),
    st.sampled_from([0, 5, 120]),
    SEQUENCES,
)
def test_no_rolling_window_holds_more(
    drawn: list[tuple[int, int]], margin_minutes: int, gaps: list[int]
) -> None:
    named = [NamedCap(f"cap {n}", Cap(m, timedelta(hours=h))) for n, (m, h) in enumerate(drawn)]
    margin, now = timedelta(minutes=margin_minutes), START
    most = max(each.cap.most for each in named)
    sent: list[datetime] = []
    for gap in gaps:
        now += timedelta(minutes=gap)
        known = sorted(sent, reverse=True)[:most]  # what the store remembers
        free, binding = caps.last_free(named, known, now, margin)
        assert (binding is None) == (free == now)
        if free > now:
            before = free - timedelta(microseconds=1)
            assert caps.last_free(named, known, before, margin)[0] > before
            now = free
        sent.append(now)
    for each in named:
        assert window(sent, each.cap.within + margin) <= each.cap.most


@settings(deadline=None)
@given(SEQUENCES)
def test_the_guard_keeps_all_caps_of_a_state(gaps: list[int]) -> None:
    """Maine: one in eight hours, beside ours of three in a day."""
    rules = replace(under(Hours.FEDERAL_AND_STATE), cap=Cap(3, timedelta(hours=24)))
    sent: list[datetime] = []
    now = START
    for gap in gaps:
        now += timedelta(minutes=gap)
        known = tuple(sorted(sent, reverse=True)[: rules.memory.most])
        if judged("+12075550100", now, rules, promoted=known) == Allow():
            sent.append(now)
    assert window(sent, timedelta(hours=8)) <= 1
    assert window(sent, timedelta(hours=24)) <= 3


@pytest.mark.parametrize(
    ("phone", "profile", "expected"),
    [
        ("+13055550100", Hours.FEDERAL_AND_STATE, {"cap person": 9, "cap US-FL": 3}),
        ("+14055550100", Hours.FEDERAL_AND_STATE, {"cap person": 9, "cap US-OK": 3}),
        ("+14105550100", Hours.FEDERAL_AND_STATE, {"cap person": 9, "cap US-MD": 3}),
        ("+12075550100", Hours.FEDERAL_AND_STATE, {"cap person": 9, "cap US-ME": 1}),
        ("+19165550100", Hours.FEDERAL_AND_STATE, {"cap person": 9}),
        ("+13055550100", Hours.FEDERAL, {"cap person": 9}),
        ("+13055550100", Hours.OFF, {"cap person": 9}),
        ("+19165550100", Hours.STRICTEST, {"cap person": 9, "cap strictest-us": 1}),
    ],
)
def test_which_caps_hold(phone: str, profile: Hours, expected: dict[str, int]) -> None:
    rules = replace(under(profile), cap=Cap(9, timedelta(hours=24)))
    for name, most in expected.items():
        # All sent a moment ago: the latest to come free is named.
        verdict = judged(phone, START, rules, promoted=(START,) * most)
        assert isinstance(verdict, Defer)
        if most < 9:
            assert verdict.by in {name, "hours US", f"hours {name.removeprefix('cap ')}"}
        fewer = judged(phone, START, rules, promoted=(START,) * (min(expected.values()) - 1))
        assert fewer == Allow()


def test_how_far_back_the_store_looks() -> None:
    """At least as far as the longest cap and the margin, and for as many as the largest counts."""
    rules = replace(RULES, cap=Cap(2, timedelta(hours=5)), margin=timedelta(minutes=7))
    assert rules.memory.within == timedelta(hours=24, minutes=7)  # Florida's
    assert rules.memory.most == 3
    mine: Rules = replace(rules, cap=Cap(9, timedelta(hours=100)))
    assert (mine.memory.within, mine.memory.most) == (timedelta(hours=100, minutes=7), 9)
    none = replace(under(Hours.OFF), cap=None)
    assert (none.memory.within, none.memory.most) == (timedelta(0), 0)


@pytest.mark.parametrize(
    ("category", "quiet", "waits"),
    [
        (Category.PROMOTION, {Category.PROMOTION}, True),
        (Category.REMINDER, {Category.PROMOTION, Category.REMINDER}, True),
        (Category.REMINDER, {Category.PROMOTION}, False),
        (Category.TRANSACTIONAL, {Category.PROMOTION, Category.REMINDER}, False),
        (Category.TRANSACTIONAL, {Category.PROMOTION, Category.TRANSACTIONAL}, True),
    ],
)
def test_who_keeps_the_hours(category: Category, quiet: set[Category], *, waits: bool) -> None:
    night = START.replace(hour=8)
    for profile in (Hours.FEDERAL, Hours.FEDERAL_AND_STATE, Hours.STRICTEST):
        rules = replace(under(profile), quiet=frozenset(quiet))
        verdict = judged("+15025550100", night, rules, category=category)
        assert isinstance(verdict, Defer if waits else Allow)
