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
