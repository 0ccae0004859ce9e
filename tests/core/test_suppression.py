"""Why a number gets no texts: the closed list, its ends, and what a line of a file wants."""

from datetime import UTC, datetime, timedelta

import pytest

from dispatcher.core import people_file
from dispatcher.core.receipts import Unfit
from dispatcher.core.suppression import (
    COLUMNS,
    DEAD,
    REFUSED,
    SENTENCES,
    Defaults,
    Reason,
    Refusal,
    Wanted,
    default_end,
    judge,
)

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
HALF_A_YEAR = timedelta(days=180)
NONE = Defaults(None, "a list", NOW, HALF_A_YEAR)
HEADER = "phone,reason,since,until,why"


def wanted(*lines: str, defaults: Defaults = NONE) -> list[Wanted | Refusal]:
    file = people_file.read([f"{line}\n" for line in (HEADER, *lines)], COLUMNS)
    taken, refused = judge(file.lines, defaults)
    both: list[tuple[people_file.Line, Wanted | Refusal]] = [*taken, *refused]
    return [what for _, what in sorted(both, key=lambda one: one[0].number)]


def test_every_reason_and_refusal_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)
    assert set(REFUSED) == set(Refusal)


def test_what_carriers_say_of_numbers_is_in_the_list_and_ends() -> None:
    assert {reason.value for reason in DEAD} == {unfit.value for unfit in Unfit}
    for reason in Reason:
        end = NOW + HALF_A_YEAR if reason in DEAD else None
        assert default_end(reason, NOW, HALF_A_YEAR) == end
    assert Reason.OPTED_OUT not in DEAD


def test_a_line_that_says_all() -> None:
    line = (
        "+12125550100,complaint,2026-11-01T10:00:00-05:00,2027-01-01T00:00:00Z, They  called "
    )
    assert wanted(line) == [
        Wanted(
            "+12125550100",
            Reason.COMPLAINT,
            datetime(2026, 11, 1, 15, tzinfo=UTC),
            datetime(2027, 1, 1, tzinfo=UTC),
            theirs=True,
            why="They called",
        )
    ]


def test_what_a_line_does_not_say() -> None:
    (one, other) = wanted(
        "2125550100,,,,",
        "2125550101,wrong number,,never,",
        defaults=Defaults(Reason.LANDLINE, "a list", NOW, HALF_A_YEAR),
    )
    assert one == Wanted(
        "2125550100", Reason.LANDLINE, NOW, NOW + HALF_A_YEAR, theirs=False, why="a list"
    )
    assert other == Wanted(
        "2125550101", Reason.WRONG_NUMBER, NOW, None, theirs=True, why="a list"
    )


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (",complaint,,,", Refusal.NO_NUMBER),
        ("2125550100,complaint,,,x,more", Refusal.BROKEN_LINE),
        ("2125550100,,,,", Refusal.UNKNOWN_REASON),
        ("2125550100,rude,,,", Refusal.UNKNOWN_REASON),
        ("2125550100,complaint,yesterday,,", Refusal.NO_TIME),
        ("2125550100,complaint,,2027-01-01T00:00:00,", Refusal.NO_TIME),
        ("2125550100,complaint,0001-01-01T00:00:00+14:00,,", Refusal.NO_TIME),
        ("2125550100,complaint,,2026-12-01T12:00:00Z,", Refusal.ENDED),
        ("2125550100,complaint,2026-12-01T12:00:01Z,,", Refusal.NOT_YET),
        ("2125550100,opted_out,,2027-01-01T00:00:00Z,", Refusal.ENDLESS),
        (f"2125550100,complaint,,,{'x' * 501}", Refusal.WORDY),
    ],
)
def test_what_is_refused(line: str, refusal: Refusal) -> None:
    assert wanted(line) == [refusal]


def test_an_opt_out_may_say_that_it_never_ends() -> None:
    (one,) = wanted("2125550100,Opted-Out,,never,")
    assert isinstance(one, Wanted)
    assert (one.reason, one.until) == (Reason.OPTED_OUT, None)


def test_nothing_private_is_shown() -> None:
    (one,) = wanted("+12125550100,complaint,,,They called")
    assert "5550100" not in repr(one)
    assert "called" not in repr(one)
