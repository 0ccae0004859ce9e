"""What happens to the records of the message store, in the order that it happens in."""

import asyncio
import heapq
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from dispatcher.simulator.records import Record


@dataclass(frozen=True)
class Change:
    """A record came to be, or it became something else."""

    record: Record
    is_new: bool


class Changes:
    """What is still to come. *stirred* is set whenever more is."""

    def __init__(self, stirred: asyncio.Event) -> None:
        self._stirred = stirred
        self._numbers = count()
        self._coming: list[tuple[datetime, int, Change]] = []

    def expect(self, record: Record) -> None:
        """Take note of a new record and of all that its plan says."""
        first, *later = record.plan
        self._add(record.accepted_at + first.after, Change(record, is_new=True))
        for step in later:
            self._add(record.accepted_at + step.after, Change(record, is_new=False))

    def altered(self, record: Record, now: datetime) -> None:
        self._add(now, Change(record, is_new=False))

    def occurred(self, now: datetime) -> list[Change]:
        """Return what has happened by *now* and was not returned before."""
        happened = []
        while self._coming and self._coming[0][0] <= now:
            happened.append(heapq.heappop(self._coming)[2])
        return happened

    def next_at(self) -> datetime | None:
        return self._coming[0][0] if self._coming else None

    def _add(self, at: datetime, change: Change) -> None:
        heapq.heappush(self._coming, (at, next(self._numbers), change))
        self._stirred.set()
