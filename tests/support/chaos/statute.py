"""The law that a storm rages under: the strictest, with a clock, a zone and caps of its own."""

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path

from dispatcher.core import hours
from dispatcher.core.hours import Open
from dispatcher.core.law import Applied
from dispatcher.store.database import Connection
from support.chaos import zones
from support.chaos.course import NOON, course
from support.chaos.curfew import MORNING, MOVED, MOVES, Cap, Curfew
from support.chaos.lawclock import Followed, Visit

MARGIN_MINUTES = "0.04"  # 2.4 s
MARGIN = timedelta(minutes=float(MARGIN_MINUTES))
CLOCK = "STORM_LAW_CLOCK"
LONG_HOURS = "720"  # weeks pass: nothing expires
NOTICE = timedelta(seconds=1)  # before the law's clock changes its course: all have read it
WOKEN_AT_ONCE = 5
SHUT = "status = 'pending' AND not_before > now() AND reason IN ('quiet_hours', 'frequency_cap', 'in_doubt')"
WAKE = f"""
UPDATE newsletter.sms_send_queue SET not_before = now()
 WHERE id IN (SELECT id FROM newsletter.sms_send_queue WHERE {SHUT}
               ORDER BY phone_number IN (SELECT phone FROM newsletter.sms_attempts WHERE outcome = 'ambiguous' AND looks < 2) DESC, random()
               LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED)
"""
WAKE_ALL = f"UPDATE newsletter.sms_send_queue SET not_before = now() WHERE {SHUT} AND reason <> 'frequency_cap'"


@dataclass
class Statute:
    """What the witness judges by, and where the daemons read the same."""

    curfew: Curfew
    settings: dict[str, str]
    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        """What a daemon is told beside its settings."""
        return {CLOCK: str(self._clock)}

    @property
    def _clock(self) -> Path:
        return self.folder / "clock.json"

    def begin(self) -> None:
        """Write down what the daemons read; PYTHONTZPATH is *folder*."""
        zones.write(self.folder, MOVED, MOVES, MORNING)
        self.curfew.clock.save(self._clock)

    def calm(self, now: datetime) -> None:
        """Let it be noon, everywhere and for good: the course may have come there by itself."""
        if self.curfew.clock.law(now + NOTICE) >= NOON:
            return
        clock = self.curfew.clock.until(Visit(now + NOTICE, NOON))
        clock.save(self._clock)
        self.curfew = replace(self.curfew, clock=clock)


def statute(folder: Path, seed: int, now: datetime) -> Statute:
    """Make the law of the storm that *seed* deals, from *now* on."""
    chance = random.Random(f"law {seed}")  # noqa: S311 - chance that can be repeated
    ours = _cap(chance, 15, 20)
    table, caps = _table(chance)
    (folder / "law.csv").write_text(table, "utf-8")
    settings = {
        "hours": "strictest-us",
        "rules_file": str(folder / "law.csv"),
        "hours_margin_minutes": MARGIN_MINUTES,
        "cap_promotions": str(ours.most),
        "cap_hours": str(ours.within / timedelta(hours=1)),
        "expire_promotion_hours": LONG_HOURS,
        "expire_reminder_hours": LONG_HOURS,
    }
    curfew = Curfew(course(now, chance, MARGIN), [ours, *caps], MARGIN)
    made = Statute(curfew, settings, folder)
    made.begin()
    return made


def _cap(chance: random.Random, shortest: int, longest: int) -> Cap:
    """Return one or two promotions in some seconds each, told in ten thousandths of an hour."""
    most = chance.randint(1, 2)
    return Cap(most, timedelta(hours=1) * most * chance.randint(shortest, longest) / 10_000)


def _table(chance: random.Random) -> tuple[str, Sequence[Cap]]:
    """Return our own table with other caps, and these: some seconds in place of a day."""
    own = resources.files("dispatcher.core").joinpath("law.csv").read_text("utf-8")
    heads = [line for line in own.splitlines() if line.startswith("#")]
    rows = list(csv.DictReader(line for line in own.splitlines() if not line.startswith("#")))
    caps = []
    for row in rows:
        if row["cap"] != "-":
            caps.append(cap := _cap(chance, 10, 15))
            row["cap"] = f"{cap.most} per {cap.within / timedelta(hours=1):.4f} h"
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return "\n".join(["# version: storm", *heads[1:], out.getvalue()]), caps


def obey(path: Path) -> None:
    """Let this process judge by the law's clock in *path*, and go on by the real one."""
    whole, followed = hours.next_open, Followed(path)

    def by_clock(rules: tuple[Applied, ...], now: datetime, margin: timedelta) -> Open | None:
        clock = followed.look()
        found = whole(rules, clock.law(now), margin)
        return found and Open(clock.real(found.opens), clock.real(found.closes), found.last)

    hours.next_open = by_clock  # type: ignore[assignment]


async def wake(conn: Connection) -> None:
    """Let some who wait for their hour come before it: they must be judged anew.

    First those to whom another text may be on its way.
    """
    await conn.execute(WAKE, WOKEN_AT_ONCE)


async def wake_all(conn: Connection) -> None:
    """Let all come who were told to wait for an hour that has been left out."""
    await conn.execute(WAKE_ALL)
