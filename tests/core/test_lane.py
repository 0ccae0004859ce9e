"""Whose turn it is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.core.lane import Lane, in_line, interleave, suffices
from dispatcher.core.message import Category

NOW = datetime(2026, 3, 3, tzinfo=UTC)


def lane(
    n: int, category: Category = Category.PROMOTION, *, due: int = -1, is_open: bool = True
) -> Lane:
    return Lane(
        UUID(int=n), "", category, NOW + timedelta(seconds=due), is_open, exceeded=False
    )


@dataclass(frozen=True)
class Message:
    """What interleave needs to know."""

    name: str
    category: Category = Category.PROMOTION


def test_the_least_recently_served_comes_first() -> None:
    served = {(UUID(int=1), ""): 5, (UUID(int=2), ""): 3}
    assert [x.campaign.int for x in in_line([lane(1), lane(2), lane(3)], served, NOW, 9)] == [
        3,
        2,
        1,
    ]


def test_a_better_category_comes_before_any_turn() -> None:
    urgent = lane(9, Category.TRANSACTIONAL)
    assert in_line([lane(1), urgent], {(UUID(int=9), ""): 99}, NOW, 1) == [urgent]


def test_who_may_not_or_is_not_due_does_not_stand_in_line() -> None:
    assert in_line([lane(1, is_open=False), lane(2, due=1)], {}, NOW, 9) == []


def test_two_campaigns_share_however_long_one_is() -> None:
    long, short = [Message(f"a{n}") for n in range(4)], [Message("b0"), Message("b1")]
    assert [m.name for m in interleave([long, short])] == ["a0", "b0", "a1", "b1", "a2", "a3"]


def test_a_transactional_text_goes_before_all_promotions() -> None:
    code = Message("code", Category.TRANSACTIONAL)
    assert interleave([[Message("a"), Message("b")], [code]])[0] is code


def promotions(count: int) -> list[Message]:
    return [Message(str(n)) for n in range(count)]


@pytest.mark.parametrize(
    ("shown", "ended", "most", "enough"),
    [
        ([3, 3], [False, False], 4, True),
        (
            [2, 3],
            [False, False],
            5,
            False,
        ),  # a third of the first lane would go before the other's
        ([1, 3], [True, False], 4, True),
        (
            [0, 9],
            [False, False],
            4,
            False,
        ),  # the first lane may have one behind those not shown
        ([1, 1], [True, True], 4, True),  # there is no more
        ([1, 1], [True, False], 4, False),
    ],
)
def test_enough_is_seen_when_more_would_change_nothing(
    shown: list[int], ended: list[bool], most: int, *, enough: bool
) -> None:
    assert suffices([promotions(n) for n in shown], ended, most) is enough


def test_a_better_category_must_be_seen_to_its_end() -> None:
    codes = [Message("code", Category.TRANSACTIONAL)]
    assert not suffices([codes, promotions(9)], [False, False], 3)
    assert suffices([codes, promotions(9)], [True, False], 3)


@given(
    st.lists(st.lists(st.booleans(), max_size=6), max_size=4),
    st.integers(1, 8),
    st.integers(1, 6),
)
def test_a_first_look_that_suffices_chooses_as_the_furthest(
    lanes: list[list[bool]], most: int, each: int
) -> None:
    """Whatever is allowed in the lanes: true stands for a text that may leave."""
    lanes_of_texts = [
        [(Message(f"{n}.{i}"), may) for i, may in enumerate(lane)]
        for n, lane in enumerate(lanes)
    ]
    near = [[m for m, may in lane[:each] if may] for lane in lanes_of_texts]
    far = [[m for m, may in lane if may] for lane in lanes_of_texts]
    if suffices(near, [len(lane) < each for lane in lanes], most):
        assert interleave(near)[:most] == interleave(far)[:most]
