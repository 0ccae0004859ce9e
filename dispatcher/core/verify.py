"""Whether the queue, the ledger and the budgets say the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby, pairwise
from uuid import UUID

SHOWN = 3


class Fault(StrEnum):
    """What is wrong; SENTENCES says it in words."""

    STRANGE_ATTEMPT = "strange_attempt"
    PENDING_AGAIN = "pending_again"
    UNCLAIMED = "unclaimed"
    LEFT_BEHIND = "left_behind"
    DOUBT_DIFFERS = "doubt_differs"
    SENT_UNACCEPTED = "sent_unaccepted"
    PROVIDER_DIFFERS = "provider_differs"
    FAILED_UNSETTLED = "failed_unsettled"
    NO_REASON = "no_reason"
    MISRESERVED = "misreserved"
    MISBILLED = "misbilled"
    MISDECIDED = "misdecided"
    DISOWNED = "disowned"
    PROVIDER_TWICE = "provider_twice"
    EVENT_OF_NONE = "event_of_none"
    EVENT_TWICE = "event_twice"
    NO_EVENT = "no_event"
    EVENT_DIFFERS = "event_differs"
    ACCEPTED_TWICE = "accepted_twice"
    BUDGET_DIFFERS = "budget_differs"
    DAY_DIFFERS = "day_differs"
    NOT_IN_RECORD = "not_in_record"
    ONLY_IN_RECORD = "only_in_record"
    TWICE_IN_RECORD = "twice_in_record"


THEIRS = "theirs"
"""No fault: the application ended these texts itself."""

SENTENCES: Mapping[Fault, str] = {
    Fault.STRANGE_ATTEMPT: "a text names an attempt that is not in the ledger, or another's",
    Fault.PENDING_AGAIN: "a text waits to be sent though it went out, or may have",
    Fault.UNCLAIMED: "a text is sending, and neither claimed nor opened nor held",
    Fault.LEFT_BEHIND: "a text is sending though its attempt is settled",
    Fault.DOUBT_DIFFERS: "the text and its attempt differ in whether its fate is unknown",
    Fault.SENT_UNACCEPTED: "a text counts as sent without an attempt that was accepted",
    Fault.PROVIDER_DIFFERS: "a text and its attempt have different ids of RingCentral's",
    Fault.FAILED_UNSETTLED: "a text counts as failed though it went out, or may have",
    Fault.NO_REASON: "a text failed and nothing says why",
    Fault.MISRESERVED: "an attempt reserved other than its segments times their price",
    Fault.MISBILLED: "an attempt's bill or id is not what its outcome and segments say",
    Fault.MISDECIDED: "an attempt's outcome contradicts what was decided of it",
    Fault.DISOWNED: "an attempt without an answer is not the one that its text waits for",
    Fault.PROVIDER_TWICE: "an id of RingCentral's belongs to two attempts",
    Fault.EVENT_OF_NONE: "a delivery event belongs to no attempt",
    Fault.EVENT_TWICE: "an attempt has two delivery events",
    Fault.NO_EVENT: "an accepted attempt has no delivery event",
    Fault.EVENT_DIFFERS: "an attempt and its delivery event are billed differently",
    Fault.ACCEPTED_TWICE: "a text was accepted twice, and nobody decided that it should be",
    Fault.BUDGET_DIFFERS: "a campaign's budget and the ledger differ",
    Fault.DAY_DIFFERS: "the account's day and the ledger differ",
    Fault.NOT_IN_RECORD: "an attempt was accepted, and RingCentral's record doesn't show it",
    Fault.ONLY_IN_RECORD: "RingCentral's record shows a text that we say did not go out",
    Fault.TWICE_IN_RECORD: "RingCentral's record shows a text of an attempt once more",
}


@dataclass(frozen=True)
class Finding:
    """A fault, how often it was found, and some ids; *texts* counts whatever it is about."""

    fault: Fault
    texts: int
    examples: Sequence[str]


@dataclass(frozen=True)
class Purse:
    """What a campaign or a day has spent and reserved, in cents."""

    name: str
    is_day: bool
    spent: Decimal
    reserved: Decimal
    rounds: bool = True


@dataclass(frozen=True)
class Taken:
    """An attempt that RingCentral took, and when news came that it did not arrive."""

    message: UUID
    attempt: int
    opened_at: datetime
    decision: str | None
    failed_at: datetime | None


def finding(fault: Fault, examples: Sequence[str]) -> list[Finding]:
    """Return one finding of *examples*, or none if there are none."""
    return [Finding(fault, len(examples), examples[:SHOWN])] if examples else []


def money(ledger: Iterable[Purse], books: Iterable[Purse]) -> list[Finding]:
    """Compare what was settled and reserved with what the budgets say, to the last digit.

    A campaign without a budget has no book; a day always has one.
    """
    said = {(p.is_day, p.name): p for p in ledger}
    booked = {(p.is_day, p.name): p for p in books}
    missing = [p for k, p in said.items() if p.is_day and k not in booked]
    wrong = [
        _difference(book, said.get(key, Purse(book.name, book.is_day, _NOTHING, _NOTHING)))
        for key, book in booked.items()
    ] + [_difference(Purse(p.name, p.is_day, _NOTHING, _NOTHING), p) for p in missing]
    days = sorted(text for is_day, text in filter(None, wrong) if is_day)
    budgets = sorted(text for is_day, text in filter(None, wrong) if not is_day)
    return finding(Fault.BUDGET_DIFFERS, budgets) + finding(Fault.DAY_DIFFERS, days)


_NOTHING = Decimal(0)


def _difference(book: Purse, ledger: Purse) -> tuple[bool, str] | None:
    said = [
        f"{what} {of_book}, the ledger says {of_ledger}"
        for what, of_book, of_ledger in (
            ("spent", book.spent, ledger.spent),
            ("reserved", book.reserved, ledger.reserved),
        )
        if of_book != of_ledger
    ] + ([] if book.rounds else ["the whole cents differ"])
    return (book.is_day, f"{book.name}: {'; '.join(said)}") if said else None


def twice(taken: Iterable[Taken]) -> list[Finding]:
    """Return the messages that were taken twice without a reason for it.

    A reason is a decision on the earlier attempt (resent, or a person said that it failed), or
    that it had failed for good before the next was opened. *taken* is in the order of message
    and attempt.
    """
    wrong = [
        str(message)
        for message, attempts in groupby(taken, key=lambda t: t.message)
        if not all(_justified(a, b) for a, b in pairwise(attempts))
    ]
    return finding(Fault.ACCEPTED_TWICE, wrong)


def _justified(earlier: Taken, later: Taken) -> bool:
    if earlier.decision in {"resent", "failed"}:
        return True
    return earlier.failed_at is not None and earlier.failed_at <= later.opened_at
