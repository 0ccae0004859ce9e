from dataclasses import replace
from decimal import Decimal

import pytest

from dispatcher.core.books import Accepted, Money, Row, balance

A, B, C, D = (f"+1212555010{n}" for n in range(4))
ROWS = [Row(A, "sent"), Row(B, "sent"), Row(C, "failed"), Row(D, "unknown")]
WITNESS = [Accepted(A, 1), Accepted(B, 2), Accepted(D, 1)]
MONEY = Money(Decimal("1.19"), Decimal(5), Decimal("3.57"), Decimal("1.19"))


def wrong(
    people: list[str], rows: list[Row], witness: list[Accepted], money: Money
) -> set[str]:
    """The claims that don't hold."""
    return {check.claim for check in balance(people, rows, witness, money) if not check.holds}


def test_what_agrees_balances() -> None:
    assert wrong([A, B, C, D], ROWS, WITNESS, MONEY) == set()


def test_an_unknown_text_may_never_have_arrived() -> None:
    """Its cost is reserved all the same."""
    assert wrong([A, B, C, D], ROWS, WITNESS[:2], MONEY) == set()


def test_no_limit_is_no_budget_of_nothing() -> None:
    assert wrong([A, B, C, D], ROWS, WITNESS, replace(MONEY, budget=Decimal(0))) == set()


EACH_ONCE = "each person has one text in the queue, and nobody else has any"
LEFT = "no text is left behind"
TWICE = "nobody was texted twice"
SENT = "what we call sent was accepted"
ACCEPTED = "what was accepted we call sent, or unknown if its answer was lost"
SPENT = "spent is the billed segments times their price"
RESERVED = "reserved is what the unknown may cost, and no more"
FITS = "spent and reserved fit the budget"


@pytest.mark.parametrize(
    ("rows", "witness", "money", "claims"),
    [
        (ROWS[:2] + ROWS[3:], WITNESS, {}, {EACH_ONCE}),
        ([*ROWS, Row("+12125550199", "failed")], WITNESS, {}, {EACH_ONCE}),
        ([*ROWS, Row(C, "failed")], WITNESS, {}, {EACH_ONCE}),
        ([*ROWS[:2], Row(C, "pending"), ROWS[3]], WITNESS, {}, {LEFT}),
        ([*ROWS[:2], Row(C, "sending"), ROWS[3]], WITNESS, {}, {LEFT}),
        (ROWS, [*WITNESS, Accepted(A, 1)], {}, {TWICE, SPENT}),
        (ROWS, [*WITNESS, Accepted(D, 1)], {}, {TWICE, RESERVED}),
        (ROWS, WITNESS[1:], {}, {SENT, SPENT}),
        (ROWS, [*WITNESS, Accepted(C, 1)], {}, {ACCEPTED}),
        (ROWS, [*WITNESS, Accepted("+12125550199", 1)], {}, {ACCEPTED}),
        (ROWS, WITNESS, {"spent": Decimal("3.58")}, {SPENT}),
        (ROWS, WITNESS, {"spent": Decimal("2.38")}, {SPENT}),
        (ROWS, WITNESS, {"reserved": Decimal(0)}, {RESERVED}),
        (ROWS, WITNESS, {"reserved": Decimal("1.20")}, {RESERVED}),
        (ROWS, WITNESS[:2], {"reserved": Decimal(0)}, {RESERVED}),
        (ROWS, WITNESS, {"budget": Decimal(4)}, {FITS}),
    ],
)
def test_each_disagreement_is_found(
    rows: list[Row], witness: list[Accepted], money: dict[str, Decimal], claims: set[str]
) -> None:
    assert wrong([A, B, C, D], rows, witness, replace(MONEY, **money)) == claims


def test_a_fault_names_some_numbers_and_hides_their_middle() -> None:
    strangers = [Accepted(f"+1212555011{n}", 1) for n in range(5)]
    (fault,) = (c.fault for c in balance([], [], strangers, replace(MONEY, spent=Decimal(0), reserved=Decimal(0))) if c.fault)  # fmt: skip
    assert fault == "+1212***0110, +1212***0111, +1212***0112 and 2 more"
