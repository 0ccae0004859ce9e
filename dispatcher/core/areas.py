"""Tells from a North American number's area code where its owner may be."""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_NUMBER = re.compile(r"\+1([2-9][0-9]{2})[0-9]{7}")


@dataclass(frozen=True)
class Area:
    """Where the numbers of an area code are.

    *region* is the country or territory, by ISO 3166 (`US`, `CA`, `PR`); +1 belongs to 25 of
    them. *state* is `US-KY` and the like, empty elsewhere and for a number bound to no place.
    *zones* are all the IANA zones that a number may be in, and never none.
    """

    region: str
    state: str
    zones: tuple[str, ...]


def of(phone: str) -> Area | None:
    """Return the area of *phone*, spelled in E.164; None if its area code is not assigned.

    A toll-free or other number bound to no place may be anywhere in its country.
    """
    number = _NUMBER.fullmatch(phone)
    return _areas().get(number[1]) if number else None


def every() -> Iterable[Area]:
    """Return the area of each code that is assigned."""
    return _areas().values()


@cache
def _areas() -> Mapping[str, Area]:
    text = files("dispatcher.core").joinpath("areas.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return {r["area_code"]: _area(r) for r in rows}


def _area(row: Mapping[str, str]) -> Area:
    state = f"{row['region']}-{row['state']}" if row["state"] else ""
    return Area(row["region"], state, tuple(row["zones"].split("|")))
