"""How long a day the hours leave open for those whom texts wait for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher.core import areas, hours, places
from dispatcher.core.guard import Rules
from dispatcher.core.law import Applied
from dispatcher.core.standing import People

EAST = "America/New_York"


@dataclass(frozen=True)
class Window:
    """The time that is *open* within a day for so many *texts*, one of them to *area_code*.

    Next it is open from *opens* to *closes*, None if not soon; *zone* is a clock to show it on.
    """

    area_code: str
    zone: str
    texts: int
    open: timedelta
    opens: datetime | None
    closes: datetime | None


@dataclass(frozen=True)
class Windows:
    """The *shortest* and the *longest*, and that of numbers *anywhere* in the country."""

    shortest: Window
    longest: Window
    anywhere: Window | None


def of(people: Iterable[People], rules: Rules, now: datetime) -> Windows | None:
    """Return how long the hours of *rules* are open in the day from *now*; None: nobody's."""
    texts: Counter[tuple[Applied, ...]] = Counter()
    named: dict[tuple[Applied, ...], tuple[str, str]] = {}
    unknown: set[tuple[Applied, ...]] = set()
    for group in people:
        area = areas.of(group.phone)
        if area is None or group.category not in rules.quiet:
            continue
        applied = rules.law.rules(places.of(area, group.zone))
        nowhere = places.is_unknown(area)
        texts[applied] += group.texts
        named.setdefault(applied, (group.phone[2:5], EAST if nowhere else area.zones[0]))
        if nowhere:
            unknown.add(applied)
    found = {
        applied: _window(applied, *named[applied], number, rules.margin, now)
        for applied, number in texts.items()
        if applied
    }
    if not found:
        return None
    by_length = sorted(found.values(), key=lambda each: (each.open, each.area_code))
    lost = [found[applied] for applied in unknown]
    return Windows(by_length[0], by_length[-1], _together(lost))


def _window(  # noqa: PLR0913, PLR0917  # all that a window is made of
    applied: tuple[Applied, ...],
    area_code: str,
    zone: str,
    texts: int,
    margin: timedelta,
    now: datetime,
) -> Window:
    following = hours.next_open(applied, now, margin)
    return Window(
        area_code,
        zone,
        texts,
        hours.length(applied, now, margin),
        following.opens if following else None,
        following.closes if following else None,
    )


def _together(windows: list[Window]) -> Window | None:
    """Return the shortest of *windows* for all of their texts."""
    if not windows:
        return None
    first = min(windows, key=lambda each: each.open)
    texts = sum(each.texts for each in windows)
    return Window(first.area_code, first.zone, texts, first.open, first.opens, first.closes)
