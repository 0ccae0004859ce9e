"""The message store: what was accepted and received, in its order, and how it is searched."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatcher.simulator.changes import Changes
from dispatcher.simulator.faults import Fault
from dispatcher.simulator.records import RECEIVED, Record, plan
from dispatcher.simulator.segments import segment_count
from dispatcher.simulator.settings import Settings

FIRST_ID = 315450330010
FIRST_CONVERSATION = 4481650717038104652  # beyond 2**53: no float can hold it


@dataclass(frozen=True)
class Filter:
    """What a list or a sync asks for; an empty tuple asks for all."""

    since: datetime
    until: datetime | None = None
    types: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    availability: tuple[str, ...] = ("Alive",)
    number: str | None = None
    conversation: str | None = None

    def takes(self, record: Record) -> bool:
        return (
            (self.until is None or record.accepted_at <= self.until)
            and self._takes_kind(record)
            and record.available in self.availability
            and self.number in (None, record.sender, *record.to)
            and self.conversation in (None, str(record.conversation))
        )

    def _takes_kind(self, record: Record) -> bool:
        return (
            (not self.types or "SMS" in self.types)
            and (not self.directions or record.direction in self.directions)
            and (not self.read or record.read in self.read)
        )


class Store:
    """Every record of every user. Nothing is forgotten but what is purged."""

    def __init__(self, settings: Settings, changes: Changes) -> None:
        self._settings = settings
        self._changes = changes
        self._next_id = FIRST_ID
        self._deleted: list[Record] = []
        self._longest_plan = timedelta(
            seconds=settings.lag + max(settings.sent_after, settings.final_after)
        )
        self._records: dict[int, Record] = {}
        self._of_user: defaultdict[int, list[Record]] = defaultdict(list)
        self._with_number: defaultdict[tuple[int, str], list[Record]] = defaultdict(list)
        self._conversations: dict[tuple[int, str, tuple[str, ...]], int] = {}

    def accept(  # noqa: PLR0913 - a record has that many facts
        self,
        user: int,
        sender: str,
        to: tuple[str, ...],
        text: str,
        now: datetime,
        *,
        attachments: int = 0,
        fault: Fault | None = None,
    ) -> Record:
        """Keep a text that the user sent."""
        accepted_at, visible_at = self._times(now)
        return self._keep(
            Record(
                self._take_id(),
                user,
                self._conversation(user, sender, to),
                sender,
                to,
                text,
                accepted_at,
                visible_at,
                plan(self._settings, fault),
                (fault and fault.segments) or segment_count(text),
                attachments=attachments,
            )
        )

    def receive(self, user: int, sender: str, to: str, text: str, now: datetime) -> Record:
        """Keep a text that somebody sent to the user's number *to*."""
        accepted_at, visible_at = self._times(now)
        return self._keep(
            Record(
                self._take_id(),
                user,
                self._conversation(user, to, (sender,)),
                sender,
                (to,),
                text,
                accepted_at,
                visible_at,
                RECEIVED,
                segment_count(text),
                inbound=True,
            )
        )

    def get(self, user: int, record_id: int) -> Record | None:
        """Return a record by its id, which needs no index and so knows no lag."""
        record = self._records.get(record_id)
        return (
            record if record and record.user == user and record.available != "Purged" else None
        )

    def find(self, user: int, wanted: Filter, now: datetime) -> list[Record]:
        """Return what is visible at *now*, the newest first."""
        records = self._candidates(user, wanted.number)
        first = bisect_left(records, wanted.since, key=lambda record: record.accepted_at)
        return [
            record
            for record in reversed(records[first:])
            if record.visible_at <= now and wanted.takes(record)
        ]

    def changed(
        self, user: int, wanted: Filter, changed_since: datetime, now: datetime
    ) -> list[Record]:
        """Return what became visible or changed after *changed_since*, the newest first."""
        # Only a deletion changes a record whose plan is through: the old ones need no look.
        since = max(wanted.since, changed_since - self._longest_plan)
        found = {
            record.id: record for record in self.find(user, replace(wanted, since=since), now)
        }
        gone = (record for record in self._deleted if record.user == user)
        found |= {
            record.id: record
            for record in gone
            if record.accepted_at >= wanted.since and wanted.takes(record)
        }
        newest = sorted(found.values(), key=lambda record: record.id, reverse=True)
        return [record for record in newest if record.noticed_at(now) > changed_since]

    def delete(self, record_id: int, now: datetime, *, purge: bool = False) -> bool:
        """Do what a person does in the app; tell whether there was such a record."""
        record = self._records.get(record_id)
        if record is None:
            return False
        record.available, record.deleted_at = ("Purged" if purge else "Deleted"), now
        if record not in self._deleted:
            self._deleted.append(record)
        self._changes.altered(record, now)
        return True

    def _times(self, now: datetime) -> tuple[datetime, datetime]:
        """Return when a record came and when lists show it."""
        # What the API shows has milliseconds; what it filters by must be the same.
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        return now, now + timedelta(seconds=self._settings.lag)

    def _take_id(self) -> int:
        taken, self._next_id = self._next_id, self._next_id + 4
        return taken

    def _keep(self, record: Record) -> Record:
        self._records[record.id] = record
        self._of_user[record.user].append(record)
        for number in {record.sender, *record.to}:
            self._with_number[record.user, number].append(record)
        self._changes.expect(record)
        return record

    def _candidates(self, user: int, number: str | None) -> Sequence[Record]:
        if number is None:
            return self._of_user.get(user, [])
        return self._with_number.get((user, number), [])

    def _conversation(self, user: int, sender: str, to: tuple[str, ...]) -> int:
        key = (user, sender, tuple(sorted(to)))
        return self._conversations.setdefault(
            key, FIRST_CONVERSATION + len(self._conversations)
        )
