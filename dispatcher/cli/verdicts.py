"""A verdict as it is on record, in words: what each rule said, and where it stands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from dispatcher.cli import words
from dispatcher.core import areas, places
from dispatcher.core.law_table import Table
from dispatcher.core.reason import SENTENCES, Reason

Record = Mapping[str, Any]

WRONG_TABLE = "The table of rules that is set is wrong: sms-dispatcher rules says why."
MOST_CLOCKS = 3
DONE = {
    "allow": "allowed",
    "defer": "deferred",
    "cancel": "cancelled",
    "wait": "nothing against it, but its campaign is not sending",
}


@dataclass(frozen=True)
class Clock:
    """A time *zone* to show times in, and in words whose it is."""

    zone: str
    whose: str

    def show(self, at: str | datetime) -> str:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        return words.clock(moment, self.zone)


def clock_of(phone: str, stored: str | None) -> Clock:
    """Return the person's clock: the zone that is stored, else one of the number's area."""
    name = (stored or "").strip()
    if places.is_zone(name):
        return Clock(name, "the zone that is stored with the person")
    area = areas.of(phone)
    if area is None or places.is_unknown(area):
        return Clock("UTC", "no zone is known of the person")
    several = "a zone" if len(area.zones) > 1 else "the zone"
    return Clock(area.zones[0], f"{several} of area code {phone[2:5]}")


def citations(record: Record, tables: Sequence[Table]) -> dict[str, str] | None:
    """Return where the rules of *record* stand; None if no table of its version is at hand."""
    table = next((each for each in tables if each.version == record.get("version")), None)
    if table is None:
        return None
    known = {rule.place: rule.citation for rule in table.rules}
    named = {each["rule"] for key in ("hours", "caps") for each in record.get(key, ())}
    places_of = {rule: rule.partition(" ")[2] for rule in sorted(named)}
    return {rule: known[place] for rule, place in places_of.items() if place in known}


def title(record: Record, clock: Clock) -> str:
    """Say in one line what it came to."""
    done = DONE.get(record["verdict"], record["verdict"])
    until = f" until {clock.show(record['until'])}" if "until" in record else ""
    by = f": {record['reason']}, by {record['rule']}" if "reason" in record else ""
    return f"{done}{until}{by}"


def lines(record: Record, clock: Clock, tables: Sequence[Table]) -> Iterator[str]:
    """Say what each rule said, the one that decided with its sentence."""
    if "reason" in record:
        yield sentence(record["reason"])
    if "version" not in record:
        return
    yield f"rules {record['version']}, profile {record['profile']}"
    if record["passed"]:
        yield f"nothing against it: {', '.join(record['passed'])}"
    if "places" in record:
        yield f"may be in: {', '.join(record['places'])}"
    yield from _hours(record.get("hours", ()), clock)
    for cap in record.get("caps", ()):
        full = "" if cap["allows"] else ": full"
        yield f"{cap['rule']}: {cap['sent']} of {cap['most']} in {cap['hours']:g} h{full}"
    yield from _stands(record, tables)


def sentence(reason: str | None) -> str:
    """Return what *reason* says to people."""
    try:
        return SENTENCES[Reason(reason or "")]
    except ValueError:
        return f"{reason}: a reason that is none of ours"


def _hours(said: Iterable[Record], clock: Clock) -> Iterator[str]:
    """Say which rules of hours are shut, on which clocks; those that are open, in one line."""
    opened: list[Record] = []
    for rule, group in groupby(said, key=lambda each: each["rule"]):
        entries = list(group)
        shut = [each for each in entries if not each["allows"]]
        for each in shut[:MOST_CLOCKS]:
            until = f"until {clock.show(each['opens'])}" if "opens" in each else "for weeks"
            yield f"{rule} on the clock of {each['zone']}: shut {until}"
        if len(shut) > MOST_CLOCKS:
            yield f"{rule}: shut on {len(shut) - MOST_CLOCKS} more clocks"
        opened += [] if shut else entries
    if opened:
        first = min(opened, key=lambda each: each["closes"])
        named = ", ".join(dict.fromkeys(each["rule"] for each in opened))
        yield f"open: {named}; the first shuts {clock.show(first['closes'])}"


def _stands(record: Record, tables: Sequence[Table]) -> Iterator[str]:
    if "hours" not in record:
        return
    found = citations(record, tables)
    if found is None:
        yield "where its rules stand can't be told: no table of that version is at hand"
        return
    shut = {
        each["rule"] for key in ("hours", "caps") for each in record[key] if not each["allows"]
    }
    for rule, citation in found.items():
        if rule in shut or rule == record.get("rule"):
            yield f"{rule} stands in {citation.replace('|', '; ')}"
