"""What is said of figures that differ, and how much is counted at once."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from dispatcher.core.figures import Day, Difference, Figures, Row, days_at_once, differences

SPRING = Day(UUID(int=7), date(2026, 6, 1))
NONE = Day(None, date(2026, 6, 1))


def test_each_figure_that_differs_is_named() -> None:
    stands = [
        Row(SPRING, Figures(sent=3, cost_exact=Decimal("3.57"))),
        Row(NONE, Figures(sent=1)),
    ]
    counted = [
        Row(SPRING, Figures(sent=2, cost_exact=Decimal("2.38"))),
        Row(NONE, Figures(sent=1)),
    ]
    assert differences(stands, counted, ()) == [
        Difference(SPRING, "sent", 3, 2),
        Difference(SPRING, "cost_exact", Decimal("3.57"), Decimal("2.38")),
    ]


def test_a_day_that_only_one_side_has_differs() -> None:
    row = [Row(NONE, Figures(replied=1))]
    assert differences(row, [], ()) == [Difference(NONE, "replied", 1, 0)]
    assert differences([], row, ()) == [Difference(NONE, "replied", 0, 1)]


def test_a_stale_day_is_left_out() -> None:
    assert differences([Row(NONE, Figures(replied=1))], [], {NONE}) == []


@pytest.mark.parametrize(
    ("days", "seconds", "then"),
    [(20, 5.0, 10), (1, 9.0, 1), (3, 0.1, 6), (20, 0.1, 20), (8, 0.5, 8)],
)
def test_so_many_are_counted_next(days: int, seconds: float, then: int) -> None:
    assert days_at_once(days, seconds, 20) == then
