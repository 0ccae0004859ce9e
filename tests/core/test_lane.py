"""Whose turn it is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from dispatcher.core.lane import Lane, in_line, interleave
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
