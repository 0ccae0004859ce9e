"""Puts a verdict on record: what each rule said, and of which version the rules were."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dispatcher.core import areas, caps, guard, hours, places
from dispatcher.core.guard import Allow, Cancel, Defer, Rules, Verdict, Wait
from dispatcher.core.message import Facts
from dispatcher.core.reason import RULES, Reason

FIRST = tuple(
    dict.fromkeys(
        RULES[reason]
        for reason in (
            Reason.CAMPAIGN_CANCELLED,
            Reason.INVALID_NUMBER,
            Reason.COUNTRY_NOT_ALLOWED,
            Reason.EMPTY_TEXT,
            Reason.SUBSCRIBER_DELETED,
            Reason.SUPPRESSED,
            Reason.OPTED_OUT,
            Reason.NO_CONSENT,
            Reason.EXPIRED,
        )
    )
)
"""The rules that come before hours and caps, in the order in which they are asked."""

WORDS = {Allow: "allow", Defer: "defer", Cancel: "cancel", Wait: "wait"}


def record(facts: Facts, rules: Rules, now: datetime, verdict: Verdict) -> dict[str, Any]:
    """Return what there is to keep of *verdict*, for JSON; times in UTC.

    `passed` are the rules that had nothing against it, `hours` and `caps` say each for itself.
    """
    kept: dict[str, Any] = {"at": time(now), "verdict": WORDS[type(verdict)]}
    if isinstance(verdict, Defer | Cancel):
        kept |= {"reason": verdict.reason.value, "rule": verdict.by}
    if isinstance(verdict, Defer):
        kept["until"] = time(verdict.until)
    kept |= {"version": rules.law.version, "profile": rules.law.hours.value}
    kept["passed"] = list(_passed(verdict))
    if len(kept["passed"]) == len(FIRST):
        kept |= {"places": _places(facts)}
        kept |= {
            "hours": list(_hours(facts, rules, now)),
            "caps": list(_caps(facts, rules, now)),
        }
    return kept


def _passed(verdict: Verdict) -> Iterator[str]:
    stopped = verdict.by if isinstance(verdict, Cancel) else None
    for rule in FIRST:
        if rule == stopped:
            return
        yield rule


def _places(facts: Facts) -> list[str]:
    """Return the states and zones that the person may be in; `anywhere` if there are many."""
    area = areas.of(facts.phone or "")
    if area is None:
        return []
    found = places.of(area, facts.zone)
    home = (
        ["anywhere"]
        if places.is_unknown(area)
        else sorted({f"{p.state} {p.zone}".strip() for p in found})
    )
    return home + [f"stored {zone}" for zone in places.zones_in(facts.zone)]


def _hours(facts: Facts, rules: Rules, now: datetime) -> Iterator[dict[str, Any]]:
    """Say of each rule whether it allows it now, and from when until when it does next."""
    for rule, zone in guard.rules_of(facts, rules):
        stretch = hours.alone(rule, zone, now, rules.margin)
        said: dict[str, Any] = {"rule": rule.name, "zone": zone}
        if stretch is None:
            yield said | {"allows": False}
        else:
            opens, closes = stretch
            yield said | {
                "allows": opens <= now,
                "opens": time(opens),
                "closes": time(closes),
            }


def _caps(facts: Facts, rules: Rules, now: datetime) -> Iterator[dict[str, Any]]:
    for named in guard.caps_of(facts, rules):
        cap, sent = named.cap, facts.promoted
        yield {
            "rule": named.name,
            "allows": caps.free_at(cap, sent, now, rules.margin) <= now,
            "sent": caps.counted(cap, sent, now, rules.margin),
            "most": cap.most,
            "hours": cap.within.total_seconds() / 3600,
        }


def time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
