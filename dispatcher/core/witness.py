"""Whether the ledger and RingCentral's own record name the same texts."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatcher.core.reconcile import MARGIN, Record
from dispatcher.core.verify import Fault, Finding, finding


@dataclass(frozen=True)
class Entry:
    """An attempt of the ledger, *missing* if we say that it surely never arrived.

    *expected*: it was accepted long enough ago for the record to show it.
    """

    attempt: int
    sender: str = field(repr=False)
    phone: str = field(repr=False)
    text_hash: bytes = field(repr=False)
    opened_at: datetime
    send_by: datetime
    provider_id: str | None
    missing: bool
    expected: bool

    def fits(self, record: Record, longest: timedelta) -> bool:
        """Tell whether *record* may be of this attempt."""
        first, last = self.opened_at - MARGIN, self.send_by + longest + MARGIN
        return self.text_hash == record.text_hash and first <= record.created_at <= last


@dataclass(frozen=True)
class Span:
    """The time that is compared; a request lasts *longest* at most.

    What was settled after *settled_by* need not stand in the record yet.
    """

    since: datetime
    settled_by: datetime
    longest: timedelta


@dataclass(frozen=True)
class Compared:
    """*records* were read: *ours*, *foreign* (nobody here sent them) or *unsure*.

    An unsure one may be the text of an attempt whose id nobody knows yet.
    """

    records: int
    ours: int
    foreign: int
    unsure: int
    findings: list[Finding]


def compare(
    entries: Collection[Entry],
    records: Iterable[Record],
    ours: Collection[str],
    longest: timedelta,
) -> Compared:
    """Compare the *entries* of a time with the *records* of that time.

    *ours* are the ids of *records* that the ledger knows, from whatever time; *longest* is how
    long a request may take.
    """
    by_id = {r.provider_id: r for r in records}
    by_pair: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        by_pair[entry.sender, entry.phone].append(entry)
    free = [r for r in by_id.values() if r.provider_id not in ours]
    alike = [[e for e in by_pair.get(r.pair, ()) if e.fits(r, longest)] for r in free]
    some = [found for found in alike if found]
    known = [f for f in some if all(e.missing or e.provider_id for e in f)]
    hidden = [f[-1] for f in known if all(e.missing for e in f)]
    again = [f[-1] for f in known if not all(e.missing for e in f)]
    lost = [e for e in entries if e.expected and e.provider_id not in by_id]
    return Compared(
        records=len(by_id),
        ours=len(by_id) - len(free),
        foreign=len(free) - len(some),
        unsure=len(some) - len(known),
        findings=_named(Fault.NOT_IN_RECORD, lost)
        + _named(Fault.ONLY_IN_RECORD, hidden)
        + _named(Fault.TWICE_IN_RECORD, again),
    )


def _named(fault: Fault, entries: Iterable[Entry]) -> list[Finding]:
    return finding(fault, [str(n) for n in sorted(e.attempt for e in entries)])
