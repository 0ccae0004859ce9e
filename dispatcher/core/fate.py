"""What becomes of a message after RingCentral's answer."""

from dataclasses import dataclass
from datetime import timedelta

from dispatcher.core import backoff, outcome
from dispatcher.core.backoff import Backoff
from dispatcher.core.outcome import Fault, Outcome
from dispatcher.core.reason import Reason


@dataclass(frozen=True)
class Sent:
    """RingCentral took it; None: under an id that nobody knows."""

    provider_id: str | None


@dataclass(frozen=True)
class PutBack:
    """Surely not sent: it waits for *wait*. *counts* says whether that was an attempt."""

    wait: timedelta
    reason: Reason
    counts: bool = False


@dataclass(frozen=True)
class Failed:
    """It will not be tried again."""

    reason: Reason


@dataclass(frozen=True)
class Unknown:
    """Nobody knows whether it went out. Its money stays reserved."""


Fate = Sent | PutBack | Failed | Unknown

SENTENCES: dict[type, str] = {
    outcome.Throttled: "RingCentral asked us to wait; it will be sent later.",
    outcome.Unreached: "RingCentral could not be reached; it will be sent when it is back.",
    outcome.NotBegun: "Its time was over before it could begin; it will be tried again.",
    outcome.Ambiguous: "RingCentral's answer was lost: whether it was sent is not known.",
}
"""Our words for outcomes that have no code."""

AT_ONCE = timedelta(0)
SENDER_REST = timedelta(hours=1)
LOGIN_REST = timedelta(minutes=5)


def of(answer: Outcome, attempts: int, most: int, rule: Backoff, jitter: float) -> Fate:
    """Return what becomes of a message whose attempt number *attempts* got *answer*."""
    match answer:
        case outcome.Accepted(provider_id):
            fate: Fate = Sent(provider_id)
        case outcome.Throttled(_, seconds):
            fate = PutBack(timedelta(seconds=seconds), Reason.THROTTLED)
        case outcome.Refused(_, fault):
            ours = fault in {Fault.SENDER, Fault.LOGIN}
            fate = PutBack(AT_ONCE, Reason.SENDER_LIMIT) if ours else Failed(Reason.REFUSED)
        case outcome.RefusedForNow(_, seconds):
            wait = max(backoff.delay(attempts, rule, jitter), timedelta(seconds=seconds or 0))
            again = PutBack(wait, Reason.RETRY, counts=True)
            fate = again if attempts < most else Failed(Reason.EXHAUSTED)
        case outcome.Unreached() | outcome.NotBegun():
            fate = PutBack(AT_ONCE, Reason.UNREACHED)
        case outcome.Ambiguous():
            fate = Unknown()
    return fate
