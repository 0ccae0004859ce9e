"""A person keeps hearing from the same number."""

from collections import Counter
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.core.senders import Room, choose, pair

OURS = [f"+1916555010{n}" for n in range(5)]
PEOPLE = [f"+1212555{n:04}" for n in range(100, 200)]

people = st.text("+0123456789", max_size=12)
numbers = st.lists(st.text("+0123456789", min_size=1, max_size=12), min_size=1, unique=True)


@pytest.mark.parametrize(
    ("candidates", "last", "chosen"),
    [
        ([], None, None),
        ([], OURS[0], None),
        (OURS[:1], None, OURS[0]),
        (OURS[:1], OURS[1], OURS[0]),
        (OURS, OURS[0], OURS[0]),
        (OURS, OURS[4], OURS[4]),
    ],
)
def test_choose(candidates: list[str], last: str | None, chosen: str | None) -> None:
    assert choose("+12125550123", candidates, last) == chosen


def test_the_choice_is_the_same_in_every_version() -> None:
    """Whoever changes the hash moves every person who has no last number."""
    assert [choose(person, OURS, None) for person in PEOPLE[:5]] == [
        OURS[n] for n in (3, 3, 1, 4, 4)
    ]


@settings(deadline=None)
@given(people, numbers, st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(
    person: str, candidates: list[str], chance: Random
) -> None:
    shuffled = chance.sample(candidates, len(candidates))
    assert choose(person, shuffled, None) == choose(person, candidates, None)


@settings(deadline=None)
@given(people, numbers, st.data())
def test_one_that_goes_away_moves_only_its_own_people(
    person: str, candidates: list[str], data: st.DataObject
) -> None:
    chosen = choose(person, candidates, None)
    gone = data.draw(st.sampled_from(candidates))
    rest = [candidate for candidate in candidates if candidate != gone]
    moved = choose(person, rest, None)
    others: list[str | None] = [*rest] or [None]
    assert moved == chosen if gone != chosen else moved in others


@settings(deadline=None)
@given(people, numbers, st.text("+0123456789", min_size=1, max_size=12))
def test_one_that_is_new_takes_people_only_for_itself(
    person: str, candidates: list[str], new: str
) -> None:
    assert choose(person, [*candidates, new], None) in {choose(person, candidates, None), new}


def test_each_number_gets_its_share() -> None:
    shares = Counter(choose(person, OURS, None) for person in PEOPLE)
    assert set(shares) == set(OURS)
    assert min(shares.values()) >= 10  # 20 on average


@dataclass(frozen=True)
class Message:
    """What pair needs to know: *last_sender* decides which number it is for."""

    last_sender: str | None
    phone: str | None = PEOPLE[0]
    answers_from: str | None = None


def test_a_full_number_holds_up_its_own_people_alone() -> None:
    one, other = OURS[:2]
    messages = [Message(one), Message(one), Message(other), Message(other)]
    pairs = pair(messages, 3, {one: Room(minute=1, day=9), other: Room(minute=9, day=9)})
    assert [sender for _, sender in pairs.chosen] == [one, other, other]
    assert pairs.late == []


def test_who_is_late_for_the_day_costs_no_place() -> None:
    one, other = OURS[:2]
    messages = [Message(one), Message(other)]
    pairs = pair(messages, 1, {one: Room(minute=9, day=0), other: Room(minute=9, day=9)})
    assert pairs.chosen == [(messages[1], other)]
    assert pairs.late == [messages[0]]


def test_without_a_number_nothing_is_paired() -> None:
    assert pair([Message(None)], 1, {}).chosen == []


def test_an_answer_leaves_from_the_number_that_was_written_to_or_not_at_all() -> None:
    one, other = OURS[:2]
    answers = [Message(one, answers_from=other), Message(one, answers_from=OURS[2])]
    pairs = pair([*answers, Message(one)], 9, {n: Room(minute=9, day=9) for n in (one, other)})
    assert [(message.answers_from, sender) for message, sender in pairs.chosen] == [
        (other, other),
        (None, one),
    ]
