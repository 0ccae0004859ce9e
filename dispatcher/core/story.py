"""One person's whole story: what they wanted, what they wrote, and each text, in order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatcher.core import areas, places

OPTED_OUT: Final = "opted_out"
AGREED: Final = ("opt_in", "evidence")


@dataclass(frozen=True)
class Person:
    """Somebody with the number, as the application has them."""

    id: UUID
    subscribed: bool
    unsubscribed_at: datetime | None
    deleted: bool
    zone: str | None


@dataclass(frozen=True)
class Suppression:
    """What keeps the number from being texted, or kept it until it was lifted."""

    reason: str
    source: str
    since: datetime
    until: datetime | None
    lifted_at: datetime | None

    def holds(self, now: datetime) -> bool:
        return self.lifted_at is None and (self.until is None or self.until > now)


@dataclass(frozen=True)
class Event:
    """A row of the evidence."""

    at: datetime
    event: str
    source: str
    words: str | None = field(repr=False)
    proof: Mapping[str, object] = field(repr=False)
    decided_by: str | None
    why: str | None = field(repr=False)
    person: UUID | None
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True)
class Written:
    """What they wrote, and how it was understood."""

    at: datetime
    text: str = field(repr=False)
    verdict: str
    why: str
    decision: str | None
    decided_by: str | None
    campaign: str | None


@dataclass(frozen=True)
class Text:
    """A request that was made (it has an *attempt*), or a row that led to none.

    *text* is None where it is not known any more. *outcome* is RingCentral's answer of a
    request, the status of a row; *delivery* and *code* came later.
    """

    at: datetime
    message: UUID
    attempt: int | None
    campaign: str | None
    category: str
    text: str | None = field(repr=False)
    outcome: str
    delivery: str | None
    code: str | None
    reason: str | None
    rule: str | None
    version: str | None


@dataclass(frozen=True)
class Story:
    """All that is known of a number at *now*, each part in the order of time."""

    phone: str = field(repr=False)
    now: datetime
    people: Sequence[Person]
    suppressions: Sequence[Suppression]
    events: Sequence[Event]
    written: Sequence[Written]
    texts: Sequence[Text]

    @property
    def empty(self) -> bool:
        return not (
            self.people or self.suppressions or self.events or self.written or self.texts
        )

    @property
    def latest(self) -> Event | None:
        """The last that speaks for a consent, since they last opted out; proof goes first."""
        out = max((e.at for e in self.events if e.event == "opt_out"), default=None)
        agreed = [e for e in self.events if e.event in AGREED and (out is None or e.at >= out)]
        return max(agreed, key=lambda e: (e.event == "evidence", e.at), default=None)


Moment = Event | Written | Text


def moments(story: Story) -> list[Moment]:
    """Return all that happened, in its order; of one instant what they wrote is first."""
    found: list[Moment] = [*story.written, *story.events, *story.texts]
    return sorted(found, key=lambda each: each.at)


def zone(story: Story) -> tuple[str, str]:
    """Return the zone to tell the story in, and where it is known from."""
    stored = [p.zone.strip() for p in story.people if p.zone and not p.deleted]
    if named := next((name for name in stored if places.is_zone(name)), None):
        return named, "stored with the person"
    area = areas.of(story.phone)
    zones = area.zones if area else ("UTC",)
    of = "the area code's" if len(zones) == 1 else f"the first of the area code's {len(zones)}"
    return zones[0], of


def standing(story: Story) -> tuple[bool, str]:
    """Say whether a promotion may be sent to the number by consent alone, and why."""
    no = next(_against(story), None)
    if no:
        return False, no
    here = [each for each in story.people if not each.deleted]
    if not here:
        return False, "nobody with this number is known"
    subscribed = sum(each.subscribed for each in here)
    if subscribed == len(here):
        return True, "subscribed"
    if subscribed:
        return (
            False,
            "people with this number disagree: only a text that names who agreed leaves",
        )
    return False, "not subscribed"


def _against(story: Story) -> Iterator[str]:
    """Yield what forbids every text, the person's own wish first."""
    held = [each for each in story.suppressions if each.holds(story.now)]
    for each in sorted(held, key=lambda s: s.reason != OPTED_OUT):
        yield "opted out" if each.reason == OPTED_OUT else f"suppressed, {each.reason}"
    if any(each.unsubscribed_at for each in story.people):
        yield "unsubscribed in the application"
    if story.people and all(each.deleted for each in story.people):
        yield "deleted in the application"
