"""What is known of a text of unknown fate, and what becomes of it if nobody decides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from dispatcher.core.message import Category
from dispatcher.core.reconcile import IfAbsent, Waits

LOOKS = 2
"""How often RingCentral's record is searched before anything follows from it."""


class Choice(StrEnum):
    """What a person may decide."""

    SENT = "sent"
    FAILED = "failed"
    RESEND = "resend"


class Step(StrEnum):
    """What happens by itself next."""

    LOOK = "look"
    DROP = "drop"
    PRESUME = "presume"
    HOLD = "hold"


@dataclass(frozen=True)
class Unknown:
    """A text of unknown fate. Without an *attempt* it is another program's.

    *standing* tells whether its row still waits in the queue for this attempt's fate.
    """

    message: UUID
    attempt: int | None
    campaign: UUID | None
    campaign_name: str | None
    phone: str = field(repr=False)
    category: Category
    since: datetime
    send_by: datetime | None
    looks: int
    looked_at: datetime | None
    showed: str | None
    held_at: datetime | None
    standing: bool
    opened_at: datetime | None
    scheduled_at: datetime | None
    expires_at: datetime | None

    @property
    def searched(self) -> bool:
        """Whether the record was searched often enough to tell."""
        return self.looks >= LOOKS


@dataclass(frozen=True)
class Ruling:
    """What a person decided; *unsearched*: a resend need not wait for RingCentral's record."""

    choice: Choice
    by: str
    why: str
    unsearched: bool = False


@dataclass(frozen=True)
class Rules:
    """What decides it without a person."""

    waits: Waits
    if_absent: Mapping[Category, IfAbsent]
    lifetime: Mapping[Category, timedelta]


def following(unknown: Unknown, rules: Rules) -> tuple[Step, datetime]:
    """Return what happens next if nobody decides, and from when on."""
    waits = rules.waits
    if unknown.send_by is None:
        if unknown.held_at is None:
            return Step.HOLD, unknown.since
        return Step.PRESUME, unknown.held_at + waits.presume
    end = Step.PRESUME, unknown.since + waits.presume
    if not unknown.searched:
        first = unknown.send_by + waits.longest + waits.first
        look = unknown.looked_at + waits.second if unknown.looked_at else first
        return min((Step.LOOK, look), end, key=_when)
    drops = rules.if_absent[unknown.category] is IfAbsent.DROP and unknown.showed == "absent"
    return min((Step.DROP, _over(unknown, rules)), end, key=_when) if drops else end


def _over(unknown: Unknown, rules: Rules) -> datetime:
    """Return when its time is over; a row that is gone has no time left."""
    if unknown.expires_at:
        return unknown.expires_at
    if unknown.scheduled_at:
        return unknown.scheduled_at + rules.lifetime[unknown.category]
    return unknown.opened_at or unknown.since


def _when(step: tuple[Step, datetime]) -> datetime:
    return step[1]
