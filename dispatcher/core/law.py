"""The rules of hours and caps, and which of them hold for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache

from dispatcher.core import days
from dispatcher.core.places import Place

NATION = "US"


class Hours(StrEnum):
    """Which rules hold: the nation's, the states' too, or for everybody the strictest."""

    FEDERAL = "federal"
    FEDERAL_AND_STATE = "federal+state"
    STRICTEST = "strictest-us"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Window:
    """From *opens* to *closes*, counted from midnight on a clock; *closes* is not included."""

    opens: timedelta
    closes: timedelta


@dataclass(frozen=True, slots=True)
class Cap:
    """At most *most* promotions to one person *within* any stretch of time so long."""

    most: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class NamedCap:
    """A *cap*, and the *name* of the rule that it comes from: `cap person`, `cap US-FL`."""

    name: str
    cap: Cap


@dataclass(frozen=True, eq=False)
class Rule:
    """A line of the table: when promotions may leave, on the clock of a zone.

    *keeps_holidays* says that *holidays* goes before the day of the week, where None is not at
    all: on those of *calendars* (states, or the nation's as US), and on the days *also*. With a
    *clock* it is judged by that zone's, else by those that the person may be in.
    """

    name: str
    place: str
    weekdays: Window | None
    saturday: Window | None
    sunday: Window | None
    keeps_holidays: bool = False
    holidays: Window | None = None
    calendars: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    clock: str | None = None
    caps: tuple[Cap, ...] = ()
    citation: str = ""
    checked: date = date.min
    confidence: str = ""
    note: str = ""

    def window(self, day: date) -> Window | None:
        """Return when it allows promotions on *day*; None: not at all."""
        if self.keeps_holidays and days.is_holiday(day, self.calendars, self.also):
            return self.holidays
        weekday = day.isoweekday()
        return {6: self.saturday, 7: self.sunday}.get(weekday, self.weekdays)


Applied = tuple[Rule, str]
"""A rule, and the zone on whose clock it holds."""


@dataclass(frozen=True, eq=False)
class Law:
    """The table of *version*, as far as the profile *hours* has it hold."""

    version: str
    hours: Hours
    nation: Rule | None
    states: Mapping[str, Rule]

    def rules(self, places: frozenset[Place]) -> tuple[Applied, ...]:
        """Return each rule that holds for a person who may be in *places*, with its clock."""
        return _rules(self, places)

    def caps(self, places: frozenset[Place]) -> tuple[NamedCap, ...]:
        """Return the caps that hold for a person who may be in *places*."""
        return _caps(self, places)

    @cached_property
    def longest(self) -> timedelta:
        """How far back its caps look."""
        return max((c.within for c in self._every_cap), default=timedelta(0))

    @cached_property
    def most(self) -> int:
        """How many promotions its caps count at most."""
        return max((c.most for c in self._every_cap), default=0)

    @property
    def _every_cap(self) -> list[Cap]:
        nation = [self.nation] if self.nation else []
        return [cap for rule in (*nation, *self.states.values()) for cap in rule.caps]


@lru_cache(maxsize=4096)
def _rules(law: Law, places: frozenset[Place]) -> tuple[Applied, ...]:
    if law.nation is None:
        return ()
    found = {(law.nation, place.zone) for place in places}
    for place in places:
        if rule := law.states.get(place.state):
            found.add((rule, rule.clock or place.zone))
    return tuple(sorted(found, key=lambda each: (each[0].place, each[1])))


@lru_cache(maxsize=4096)
def _caps(law: Law, places: frozenset[Place]) -> tuple[NamedCap, ...]:
    rules = dict.fromkeys(rule for rule, _ in _rules(law, places))
    return tuple(
        NamedCap(f"cap {rule.name.removeprefix('hours ')}", cap)
        for rule in rules
        for cap in rule.caps
    )


def law(version: str, rules: Sequence[Rule], hours: Hours) -> Law:
    """Return what of *rules*, the first of them the nation's, holds by the profile *hours*."""
    nation, *states = rules
    match hours:
        case Hours.OFF:
            return Law(version, hours, None, {})
        case Hours.FEDERAL:
            return Law(version, hours, nation, {})
        case Hours.FEDERAL_AND_STATE:
            return Law(version, hours, nation, {r.place: r for r in states})
        case Hours.STRICTEST:
            return Law(version, hours, strictest(rules), {})


def strictest(rules: Sequence[Rule]) -> Rule:
    """Return one rule for everybody that keeps all of *rules*, each on the person's clock."""
    weekdays, saturday, sunday = (
        _common([getattr(rule, day) for rule in rules])
        for day in ("weekdays", "saturday", "sunday")
    )
    keeping = [rule for rule in rules if rule.keeps_holidays]
    # A holiday of one is no ordinary day of another: both hold.
    kept = [rule.holidays for rule in keeping] or [None]
    return Rule(
        name=f"hours {Hours.STRICTEST}",
        place=NATION,
        weekdays=weekdays,
        saturday=saturday,
        sunday=sunday,
        keeps_holidays=bool(keeping),
        holidays=_common([*kept, weekdays, saturday, sunday]),
        calendars=tuple(sorted({c for rule in keeping for c in rule.calendars})),
        also=tuple(sorted({day for rule in keeping for day in rule.also})),
        caps=tuple(dict.fromkeys(cap for rule in rules for cap in rule.caps)),
    )


def _common(windows: Sequence[Window | None]) -> Window | None:
    if not all(windows):
        return None
    opens = max(w.opens for w in windows if w)
    closes = min(w.closes for w in windows if w)
    return Window(opens, closes) if opens < closes else None
