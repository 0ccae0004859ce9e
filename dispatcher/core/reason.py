"""The closed list of reasons why a text was not sent."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a row of the queue ended as `failed` without having been accepted."""

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


FAILURES = frozenset({Reason.REFUSED, Reason.EXHAUSTED, Reason.POISON})
"""What went wrong. Every other reason is a decision of ours: the message is *cancelled*."""

DECISIONS = frozenset(Reason) - FAILURES
