"""Judges whether a message may leave now: allow, defer until, cancel because."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher.core import areas, hours, segments
from dispatcher.core.hours import Hours
from dispatcher.core.message import Category, Facts
from dispatcher.core.reason import Reason

SPREAD_SECONDS = 600
DOUBT_PAUSE = timedelta(seconds=30)


@dataclass(frozen=True)
class Rules:
    """The settings that a verdict depends on. *lifetime* counts from scheduled_at."""

    hours: Hours
    margin: timedelta
    regions: frozenset[str]
    transactional_needs_consent: bool
    lifetime: Mapping[Category, timedelta]


@dataclass(frozen=True)
class Allow:
    """It may leave now."""


@dataclass(frozen=True)
class Defer:
    """It may not leave before *until*."""

    until: datetime
    reason: Reason


@dataclass(frozen=True)
class Cancel:
    """It will never be sent."""

    reason: Reason


@dataclass(frozen=True)
class Wait:
    """Its campaign is not sending at the moment: it stays as it is."""


Verdict = Allow | Defer | Cancel | Wait


def check(facts: Facts, rules: Rules, now: datetime) -> Verdict:
    """Return the first reason not to send at *now*, else Allow.

    Final reasons come before passing ones: who opted out is cancelled, never deferred to the
    morning. A deferral past the message's own end is a cancellation at once.
    """
    if reason := _never(facts, rules):
        return Cancel(reason)
    ends = facts.expires_at or facts.scheduled_at + rules.lifetime[facts.category]
    if ends <= now:
        return Cancel(Reason.EXPIRED)
    if facts.campaign_status not in {None, "SENDING"}:
        return Wait()
    opens = _opens(facts, rules, now)
    if opens == now:
        return _doubtless(facts, now, ends)
    if opens is None or opens >= ends:
        return Cancel(Reason.EXPIRED)
    # Not all that waits for the morning wakes in its first second.
    until = hours.spread(opens, SPREAD_SECONDS, facts.id.bytes)
    return Defer(min(until, ends), Reason.QUIET_HOURS)


def _doubtless(facts: Facts, now: datetime, ends: datetime) -> Allow | Defer:
    if not facts.in_doubt:
        return Allow()
    # A second text would make the first one's fate impossible to tell.
    return Defer(min(now + DOUBT_PAUSE, ends), Reason.IN_DOUBT)


def _never(facts: Facts, rules: Rules) -> Reason | None:
    return (
        _campaign_is_over(facts)
        or _cannot_be_sent(facts, rules)
        or (Reason.SUBSCRIBER_DELETED if facts.person_gone else None)
        or _is_unwanted(facts, rules)
    )


def _is_unwanted(facts: Facts, rules: Rules) -> Reason | None:
    if facts.category is Category.COMPLIANCE:
        return None  # the answer to their own text, HELP or STOP: the one exception
    if facts.suppressed:
        return Reason.SUPPRESSED
    if facts.opted_out:
        return Reason.OPTED_OUT
    return Reason.NO_CONSENT if _lacks_consent(facts, rules) else None


def _campaign_is_over(facts: Facts) -> Reason | None:
    if facts.campaign_deleted:
        return Reason.CAMPAIGN_DELETED
    if facts.campaign_status == "CANCELLED":
        return Reason.CAMPAIGN_CANCELLED
    if facts.campaign_channel not in {None, "SMS"}:
        return Reason.NOT_SMS
    return None


def _cannot_be_sent(facts: Facts, rules: Rules) -> Reason | None:
    area = areas.of(facts.phone) if facts.phone else None
    if area is None:
        return Reason.INVALID_NUMBER
    if area.region not in rules.regions:
        return Reason.COUNTRY_NOT_ALLOWED
    if segments.is_blank(facts.text):
        return Reason.EMPTY_TEXT
    if segments.utf16_units(facts.text) > segments.LONGEST_UNITS:
        return Reason.TEXT_TOO_LONG
    return None


def _lacks_consent(facts: Facts, rules: Rules) -> bool:
    if facts.category is Category.TRANSACTIONAL:
        return rules.transactional_needs_consent and not facts.consents
    return not facts.consents


def _opens(facts: Facts, rules: Rules, now: datetime) -> datetime | None:
    area = areas.of(facts.phone or "")
    if facts.category not in {Category.REMINDER, Category.PROMOTION} or not area:
        return now
    zones = hours.zones_of(area.zones, facts.zone)
    return hours.next_allowed(zones, now, rules.hours, rules.margin)
