"""Who is paid, in order, and who ends a budget's turn."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.core.budget import Purse, grant

ONE, TWO = Decimal(1), Decimal(2)


def test_all_that_fits_is_paid() -> None:
    done = grant([("a", ONE, ("x",)), ("b", ONE, ("x",))], {"x": Purse(TWO)})
    assert (done.paid, done.unpaid, done.broke) == (["a", "b"], [], frozenset())


def test_nothing_cheaper_overtakes_what_did_not_fit() -> None:
    done = grant([("dear", TWO, ("x",)), ("cheap", ONE, ("x",))], {"x": Purse(ONE)})
    broke = frozenset({"x"})
    assert (done.paid, done.broke) == ([], broke)
    assert done.unpaid == [("dear", broke), ("cheap", broke)]


def test_another_campaign_goes_on() -> None:
    asked = [("a", ONE, ("x", "day")), ("b", ONE, ("y", "day"))]
    done = grant(asked, {"x": Purse(Decimal(0)), "y": Purse(None), "day": Purse(TWO)})
    assert (done.paid, done.broke) == (["b"], frozenset({"x"}))


def test_the_day_bounds_every_campaign() -> None:
    asked = [(n, ONE, (n, "day")) for n in ("x", "y", "z")]
    done = grant(
        asked, {"x": Purse(None), "y": Purse(None), "z": Purse(None), "day": Purse(TWO)}
    )
    assert (done.paid, done.broke) == (["x", "y"], frozenset({"day"}))


@given(
    st.lists(st.tuples(st.decimals(0, 5, places=2), st.sampled_from(["x", "y"]))),
    st.decimals(0, 20, places=2),
    st.decimals(0, 20, places=2),
)
def test_no_purse_ever_pays_more_than_it_has(
    asked: list[tuple[Decimal, str]], x: Decimal, day: Decimal
) -> None:
    texts = [((n, price, name), price, (name, "day")) for n, (price, name) in enumerate(asked)]
    done = grant(texts, {"x": Purse(x), "y": Purse(None), "day": Purse(day)})
    assert sum(p for _, p, name in done.paid if name == "x") <= x
    assert sum(p for _, p, _ in done.paid) <= day
    assert len(done.paid) + len(done.unpaid) == len(asked)
