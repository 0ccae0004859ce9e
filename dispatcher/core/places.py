"""Where the owner of a number may be: states, each with a time zone."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dispatcher.core import areas
from dispatcher.core.areas import Area

NATION = "US"

# Files of the time zone database that name no place; the first is wherever this machine is.
_NO_PLACE = frozenset({"localtime", "posixrules", "Factory"})

# What these are called says the state; the area codes there go by a larger neighbour's zone.
_OF_A_STATE = {
    "America/Indiana/": "US-IN",
    "America/Indianapolis": "US-IN",
    "America/Fort_Wayne": "US-IN",
    "America/Knox_IN": "US-IN",
    "US/East-Indiana": "US-IN",
    "US/Indiana-Starke": "US-IN",
    "America/Kentucky/": "US-KY",
    "America/Louisville": "US-KY",
    "America/Detroit": "US-MI",
    "America/Menominee": "US-MI",
    "US/Michigan": "US-MI",
    "America/North_Dakota/": "US-ND",
}

_SAMPLES = [datetime(2026, month, day, tzinfo=UTC) for month in range(1, 13) for day in (1, 15)]


class Place(NamedTuple):
    """A *state* by ISO 3166 (US-KY; empty outside of the states), and a *zone* in it."""

    state: str
    zone: str


@lru_cache(maxsize=4096)
def of(area: Area, stored: str | None) -> frozenset[Place]:
    """Return every place that the owner of a number of *area* may be in.

    People move and keep their number, so the zone *stored* with the person does not replace
    the area's: it adds itself, on whose clock the area's state may be meant, and the states in
    it. What is stored can only narrow the hours; if it is not the name of a zone it is ignored.
    """
    at_home = _places(area)
    return at_home.union(*(_moved(name, at_home) for name in zones_in(stored)))


def zones_in(stored: str | None) -> list[str]:
    """Return the zones that *stored* names, several with bars between."""
    names = (name.strip() for name in (stored or "").split("|"))
    return [name for name in names if is_zone(name)]


def _moved(name: str, at_home: frozenset[Place]) -> set[Place]:
    """Return the places that the zone *name* adds to those *at_home*."""
    if any(place.zone == name for place in at_home):
        return set()
    states = {place.state for place in at_home} | _states_of(name, at_home)
    return {Place(state, name) for state in states}


def is_unknown(area: Area) -> bool:
    """Say whether numbers of *area* are bound to no place in the states."""
    return area.region == NATION and not area.state


def _states_of(stored: str, at_home: frozenset[Place]) -> frozenset[str]:
    """Return the states that the zone *stored* speaks of, beside those that are home."""
    for name, state in _OF_A_STATE.items():
        if stored == name or (name.endswith("/") and stored.startswith(name)):
            return frozenset((state,))
    known = _states_by_zone()
    like = {stored} if stored in known else {z for z in known if _same_clock(z, stored)}
    if like & {place.zone for place in at_home}:
        return frozenset()  # another name of the zone at home
    return frozenset(state for zone in like for state in known[zone])


def _places(area: Area) -> frozenset[Place]:
    if is_unknown(area):
        return frozenset(
            Place(state, zone) for zone in area.zones for state in _states_by_zone()[zone]
        )
    return frozenset(Place(area.state, zone) for zone in area.zones)


@cache
def _states_by_zone() -> Mapping[str, frozenset[str]]:
    """Return the states with an area code in each zone."""
    found: dict[str, set[str]] = {}
    for area in areas.every():
        if area.state:
            for zone in area.zones:
                found.setdefault(zone, set()).add(area.state)
    return {zone: frozenset(states) for zone, states in found.items()}


@lru_cache(maxsize=4096)
def _same_clock(zone: str, other: str) -> bool:
    """Say whether their clocks agree all year, so that one may be meant by the other."""
    return all(
        at.astimezone(zone_of(zone)).utcoffset() == at.astimezone(zone_of(other)).utcoffset()
        for at in _SAMPLES
    )


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo:
    """Return the zone. ZoneInfo itself keeps eight, and a toll-free number has eleven."""
    return ZoneInfo(name)


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Say whether *name* is that of an IANA time zone."""
    try:
        zone_of(name)
    except (KeyError, ValueError, OSError):  # unknown; no path, or no zone's file; a folder
        return False
    return name not in _NO_PLACE
