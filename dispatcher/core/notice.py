"""What RingCentral calls us with: a hint that something changed, or a text to us in full."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dispatcher.core.raw import Raw, raw


class What(StrEnum):
    """What a notice is about."""

    INBOUND = "inbound"  # a text to us, with its words
    CHANGED = "changed"  # the record of texts
    CONSENTS = "consents"
    REMINDER = "reminder"  # the subscription will end
    OTHER = "other"


@dataclass(frozen=True)
class Notice:
    """A call, not yet believed: *subscription* and *owner* are what it says it comes from."""

    subscription: str
    owner: str
    what: What
    raw: Raw | None = None


class Heard(StrEnum):
    """What became of a call of RingCentral's."""

    STORED = "stored"
    STRANGE = "strange"  # it is of no subscription of ours
    UNAVAILABLE = "unavailable"  # not stored, as far as we know


# RingCentral may write its ids in full where the filter has ~, and may repeat the query.
_ENDINGS = (
    (re.compile(r"/message-store/instant"), What.INBOUND),
    (re.compile(r"/message-store"), What.CHANGED),
    (re.compile(r"/sms/consents"), What.CONSENTS),
    (re.compile(r"/subscription/[^/]+"), What.REMINDER),
)
_LONGEST_EVENT = 500


def read(body: bytes) -> Notice | None:
    """Return what *body* says, None if no sense can be made of it."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    event = told.get("event") if isinstance(told, Mapping) else None
    if not isinstance(event, str) or not event:
        return None
    what, record = _what(event), told.get("body")
    subscription, owner = (str(told.get(name)) for name in ("subscriptionId", "ownerId"))
    if what is What.INBOUND and _is_inbound(record):
        return Notice(subscription, owner, what, raw(record))
    # A text that leaves may be told of at the same place; its record is read, not believed.
    return Notice(subscription, owner, What.CHANGED if what is What.INBOUND else what)


def _what(event: str) -> What:
    path = event[:_LONGEST_EVENT].partition("?")[0]
    return next(
        (what for pattern, what in _ENDINGS if re.search(f"{pattern.pattern}$", path)),
        What.OTHER,
    )


def _is_inbound(record: Any) -> bool:  # noqa: ANN401 - it is whatever JSON holds
    return isinstance(record, Mapping) and record.get("direction") == "Inbound"
