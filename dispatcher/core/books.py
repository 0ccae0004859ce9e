"""Whether our own record of a campaign agrees with a witness of what was accepted."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dispatcher.core.privacy import mask

SHOWN = 3


@dataclass(frozen=True)
class Row:
    """A message of the queue: its number and its *word* of our six."""

    phone: str
    word: str


@dataclass(frozen=True)
class Accepted:
    """A text that the witness accepted, with the segments that the witness bills for it."""

    phone: str
    segments: int


@dataclass(frozen=True)
class Money:
    """A campaign's budget in cents; *price* is that of a segment, *budget* 0 is no limit."""

    price: Decimal
    budget: Decimal
    spent: Decimal
    reserved: Decimal


@dataclass(frozen=True)
class Check:
    """One thing that must hold; *fault* says what is wrong, or is empty."""

    claim: str
    fault: str = ""

    @property
    def holds(self) -> bool:
        return not self.fault


def balance(
    people: Collection[str], rows: Sequence[Row], witness: Sequence[Accepted], money: Money
) -> list[Check]:
    """Compare the *rows* for *people* with what the *witness* saw, number by number.

    A text of unknown fate may have been accepted or not: both are true to the books, and its
    cost is reserved either way.
    """
    by_word = {word: {r.phone for r in rows if r.word == word} for word in _WORDS}
    sent, unknown = by_word["sent"], by_word["unknown"]
    accepted = Counter(entry.phone for entry in witness)
    return [
        Check(
            "each person has one text in the queue, and nobody else has any",
            _each_once(Counter(r.phone for r in rows), set(people)),
        ),
        Check("no text is left behind", named(by_word["pending"] | by_word["sending"])),
        Check("nobody was texted twice", named({p for p, n in accepted.items() if n > 1})),
        Check("what we call sent was accepted", named(sent - set(accepted))),
        Check(
            "what was accepted we call sent, or unknown if its answer was lost",
            named(set(accepted) - sent - unknown),
        ),
        *_priced(witness, sent, unknown, money),
    ]


_WORDS = ("pending", "sending", "sent", "unknown", "failed", "cancelled")


def _priced(
    witness: Sequence[Accepted], sent: set[str], unknown: set[str], money: Money
) -> list[Check]:
    price = money.price
    spent = price * sum(entry.segments for entry in witness if entry.phone in sent)
    seen = [entry for entry in witness if entry.phone in unknown]
    # The witness can't say how long a text was that never reached it: one segment at least.
    unseen = len(unknown - {entry.phone for entry in seen})
    least = price * (sum(entry.segments for entry in seen) + unseen)
    reserved = money.reserved >= least if unseen else money.reserved == least
    total = money.spent + money.reserved
    fits = money.budget == 0 or total <= money.budget
    return [
        Check(
            "spent is the billed segments times their price",
            "" if money.spent == spent else f"{money.spent} cents, not {spent}",
        ),
        Check(
            "reserved is what the unknown may cost, and no more",
            "" if reserved else f"{money.reserved} cents, not {least}",
        ),
        Check(
            "spent and reserved fit the budget",
            "" if fits else f"{total} cents of {money.budget}",
        ),
    ]


def _each_once(rows: Counter[str], people: set[str]) -> str:
    twice = {phone for phone, count in rows.items() if count > 1}
    return named(people ^ set(rows) | twice)


def named(wrong: set[str]) -> str:
    """Name some of the numbers that are *wrong*; nothing if there are none."""
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return ", ".join(mask(phone) for phone in sorted(wrong)[:SHOWN]) + more
