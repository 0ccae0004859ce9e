"""Lanes: where waiting messages stand in line, and whose turn it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from dispatcher.core.message import Category

NO_CAMPAIGN = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Lane:
    """The waiting rows of one campaign (NO_CAMPAIGN: of none) that carry one category.

    *own_category* is the rows' own, empty where they take the campaign's; *category* the one
    that counts. *open* is false while its campaign lets nothing happen to them, *exceeded*
    true while its budget cannot pay.
    """

    campaign: UUID
    own_category: str
    category: Category
    due: datetime
    open: bool
    exceeded: bool


Served = Mapping[tuple[UUID, str], int]
"""How often each lane came last, as a count that grows: a lane never served is not in it."""


def in_line(lanes: Iterable[Lane], served: Served, now: datetime, most: int) -> list[Lane]:
    """Return the lanes to look at next: by category, then the least recently served."""
    waiting = [lane for lane in lanes if lane.open and lane.due <= now]
    waiting.sort(key=lambda x: (x.category.rank, served.get((x.campaign, x.own_category), 0)))
    return waiting[:most]


class Placed(Protocol):
    """What `interleave` needs to know of a message."""

    @property
    def category(self) -> Category: ...


P = TypeVar("P", bound=Placed)


def interleave(by_lane: Sequence[Sequence[P]]) -> list[P]:
    """Order the lanes' messages for sending: by category, then by rank within their lane.

    So two campaigns of one category share the rate, however long one of them is.
    """
    ranked = [
        (message.category.rank, rank, lane, message)
        for lane, messages in enumerate(by_lane)
        for rank, message in enumerate(messages)
    ]
    ranked.sort(key=lambda r: r[:3])
    return [message for *_, message in ranked]


def suffices(by_lane: Sequence[Sequence[Placed]], ended: Sequence[bool], most: int) -> bool:
    """Tell whether the first *most* of `interleave` stay the same, whatever else is found.

    More may be found behind what each lane shows, but not where it has *ended*.
    """
    if all(ended):
        return True
    first = interleave(by_lane)[:most]
    if len(first) < most or not first:
        return False
    places = {id(m): (m.category.rank, rank) for x in by_lane for rank, m in enumerate(x)}
    last = max(places[id(m)] for m in first)
    return all(
        end or (shown and (shown[0].category.rank, len(shown)) > last)
        for shown, end in zip(by_lane, ended, strict=True)
    )
