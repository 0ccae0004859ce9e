"""Says how long to wait before a failed thing is tried again."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Backoff:
    """The ceiling of a wait: *base* after one attempt, doubled by each more, *cap* at most."""

    base: timedelta = timedelta(seconds=30)
    cap: timedelta = timedelta(hours=1)

    def __post_init__(self) -> None:
        if not timedelta(0) < self.base <= self.cap:
            raise ValueError("a backoff needs a base above 0 and a cap no smaller")


def delay(attempt: int, rule: Backoff, jitter: float) -> timedelta:
    """Return the wait after *attempt*, the first being 1: *jitter*, in [0, 1), of the ceiling.

    Any share of it, also none: that is what keeps many from coming back together.
    """
    if attempt < 1 or not 0 <= jitter < 1:
        raise ValueError("the first attempt is 1, and jitter is in [0, 1)")
    # No more doublings than reach the cap, or attempt 1,000 overflows.
    doublings = min(attempt - 1, (rule.cap // rule.base).bit_length())
    return min(rule.base * (1 << doublings), rule.cap) * jitter
