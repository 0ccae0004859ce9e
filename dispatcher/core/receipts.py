"""What later news of a text means: its status, its money, and what its code calls for.

Nothing is ever sent again because a carrier failed: a carrier's word is not proof that the
phone did not ring.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from dispatcher.core.codes import FATES, Fate


class Status(StrEnum):
    """The host's labels for what became of a text."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"  # it never left RingCentral
    UNDELIVERED = "UNDELIVERED"  # it left, and did not arrive


class Unfit(StrEnum):
    """Why a number can't be texted."""

    LANDLINE = "landline"
    UNSUPPORTED = "unsupported"
    UNALLOCATED = "unallocated"


@dataclass(frozen=True)
class OptOut:
    """RingCentral, its gateway or the carrier knows that this person has opted out."""


@dataclass(frozen=True)
class Remember:
    """The number is *unfit*: nothing is sent there for a time."""

    unfit: Unfit


@dataclass(frozen=True)
class HoldSender:
    """A limit of the sender's day is used up: it rests until `midnight_pacific`."""


@dataclass(frozen=True)
class StopSender:
    """The sender is not fit to send until somebody has mended it."""


Effect = OptOut | Remember | HoldSender | StopSender


@dataclass(frozen=True)
class Meaning:
    """What RingCentral's word comes to.

    *final* says that no better news is waited for, *failure* of what class one is.
    *handed_over* is False if the text never left RingCentral: its money is given back.
    """

    status: Status
    rank: int
    final: bool
    failure: Fate | None = None
    handed_over: bool = True
    effects: tuple[Effect, ...] = ()


_STATUSES = {
    "Queued": Status.QUEUED,
    "Sent": Status.SENT,
    "Delivered": Status.DELIVERED,
    "SendingFailed": Status.FAILED,
    "DeliveryFailed": Status.UNDELIVERED,
}
"""RingCentral's words. `Received` is said of what came in, so it is none of these."""

RANKS = {
    Status.QUEUED: 0,
    Status.SENT: 1,
    Status.FAILED: 2,
    Status.UNDELIVERED: 2,
    Status.DELIVERED: 3,
}
"""A text never goes back to a lower one."""

FAILURES = frozenset((Status.FAILED, Status.UNDELIVERED))
_BY_RINGCENTRAL = "SMS-RC-"
_UNFIT = {"SMS-RC-410": Unfit.LANDLINE, "SMS-CAR-400": Unfit.UNSUPPORTED}
_CALLS: dict[Fate, Effect] = {
    Fate.OPTED_OUT: OptOut(),
    Fate.LIMIT: HoldSender(),
    Fate.SENDER: StopSender(),
}
_PACIFIC = ZoneInfo("America/Los_Angeles")


def read(message_status: str, code: str | None) -> Meaning | None:
    """Return what a record with this status and `deliveryErrorCode` means.

    None if the status is not one of a text that we sent, or a word that we don't know.
    """
    status = _STATUSES.get(message_status)
    if status is None:
        return None
    if status not in FAILURES:
        return _good(status, code)
    failure = _class(code)
    if failure is Fate.UNKNOWN:
        return _good(Status.SENT, code)
    unsent = status is Status.FAILED and (code or "").startswith(_BY_RINGCENTRAL)
    return Meaning(
        status,
        RANKS[status],
        final=True,
        failure=failure,
        handed_over=not unsent,
        effects=effects(code),
    )


def _good(status: Status, code: str | None) -> Meaning:
    """Return the meaning of no failure; an opt-out told beside it counts all the same."""
    heeded = tuple(effect for effect in effects(code) if effect == OptOut())
    final = status is Status.DELIVERED
    return Meaning(status, RANKS[status], final, effects=heeded)


def effects(code: str | None) -> tuple[Effect, ...]:
    """Return what *code* calls for beside the status of its text."""
    fate = _class(code)
    found: list[Effect] = [_CALLS[fate]] if fate in _CALLS else []
    if fate is Fate.NUMBER:
        found.append(Remember(_UNFIT.get(code or "", Unfit.UNALLOCATED)))
    return tuple(found)


def _class(code: str | None) -> Fate:
    return FATES.get(code or "", Fate.BROKEN)


def midnight_pacific(after: datetime) -> datetime:
    """Return the first midnight in California later than *after*, in UTC.

    There the day of RingCentral's and the carriers' limits begins.
    """
    if after.tzinfo is None:
        raise ValueError("midnight in California needs an aware time")
    local = after.astimezone(_PACIFIC)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (midnight + timedelta(days=1)).astimezone(UTC)
