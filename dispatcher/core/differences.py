"""What differs between two verdicts on one message, as `core/grounds.py` records them."""

from collections.abc import Iterator, Mapping
from typing import Any

Record = Mapping[str, Any]


def between(before: Record, after: Record) -> list[str]:
    """Return what is otherwise in *after*, a sentence each."""
    return [
        *_verdict(before, after),
        *_rules(before, after),
        *_passed(before, after),
        *_hours(before, after),
        *_caps(before, after),
    ]


def _verdict(before: Record, after: Record) -> Iterator[str]:
    old, new = _said(before), _said(after)
    if old != new:
        yield f"the verdict was {old}, and is {new}"
    elif before.get("until") != after.get("until"):
        yield "it waits until another time"


def _said(record: Record) -> str:
    return ", ".join(record[key] for key in ("verdict", "reason", "rule") if record.get(key))


def _rules(before: Record, after: Record) -> Iterator[str]:
    for key, called in (("version", "version of the rules"), ("profile", "profile")):
        if key in before and before[key] != after[key]:
            yield f"the {called} was {before[key]}, and is {after[key]}"
    if "places" in before and "places" in after and before["places"] != after["places"]:
        yield f"the places were {'; '.join(before['places'])}"


def _passed(before: Record, after: Record) -> Iterator[str]:
    if "passed" not in before:  # an opt-out or a deletion, which asked no other rule
        return
    old, new = set(before["passed"]), set(after["passed"])
    for rule in after["passed"]:
        if rule not in old:
            yield f"{rule}: it has nothing against it any more"
    for rule in before["passed"]:
        if rule not in new:
            yield f"{rule}: it had nothing against it, and has or is not asked"


def _hours(before: Record, after: Record) -> Iterator[str]:
    old, new = (
        {(each["rule"], each["zone"]): each["allows"] for each in record.get("hours", ())}
        for record in (before, after)
    )
    if "hours" not in before or "hours" not in after:
        return
    words = {True: "open", False: "shut", None: "not asked"}
    for rule, zone in sorted(old.keys() | new.keys()):
        was, is_ = old.get((rule, zone)), new.get((rule, zone))
        if was is not is_:
            yield f"{rule}, {zone}: it was {words[was]}, and is {words[is_]}"


def _caps(before: Record, after: Record) -> Iterator[str]:
    if "caps" not in before or "caps" not in after:
        return
    old, new = (
        {(each["rule"], each["hours"]): each for each in record["caps"]}
        for record in (before, after)
    )
    for key in sorted(old.keys() | new.keys()):
        was, is_ = (_count(found.get(key)) for found in (old, new))
        if was != is_:
            yield f"{key[0]}: it counted {was}, and counts {is_}"


def _count(cap: Record | None) -> str:
    return f"{cap['sent']} of {cap['most']}" if cap else "nothing"
