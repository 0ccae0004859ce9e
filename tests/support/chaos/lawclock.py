"""The clock by which the law judges in a storm: from one edge of a day to the next, in seconds.

Between two visits it runs as the real one does; what lies between them is left out. It never
runs backwards, so that every instant of the law has one real instant from which on it is past.
"""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple


class Visit(NamedTuple):
    """From the real *since* on the law's clock runs on from *law*."""

    since: datetime
    law: datetime


@dataclass(frozen=True)
class LawClock:
    """The *visits* in their order; the first has been since ever, the last never ends."""

    visits: Sequence[Visit]

    def law(self, now: datetime) -> datetime:
        """Return the law's time at a real one."""
        n = bisect_right(self.visits, now, key=lambda v: v.since)
        since, law = self.visits[max(n - 1, 0)]
        return law + (now - since)

    def real(self, law: datetime) -> datetime:
        """Return when the law's clock first shows *law* or more."""
        n = max(bisect_right(self.visits, law, key=lambda v: v.law) - 1, 0)
        since, begun = self.visits[n]
        reached = since + (law - begun)
        return min(reached, self.visits[n + 1].since) if n + 1 < len(self.visits) else reached

    def until(self, visit: Visit) -> "LawClock":
        """Return this clock with *visit* as the last, in place of all that came later."""
        return LawClock([*(v for v in self.visits if v.since < visit.since), visit])

    def save(self, path: Path) -> None:
        """Write it to *path*, all at once."""
        new = path.with_suffix(".new")
        new.write_text(json.dumps([[at.isoformat() for at in v] for v in self.visits]))
        new.replace(path)

    @classmethod
    def load(cls, path: Path) -> "LawClock":
        told = json.loads(path.read_text())
        return cls([Visit(*map(datetime.fromisoformat, each)) for each in told])


class Followed:
    """The clock in a file, which may be written anew."""

    def __init__(self, path: Path) -> None:
        self._path, self._seen = path, (0, 0)
        self._clock = LawClock([])

    def look(self) -> LawClock:
        told = self._path.stat()
        seen = (told.st_ino, told.st_mtime_ns)
        if seen != self._seen:
            self._seen, self._clock = seen, LawClock.load(self._path)
        return self._clock
