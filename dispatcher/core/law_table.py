"""Reads the table of rules: the product's own `law.csv`, whose head explains it, or another."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import TypeVar

from dispatcher.core import days
from dispatcher.core.errors import DispatcherError
from dispatcher.core.law import NATION, Cap, Rule, Window
from dispatcher.core.places import is_zone

COLUMNS = (
    "place", "weekdays", "saturday", "sunday", "holidays", "also", "clock", "cap", "citation",
    "checked", "confidence", "note",
)  # fmt: skip
CONFIDENCES = ("primary", "agree", "differ", "single", "unconfirmed")
NOTHING, NEVER, BAR = "-", "none", "|"
MIDNIGHT = timedelta(hours=24)
LONGEST_CAP_HOURS = 24 * 31

_VERSION = re.compile(r"#\s*version:\s*([A-Za-z0-9][A-Za-z0-9._-]{0,31})\s*")
_WINDOW = re.compile(r"(\d{1,2})(?::([0-5]\d))?-(\d{1,2})(?::([0-5]\d))?", re.ASCII)
_CAP = re.compile(r"([1-9]\d{0,3}) per (\d{1,4}(?:\.\d{1,6})?) h", re.ASCII)

T = TypeVar("T")


class LawTableError(DispatcherError):
    """The table is refused; *faults* are all that is wrong, each with its line."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(faults))


@dataclass(frozen=True)
class Table:
    """The rules of *version*: the nation's first, then the states'."""

    version: str
    rules: tuple[Rule, ...]


@cache
def own() -> Table:
    """Return the product's own table; it is read once."""
    return parse(files("dispatcher.core").joinpath("law.csv").read_text("utf-8"), "law.csv")


def parse(text: str, name: str) -> Table:
    """Read the table *text* of the file *name*, or raise LawTableError with every fault."""
    lines = text.removeprefix("\ufeff").splitlines()
    faults: list[str] = []
    version = _VERSION.fullmatch(lines[0]) if lines else None
    if version is None:
        faults.append(
            f"{name}, line 1: it must say which version this is, like # version: 2026-11-30"
        )
    rules: dict[str, Rule] = {}
    for number, cells in _rows(lines, name, faults):
        try:
            rule = _rule(cells)
        except ValueError as error:
            faults.append(f"{name}, line {number}: {error}")
            continue
        if rule.place in rules:
            faults.append(f"{name}, line {number}: {rule.place} has a line before this one")
        rules[rule.place] = rule
    if NATION not in rules and not faults:
        faults.append(
            f"{name}: no line says what holds in all the country (its place is {NATION})"
        )
    if faults or version is None:
        raise LawTableError(faults)
    nation = rules.pop(NATION)
    return Table(version[1], (nation, *rules.values()))


def _rows(
    lines: list[str], name: str, faults: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield what is no remark and not empty, without the line that names the columns."""
    told = ((n, x) for n, x in enumerate(lines, 1) if x.strip() and not x.startswith("#"))
    number, header = next(told, (1, ""))
    if tuple(next(csv.reader([header]), ())) != COLUMNS:
        faults.append(f"{name}, line {number}: the columns must be {','.join(COLUMNS)}")
        return
    for number, line in told:
        cells = [cell.strip() for cell in next(csv.reader([line]))]
        if len(cells) == len(COLUMNS):
            yield number, dict(zip(COLUMNS, cells, strict=True))
        else:
            faults.append(
                f"{name}, line {number}: it has {len(cells)} cells instead of {len(COLUMNS)}; "
                'a cell with a comma stands in "quotation marks"'
            )


def _rule(cells: Mapping[str, str]) -> Rule:
    """Return the rule of a line, or raise ValueError with the reason."""
    place = cells["place"]
    state = place.removeprefix(f"{NATION}-")
    if place != NATION and (state == place or state not in days.STATES):
        raise ValueError(f'"{place}" is no place: US, or a state like US-KY')
    keeps = cells["holidays"] != NOTHING
    also = _several(cells, "also", _day)
    if also and not keeps:
        raise ValueError("also names days, but holidays is -: say what holds on them")
    return Rule(
        name=f"hours {place}",
        place=place,
        weekdays=_window(cells, "weekdays"),
        saturday=_window(cells, "saturday"),
        sunday=_window(cells, "sunday"),
        keeps_holidays=keeps,
        holidays=_window(cells, "holidays") if keeps else None,
        # The nation's holidays count in a state too.
        calendars=tuple({NATION, state}) if keeps else (),
        also=also,
        clock=_clock(cells["clock"]),
        caps=_several(cells, "cap", _cap),
        citation=_said(cells, "citation"),
        checked=_checked(cells["checked"]),
        confidence=_confidence(cells["confidence"]),
        note=cells["note"],
    )


def _window(cells: Mapping[str, str], column: str) -> Window | None:
    text = cells[column]
    if text == NEVER:
        return None
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise ValueError(f'{column} is "{text}": it must be like 8-20, 8:30-20 or none')
    opens = timedelta(hours=int(match[1]), minutes=int(match[2] or 0))
    closes = timedelta(hours=int(match[3]), minutes=int(match[4] or 0))
    if not opens < closes <= MIDNIGHT:
        raise ValueError(
            f'{column} is "{text}": it must end after it begins, at 24 at the latest'
        )
    return Window(opens, closes)


def _several(cells: Mapping[str, str], column: str, read: Callable[[str], T]) -> tuple[T, ...]:
    if cells[column] == NOTHING:
        return ()
    return tuple(read(each.strip()) for each in cells[column].split(BAR))


def _day(text: str) -> str:
    if not days.is_day(text):
        raise ValueError(
            f'also names "{text}": it must be {days.GOOD_FRIDAY}, {days.ELECTION_DAY} or a day '
            "like 06-14"
        )
    return text


def _cap(text: str) -> Cap:
    match = _CAP.fullmatch(text)
    if match is None or not 0 < float(match[2]) <= LONGEST_CAP_HOURS:
        raise ValueError(
            f'cap is "{text}": it must be like 3 per 24 h, of at most {LONGEST_CAP_HOURS} hours'
        )
    return Cap(int(match[1]), timedelta(hours=float(match[2])))


def _clock(text: str) -> str | None:
    if text == NOTHING:
        return None
    if not is_zone(text):
        raise ValueError(f'clock is "{text}": it must be - or a time zone like America/Chicago')
    return text


def _said(cells: Mapping[str, str], column: str) -> str:
    if cells[column] in {"", NOTHING}:
        raise ValueError(f"{column} is empty: say where the rule stands")
    return cells[column]


def _checked(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'checked is "{text}": it must be a day like 2026-11-30') from None


def _confidence(text: str) -> str:
    if text not in CONFIDENCES:
        raise ValueError(f'confidence is "{text}": it must be {", ".join(CONFIDENCES)}')
    return text
