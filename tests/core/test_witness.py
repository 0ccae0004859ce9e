"""The ledger beside RingCentral's record."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dispatcher.core.reconcile import Record
from dispatcher.core.verify import Fault
from dispatcher.core.witness import Entry, compare

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
US, THEM, HELLO = "+19165550199", "+19165550100", b"hello"
OURS = Entry(1, US, THEM, HELLO, NOON, NOON + 5 * SECOND, "900", missing=False, expected=True)
ABSENT = replace(OURS, provider_id=None, missing=True, expected=False)
OPEN = replace(OURS, provider_id=None, expected=False)
RECORD = Record("900", US, THEM, HELLO, NOON + SECOND)
OTHER = replace(RECORD, provider_id="901")


@pytest.mark.parametrize(
    ("entries", "records", "counts", "faults"),
    [
        ([OURS], [RECORD], (1, 1, 0, 0), []),
        ([OURS], [], (0, 0, 0, 0), [Fault.NOT_IN_RECORD]),
        ([replace(OURS, expected=False)], [], (0, 0, 0, 0), []),
        ([], [OTHER], (1, 0, 1, 0), []),
        ([OURS], [RECORD, OTHER], (2, 1, 0, 0), [Fault.TWICE_IN_RECORD]),
        ([OURS], [RECORD, replace(OTHER, text_hash=b"bye")], (2, 1, 1, 0), []),
        ([OURS], [RECORD, replace(OTHER, phone=US)], (2, 1, 1, 0), []),
        ([OURS], [RECORD, replace(OTHER, created_at=NOON + 900 * SECOND)], (2, 1, 1, 0), []),
        ([ABSENT], [OTHER], (1, 0, 0, 0), [Fault.ONLY_IN_RECORD]),
        ([OPEN], [OTHER], (1, 0, 0, 1), []),
        ([ABSENT, OPEN], [OTHER], (1, 0, 0, 1), []),
        ([ABSENT, OURS], [RECORD], (1, 1, 0, 0), []),
    ],
)
def test_compare(
    entries: list[Entry],
    records: list[Record],
    counts: tuple[int, ...],
    faults: list[Fault],
) -> None:
    found = compare(entries, records, {"900"}, 25 * SECOND)
    assert (found.records, found.ours, found.foreign, found.unsure) == counts
    assert [f.fault for f in found.findings] == faults
