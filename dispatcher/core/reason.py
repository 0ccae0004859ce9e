"""The closed list of reasons why a text was not sent, or not yet."""

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """Why a text was cancelled, failed or waits."""

    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    SUPPRESSED = "suppressed"
    SUBSCRIBER_DELETED = "subscriber_deleted"
    EXPIRED = "expired"
    DUPLICATE = "duplicate"
    CAMPAIGN_CANCELLED = "campaign_cancelled"
    CAMPAIGN_DELETED = "campaign_deleted"
    NOT_SMS = "not_sms"
    INVALID_NUMBER = "invalid_number"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    EMPTY_TEXT = "empty_text"
    TEXT_TOO_LONG = "text_too_long"
    DROPPED_UNKNOWN = "dropped_unknown"
    CANCELLED_BY_PERSON = "cancelled_by_person"

    REFUSED = "refused"
    EXHAUSTED = "exhausted"
    POISON = "poison"

    QUIET_HOURS = "quiet_hours"
    FREQUENCY_CAP = "frequency_cap"
    TIER_LIMIT = "tier_limit"
    SENDER_LIMIT = "sender_limit"
    BUDGET = "budget"
    THROTTLED = "throttled"
    RETRY = "retry"
    UNREACHED = "unreached"
    IN_DOUBT = "in_doubt"
    REAPED = "reaped"


FAILURES = frozenset({Reason.REFUSED, Reason.EXHAUSTED, Reason.POISON})
"""What went wrong: the message is *failed*."""

WAITS = frozenset(
    {
        Reason.QUIET_HOURS,
        Reason.FREQUENCY_CAP,
        Reason.TIER_LIMIT,
        Reason.SENDER_LIMIT,
        Reason.BUDGET,
        Reason.THROTTLED,
        Reason.RETRY,
        Reason.UNREACHED,
        Reason.IN_DOUBT,
        Reason.REAPED,
    }
)
"""Why a message is still pending."""

DECISIONS = frozenset(Reason) - FAILURES - WAITS
"""Decisions of ours not to send: the message is *cancelled*."""


RULES: Mapping[Reason, str] = {
    Reason.OPTED_OUT: "opt-out",
    Reason.NO_CONSENT: "consent",
    Reason.SUPPRESSED: "suppression",
    Reason.SUBSCRIBER_DELETED: "person",
    Reason.EXPIRED: "expiry",
    Reason.DUPLICATE: "once",
    Reason.CAMPAIGN_CANCELLED: "campaign",
    Reason.CAMPAIGN_DELETED: "campaign",
    Reason.NOT_SMS: "campaign",
    Reason.INVALID_NUMBER: "number",
    Reason.COUNTRY_NOT_ALLOWED: "country",
    Reason.EMPTY_TEXT: "text",
    Reason.TEXT_TOO_LONG: "text",
    Reason.QUIET_HOURS: "hours",
    Reason.FREQUENCY_CAP: "cap",
    Reason.SENDER_LIMIT: "sender",
    Reason.TIER_LIMIT: "tier",
    Reason.IN_DOUBT: "doubt",
}
"""The rule that speaks for each reason; of hours and caps a line of the table says more."""

SENTENCES: Mapping[Reason, str] = {
    Reason.OPTED_OUT: "the person opted out of texts",
    Reason.NO_CONSENT: "nobody with this number has agreed to it, or not all have",
    Reason.SUPPRESSED: "the number gets no texts: it is suppressed",
    Reason.SUBSCRIBER_DELETED: "the application deleted the person",
    Reason.EXPIRED: "it could not leave before its time was over",
    Reason.DUPLICATE: "this number has, or may have, this text of this campaign already",
    Reason.CAMPAIGN_CANCELLED: "its campaign was cancelled",
    Reason.CAMPAIGN_DELETED: "its campaign was deleted",
    Reason.NOT_SMS: "its campaign is not one of texts",
    Reason.INVALID_NUMBER: "the number is none of a telephone",
    Reason.COUNTRY_NOT_ALLOWED: "the number is of a country that is not allowed",
    Reason.EMPTY_TEXT: "the text is empty",
    Reason.TEXT_TOO_LONG: "the text is too long",
    Reason.DROPPED_UNKNOWN: "whether it went out is not known, and its time is over",
    Reason.CANCELLED_BY_PERSON: "a person decided that it was not sent",
    Reason.REFUSED: "RingCentral refused it for good",
    Reason.EXHAUSTED: "RingCentral refused it for now, again and again",
    Reason.POISON: "three processes died while they held it",
    Reason.QUIET_HOURS: "it is too early or too late where the people are",
    Reason.FREQUENCY_CAP: "the people have had as many promotions as they may get by now",
    Reason.TIER_LIMIT: "the registration's segments of the day are used up",
    Reason.SENDER_LIMIT: "our numbers have sent what they may today",
    Reason.BUDGET: "the budget of the campaign, or of the account's day, is used up",
    Reason.THROTTLED: "RingCentral wants a pause",
    Reason.RETRY: "it is tried again",
    Reason.UNREACHED: "RingCentral can't be reached; the dispatcher looks again",
    Reason.IN_DOUBT: "whether an earlier text reached this number is not known yet",
    Reason.REAPED: "the process that held it died; it is taken again",
}
"""What each reason says to people, to go on after a colon."""
