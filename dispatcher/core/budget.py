"""Which of the texts that are about to leave can be paid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Purse:
    """What may still be spent of a budget, in cents; *left* is None where there is no limit."""

    left: Decimal | None


@dataclass(frozen=True)
class Grant(Generic[T]):
    """*paid* fit, in the order asked; *broke* names the purses that could not pay a text.

    *unpaid* are the others, each with the purses that could not pay it.
    """

    paid: list[T]
    unpaid: list[tuple[T, frozenset[str]]]
    broke: frozenset[str]


def grant(
    asked: Iterable[tuple[T, Decimal, tuple[str, ...]]], purses: Mapping[str, Purse]
) -> Grant[T]:
    """Pay each of *asked* (the text, its price, the purses that all must pay), in order.

    The first that does not fit ends its purse's turn: nothing cheaper behind it overtakes.
    """
    left = {name: purse.left for name, purse in purses.items()}
    broke: set[str] = set()
    paid: list[T] = []
    unpaid: list[tuple[T, frozenset[str]]] = []
    for text, price, names in asked:
        short = {n for n in names if n in broke or _lacks(left.get(n), price)}
        if short:
            broke |= short
            unpaid.append((text, frozenset(short)))
            continue
        paid.append(text)
        for name in names:
            rest = left.get(name)
            if rest is not None:
                left[name] = rest - price
    return Grant(paid, unpaid, frozenset(broke))


def _lacks(left: Decimal | None, price: Decimal) -> bool:
    return left is not None and left < price
