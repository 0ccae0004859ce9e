"""The guard with its rules at hand: what judges, and puts on record why."""

import json
from dataclasses import dataclass
from datetime import datetime

from dispatcher.core import grounds, guard
from dispatcher.core.guard import Memory, Rules, Verdict
from dispatcher.core.message import Facts


@dataclass(frozen=True)
class Judge:
    """Judges by *rules*."""

    rules: Rules

    def __call__(self, facts: Facts, now: datetime) -> Verdict:
        return guard.check(facts, self.rules, now)

    def record(self, facts: Facts, now: datetime, verdict: Verdict) -> str:
        """Return what there is to keep of *verdict*, as JSON."""
        return json.dumps(grounds.record(facts, self.rules, now, verdict), ensure_ascii=False)

    @property
    def memory(self) -> Memory:
        """What it needs to know of earlier promotions to a number."""
        return self.rules.memory
