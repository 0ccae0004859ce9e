"""A message of the queue, as it is judged and as it is claimed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Category(StrEnum):
    """What a text is for, in the order of sending: the first goes first."""

    COMPLIANCE = "compliance"
    TRANSACTIONAL = "transactional"
    REMINDER = "reminder"
    PROMOTION = "promotion"

    @property
    def rank(self) -> int:
        """Its place in the order of sending, 0 being the first."""
        return _RANKS[self.value]


_RANKS = {category.value: rank for rank, category in enumerate(Category)}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one message at one moment, read in one statement.

    *phone* is spelled, or None where it has no spelling. *opted_out* speaks of the number and
    of the person, *consents* of the row's own subscriber, else of all with that number: None
    where there is nobody; *zone* likewise, several with bars between. *person_gone*: the person
    was deleted while a text was in flight.
    *campaign_status* is None for a text without a campaign. *in_doubt*: nobody knows yet
    whether an earlier text reached this number. *reaps* counts processes that died holding it.
    *answers_from* is the number of ours that an answer to a person's own text must leave from.
    *promoted* are the times at which promotions to this number may have left, newest first, as
    far as the caps look back; empty for another category.
    """

    id: UUID
    fence: int
    campaign_id: UUID | None
    subscriber_id: UUID | None
    category: Category
    phone: str | None
    text: str
    scheduled_at: datetime
    expires_at: datetime | None
    attempts: int
    campaign_status: str | None
    campaign_channel: str | None
    campaign_deleted: bool
    campaign_begun: bool
    person_gone: bool
    suppressed: bool
    opted_out: bool
    consents: bool | None
    zone: str | None
    last_sender: str | None
    in_doubt: bool = False
    reaps: int = 0
    answers_from: str | None = None
    promoted: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this process holds under *fence*, to be sent from *sender*."""

    facts: Facts
    fence: int
    sender: str
