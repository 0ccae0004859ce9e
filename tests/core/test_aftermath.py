from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dispatcher.core.aftermath import Ending, Ours, Stored, Wish, Witnessed, Written, agree

A, B, C, D, E, F = (f"+1212555010{n}" for n in range(6))
T = datetime(2026, 3, 2, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)

ENDINGS = [
    Ending("1", A, "delivered", ""),
    Ending("2", B, "failed", "SMS-RC-410"),
    Ending("3", C, "open", "SMS-CAR-104"),
    Ending("4", D, "delivered", ""),
]
WRITTEN = [
    Written("11", A, T, Wish.STOP),
    Written("12", A, T + 9 * SECOND, Wish.NOTHING),
    Written("13", C, T, Wish.HELP),
    Written("14", D, T, Wish.STOP),
    Written("15", D, T + SECOND, Wish.START),
    Written("16", E, T, Wish.STOP),
]
SEEN = Witnessed(ENDINGS, WRITTEN, {A: T - SECOND, B: T, C: T, D: T - SECOND}, [C])
OURS = Ours(
    ENDINGS,
    {"1": Decimal("1.19"), "2": Decimal(0), "3": Decimal("1.19"), "4": Decimal("1.19")},
    [Stored(one.provider_id, one.phone, one.at) for one in WRITTEN],
    {A, E},
    set(),
)


def wrong(ours: Ours, seen: Witnessed) -> set[str]:
    """The claims that don't hold."""
    return {check.claim for check in agree(ours, seen) if not check.holds}


ENDED = "what was delivered, failed or is open is so in RingCentral's record"
UNPAID = "what RingCentral did not pass on costs nothing"
ONCE = "each text that came in is stored, and once"
STOPPED = "who wrote STOP is opted out, but for who wrote START later; nobody else is"
LATE = "nobody was texted later than a second after we had their STOP"
ANSWERED = "only who asked for help got an answer, and one"


def test_what_agrees_is_not_told_of() -> None:
    assert wrong(OURS, SEEN) == set()
    assert {check.claim for check in agree(OURS, SEEN)} == {
        ENDED, UNPAID, ONCE, STOPPED, LATE, ANSWERED,
    }  # fmt: skip


def test_a_text_that_stays_unknown_is_not_followed() -> None:
    ours = replace(OURS, endings=ENDINGS[1:], unknown={A})
    assert wrong(ours, SEEN) == set()
    assert wrong(replace(ours, unknown=set()), SEEN) == {ENDED}


def test_of_a_stop_and_a_start_of_one_moment_the_stop_counts() -> None:
    both = [Written("14", D, T, Wish.STOP), Written("15", D, T, Wish.START)]
    seen = replace(SEEN, written=[*WRITTEN[:3], *both, WRITTEN[5]])
    assert wrong(OURS, seen) == {STOPPED}
    assert wrong(replace(OURS, opted_out={A, D, E}), seen) == set()


def test_a_request_that_was_under_way_may_be_accepted_after_a_stop() -> None:
    assert wrong(OURS, replace(SEEN, accepted={A: T + SECOND})) == set()
    assert wrong(OURS, replace(SEEN, accepted={A: T + 1.001 * SECOND})) == {LATE}


def test_nobody_need_be_answered() -> None:
    assert wrong(OURS, replace(SEEN, answered=[])) == set()


@pytest.mark.parametrize(
    ("ours", "seen", "claims"),
    [
        ({"endings": [Ending("1", A, "failed", ""), *ENDINGS[1:]]}, {}, {ENDED}),
        ({"endings": [ENDINGS[0], Ending("2", B, "failed", ""), *ENDINGS[2:]]}, {}, {ENDED}),
        ({"endings": ENDINGS[:3]}, {}, {ENDED}),
        ({"endings": [*ENDINGS, Ending("9", F, "open", "")]}, {}, {ENDED}),
        ({"costs": {"2": Decimal("1.19")}}, {}, {UNPAID}),
        ({"stored": OURS.stored[1:]}, {}, {ONCE}),
        ({"stored": [*OURS.stored, OURS.stored[1]]}, {}, {ONCE}),
        ({"stored": [*OURS.stored, Stored("99", F, T)]}, {}, {ONCE}),
        ({"stored": [Stored("11", F, T), *OURS.stored[1:]]}, {}, {ONCE}),
        ({"opted_out": {A}}, {}, {STOPPED}),
        ({"opted_out": {A, D, E}}, {}, {STOPPED}),
        ({"opted_out": {A, C, E}}, {}, {STOPPED}),
        ({}, {"accepted": {E: T + 2 * SECOND}}, {LATE}),
        ({}, {"answered": [C, C]}, {ANSWERED}),
        ({}, {"answered": [A]}, {ANSWERED}),
    ],
)
def test_each_disagreement_is_found(
    ours: Mapping[str, Any], seen: Mapping[str, Any], claims: set[str]
) -> None:
    assert wrong(replace(OURS, **ours), replace(SEEN, **seen)) == claims


def test_a_fault_hides_the_middle_of_a_number() -> None:
    (fault,) = (c.fault for c in agree(replace(OURS, opted_out={A}), SEEN) if not c.holds)
    assert fault == "+1212***0104"
