"""The wait doubles up to its cap, and chance takes a share of it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.core.backoff import Backoff, delay

seconds = st.integers(1, 100_000).map(lambda n: timedelta(seconds=n))
rules = st.tuples(seconds, seconds).map(lambda pair: Backoff(min(pair), max(pair)))
jitters = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("attempt", "jitter", "expected"),
    [
        (1, 0, 0),
        (1, 0.5, 15),
        (2, 0.5, 30),
        (3, 0.5, 60),
        (7, 0.5, 960),
        (8, 0.5, 1800),
        (9, 0.5, 1800),
        (1000, 0.5, 1800),
        (10**9, 0.25, 900),
    ],
)
def test_delay(attempt: int, jitter: float, expected: int) -> None:
    assert delay(attempt, Backoff(), jitter) == timedelta(seconds=expected)


@settings(deadline=None)
@given(st.integers(1, 10_000), rules, jitters)
def test_it_stays_below_the_ceiling(attempt: int, rule: Backoff, jitter: float) -> None:
    assert timedelta(0) <= delay(attempt, rule, jitter) <= rule.cap
    assert delay(1, rule, jitter) <= rule.base


@settings(deadline=None)
@given(st.integers(1, 10_000), rules, jitters)
def test_a_later_attempt_waits_no_less(attempt: int, rule: Backoff, jitter: float) -> None:
    assert delay(attempt + 1, rule, jitter) >= delay(attempt, rule, jitter)


@settings(deadline=None)
@given(rules)
def test_the_cap_is_reached(rule: Backoff) -> None:
    assert delay(100, rule, 0.5) == rule.cap * 0.5


@pytest.mark.parametrize(
    ("attempt", "jitter"), [(0, 0.5), (-1, 0.5), (1, 1.0), (1, -0.1), (1, float("nan"))]
)
def test_what_it_refuses(attempt: int, jitter: float) -> None:
    with pytest.raises(ValueError, match="first attempt"):
        delay(attempt, Backoff(), jitter)


@pytest.mark.parametrize(("base", "cap"), [(0, 10), (-1, 10), (11, 10)])
def test_a_rule_that_makes_no_sense(base: int, cap: int) -> None:
    with pytest.raises(ValueError, match="base above 0"):
        Backoff(timedelta(seconds=base), timedelta(seconds=cap))
