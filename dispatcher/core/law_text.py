"""Rules of hours and caps in the words of their table, and what differs between two tables."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from hashlib import sha256

from dispatcher.core.law import Cap, Rule, Window
from dispatcher.core.law_table import BAR, NEVER, NOTHING, Table


def cells(rule: Rule) -> Mapping[str, str]:
    """Return the line of *rule*, by column."""
    return {
        "place": rule.place,
        "weekdays": window(rule.weekdays),
        "saturday": window(rule.saturday),
        "sunday": window(rule.sunday),
        "holidays": window(rule.holidays) if rule.keeps_holidays else NOTHING,
        "also": BAR.join(rule.also) or NOTHING,
        "clock": rule.clock or NOTHING,
        "cap": BAR.join(map(cap, rule.caps)) or NOTHING,
        "citation": rule.citation,
        "checked": rule.checked.isoformat(),
        "confidence": rule.confidence,
        "note": rule.note,
    }


def window(found: Window | None) -> str:
    """Return it like 8:30-20."""
    return f"{_clock(found.opens)}-{_clock(found.closes)}" if found else NEVER


def cap(found: Cap) -> str:
    """Return it like 3 per 24 h."""
    hours = f"{found.within / timedelta(hours=1):.6f}".rstrip("0").rstrip(".")
    return f"{found.most} per {hours} h"


def _clock(time: timedelta) -> str:
    hours, minutes = divmod(time // timedelta(minutes=1), 60)
    return f"{hours}:{minutes:02}" if minutes else f"{hours}"


def print_of(table: Table) -> str:
    """Return eight letters that follow from what *table* says, its version aside.

    Letters alone: digits would pass for a telephone number, and be masked in a log.
    """
    told = json.dumps([cells(rule) for rule in table.rules])
    digits = sha256(told.encode()).hexdigest()[:8]
    return digits.translate(_LETTERS)


_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def changes(old: Table, new: Table) -> list[str]:
    """Return what *new* says otherwise than *old*, a sentence for each cell."""
    before, after = ({r.place: cells(r) for r in table.rules} for table in (old, new))
    return [
        sentence
        for place in dict.fromkeys([*before, *after])
        for sentence in _of_place(place, before.get(place), after.get(place))
    ]


def _of_place(
    place: str, before: Mapping[str, str] | None, after: Mapping[str, str] | None
) -> Iterator[str]:
    if after is None:
        yield f"{place}: its line is gone"
    elif before is None:
        hours = ", ".join(f"{column} {after[column]}" for column in _HOURS)
        yield f"{place}: it is new, {hours}"
    else:
        for column, was in before.items():
            if was != after[column]:
                is_ = after[column] or "empty"
                yield f"{place}: {column} was {was or 'empty'}, and is {is_}"


_HOURS = ("weekdays", "saturday", "sunday", "holidays", "cap")
