"""Judges whether a message may leave now: allow, defer until, cancel because."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatcher.core import areas, caps, hours, places, segments
from dispatcher.core.law import Applied, Cap, Law, NamedCap
from dispatcher.core.message import Category, Facts
from dispatcher.core.reason import RULES, Reason

SPREAD = timedelta(minutes=10)
DOUBT_PAUSE = timedelta(seconds=30)


@dataclass(frozen=True)
class Memory:
    """The last *most* promotions to a number *within* this time bear on a verdict."""

    within: timedelta
    most: int


@dataclass(frozen=True)
class Rules:
    """The settings that a verdict depends on. *lifetime* counts from scheduled_at.

    *quiet* are the categories that keep the hours. *cap* is ours, beside those of the law.
    *tier*: the segments that the registration allows a day, 0 without a limit.
    """

    law: Law
    margin: timedelta
    quiet: frozenset[Category]
    cap: Cap | None
    regions: frozenset[str]
    transactional_needs_consent: bool
    lifetime: Mapping[Category, timedelta]
    tier: int = 0

    @property
    def memory(self) -> Memory:
        """How far back, and how many, promotions to one number are counted."""
        ours = self.cap or Cap(0, timedelta(0))
        longest = max(self.law.longest, ours.within)
        return Memory(longest + self.margin, max(self.law.most, ours.most))


@dataclass(frozen=True)
class Allow:
    """It may leave now."""


@dataclass(frozen=True)
class Defer:
    """It may not leave before *until*, because *rule* says so."""

    until: datetime
    reason: Reason
    rule: str = field(default="", compare=False)

    @property
    def by(self) -> str:
        """The rule that says so."""
        return self.rule or RULES[self.reason]


@dataclass(frozen=True)
class Cancel:
    """It will never be sent, because *rule* says so."""

    reason: Reason
    rule: str = field(default="", compare=False)

    @property
    def by(self) -> str:
        """The rule that says so."""
        return self.rule or RULES[self.reason]


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
    ends = _end(facts, rules)
    if ends <= now:
        return Cancel(Reason.EXPIRED)
    if facts.campaign_status not in {None, "SENDING"}:
        return Wait()
    return _in_time(facts, rules, now, ends)


def put_off(facts: Facts, rules: Rules, until: datetime, reason: Reason) -> Defer | Cancel:
    """Return what becomes of a text that for *reason* may not leave before *until*.

    It waits for what hours and caps allow from then on, so that it is put off once.
    """
    ends = _end(facts, rules)
    later = _in_time(facts, rules, until, ends) if until < ends else None
    if later is None or isinstance(later, Cancel):
        return Cancel(Reason.EXPIRED, RULES[reason])
    if isinstance(later, Defer):
        return Defer(later.until, reason)
    return Defer(hours.spread(until, min(SPREAD, ends - until), facts.id.bytes), reason)


def _end(facts: Facts, rules: Rules) -> datetime:
    return facts.expires_at or facts.scheduled_at + rules.lifetime[facts.category]


def _in_time(
    facts: Facts, rules: Rules, now: datetime, ends: datetime
) -> Allow | Defer | Cancel:
    """Judge by hours and caps: the last to allow it says until when it waits."""
    named = caps_of(facts, rules) if facts.promoted else ()
    free, cap = caps.last_free(named, facts.promoted, now, rules.margin)
    found = hours.next_open(rules_of(facts, rules), free, rules.margin)
    if found is None:
        return Cancel(Reason.EXPIRED, "hours")
    if found.opens <= now:
        return _doubtless(facts, now, ends)
    shut = found.last is not None
    rule = found.last[0].name if found.last else cap.name if cap else ""
    if found.opens >= ends:
        return Cancel(Reason.EXPIRED, rule)
    # Not all that waits for the morning wakes in its first second.
    window = min(SPREAD, found.closes - found.opens, ends - found.opens)
    until = hours.spread(found.opens, window, facts.id.bytes) if shut else found.opens
    return Defer(until, Reason.QUIET_HOURS if shut else Reason.FREQUENCY_CAP, rule)


def rules_of(facts: Facts, rules: Rules) -> tuple[Applied, ...]:
    """Return the rules of hours that hold for this message, each with its clock."""
    if facts.category not in rules.quiet or not rules.law.nation:
        return ()
    area = areas.of(facts.phone or "")
    return rules.law.rules(places.of(area, facts.zone)) if area else ()


def caps_of(facts: Facts, rules: Rules) -> tuple[NamedCap, ...]:
    """Return the caps that hold for this message: ours and those of the law."""
    area = areas.of(facts.phone or "")
    if facts.category is not Category.PROMOTION or not area:
        return ()
    ours = (NamedCap("cap person", rules.cap),) if rules.cap else ()
    return ours + rules.law.caps(places.of(area, facts.zone))


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
