"""What the gauges show: one look at the queue, the limits and the day's money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Depth:
    """The live messages of one state (pending, sending, unknown) and category."""

    state: str
    category: str
    messages: int
    oldest_age_seconds: float


@dataclass(frozen=True)
class Rate:
    """A bucket: how many requests it allows in a row, and how many of them are used up."""

    limiter: str
    capacity: float
    used: float


@dataclass(frozen=True)
class Budget:
    """The account's budget of the day, in cents; a limit of 0 is none."""

    limit: Decimal
    spent: Decimal
    reserved: Decimal


@dataclass(frozen=True)
class Snapshot:
    """What the database holds now. What is not named is nothing, which is shown as 0.

    *in_flight* counts attempts that were opened and not settled; *unmatched* receipts that
    have no attempt of ours yet; *unclear* texts that wait for a person; *adopted* and
    *only_ours* what RingCentral's list of opt-outs and ours differed by;
    *untold* numbers that it is to be told of; *alerts* those that
    hold; *rollup_stale* the notes of days whose figures are to be counted anew;
    *subscriptions* those by which RingCentral calls us.
    """

    depths: Sequence[Depth]
    due: int
    in_flight: int
    rates: Sequence[Rate]
    budget: Budget
    unmatched: int
    unclear: int
    adopted: int
    only_ours: int
    untold: int
    alerts: Mapping[str, int]
    rollup_stale: int
    subscriptions: int = 0
