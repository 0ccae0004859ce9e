"""What RingCentral's own list of opt-outs says, and what it is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

API = "Api"


@dataclass(frozen=True, slots=True)
class Consent:
    """Who opted out of a number of ours, when, and on whose word; API is a program's."""

    phone: str = field(repr=False)
    at: datetime
    source: str

    @property
    def by_api(self) -> bool:
        return self.source == API


@dataclass(frozen=True)
class ConsentPage:
    """Who opted out; *next* names the page after, if any."""

    opted_out: Sequence[Consent] = field(repr=False)
    next: str | None


class Word(StrEnum):
    """What RingCentral is told of a number."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"


@dataclass(frozen=True)
class Wish:
    """What *phone* wants of *sender*, a number of ours."""

    sender: str = field(repr=False)
    phone: str = field(repr=False)
    word: Word


@dataclass(frozen=True)
class NotTaken:
    """A number of which RingCentral did not take what it was told, and its code."""

    phone: str = field(repr=False)
    code: str


@dataclass(frozen=True)
class Standing:
    """A number whose consent has changed so often, and what holds for it now.

    *told*: what RingCentral was told last, or may have been. *lifted*: an opt-out was.
    """

    phone: str = field(repr=False)
    changes: int
    told: str | None
    opted_out: bool
    lifted: bool


def to_tell(standing: Standing) -> Word | None:
    """Return what RingCentral is to be told, None if nothing.

    An opt-in only where it may know of the opt-out: by us, or by the person whose START or
    whose word lifted it. Elsewhere it might undo a STOP that we have yet to hear of.
    """
    if standing.opted_out:
        return Word.OPT_OUT
    if standing.told == Word.OPT_OUT or (standing.told is None and standing.lifted):
        return Word.OPT_IN
    return None
