"""The guard with its rules at hand: what judges, and puts on record why."""

import json
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime

from dispatcher.core import grounds, guard
from dispatcher.core.guard import Cancel, Defer, Memory, Rules, Verdict
from dispatcher.core.message import Facts
from dispatcher.core.reason import Reason

AREA = len("+1916")  # of a number, what tells where it is


@dataclass
class _Alike:
    """The records of texts that differ in nothing that a record holds, *at* one moment."""

    at: datetime | None = None
    records: dict[Hashable, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Judge:
    """Judges by *rules*."""

    rules: Rules
    _alike: _Alike = field(default_factory=_Alike, repr=False, compare=False)

    def __call__(self, facts: Facts, now: datetime) -> Verdict:
        return guard.check(facts, self.rules, now)

    def put_off(self, facts: Facts, until: datetime, reason: Reason) -> Defer | Cancel:
        """Return what becomes of a text that for *reason* may not leave before *until*."""
        return guard.put_off(facts, self.rules, until, reason)

    def record(self, facts: Facts, now: datetime, verdict: Verdict) -> str:
        """Return what there is to keep of *verdict*, as JSON.

        Of texts that are judged together most are alike: it is made once for all of them.
        """
        if self._alike.at != now:
            self._alike.at, self._alike.records = now, {}
        reason, by = getattr(verdict, "reason", None), getattr(verdict, "by", "")
        alike = (
            type(verdict), reason, by, facts.category, facts.zone, facts.promoted,
            facts.phone and facts.phone[:AREA],
        )  # fmt: skip
        records = self._alike.records
        if alike not in records:
            kept = grounds.record(facts, self.rules, now, verdict)
            kept.pop("until", None)
            records[alike] = json.dumps(kept, ensure_ascii=False)
        if not isinstance(verdict, Defer):
            return records[alike]
        return f'{{"until": "{grounds.time(verdict.until)}", {records[alike][1:]}'

    @property
    def memory(self) -> Memory:
        """What it needs to know of earlier promotions to a number."""
        return self.rules.memory
