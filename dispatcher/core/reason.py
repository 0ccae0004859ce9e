"""The closed list of reasons why a text was not sent, or not yet."""

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
