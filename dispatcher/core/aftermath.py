"""Whether what we know of texts after they were accepted agrees with a witness of it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from dispatcher.core.books import Check, named

GRACE = timedelta(seconds=1)
"""A request that was under way when a STOP came may still be accepted."""

_BY_RINGCENTRAL = "SMS-RC-"


class Wish(StrEnum):
    """What somebody meant by a text, who wrote it for us to find out."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Ending:
    """What became of an accepted text: it is delivered, failed or open; *code* may be empty."""

    provider_id: str
    phone: str
    word: str
    code: str


@dataclass(frozen=True)
class Written:
    """A text that the witness saw somebody write."""

    provider_id: str
    phone: str
    at: datetime
    wish: Wish


@dataclass(frozen=True)
class Stored:
    """A text from somebody as we have stored it; from then on it counts."""

    provider_id: str
    phone: str
    at: datetime


@dataclass(frozen=True)
class Ours:
    """Our record: *costs* in cents by RingCentral's id; whose fate is *unknown* to us."""

    endings: Sequence[Ending]
    costs: Mapping[str, Decimal]
    stored: Sequence[Stored]
    opted_out: Collection[str]
    unknown: Collection[str]


@dataclass(frozen=True)
class Witnessed:
    """What the witness saw; *accepted* is when it took the campaign's text to each number.

    *answered* are the numbers that got another text of ours, as often as they did.
    """

    endings: Sequence[Ending]
    written: Sequence[Written]
    accepted: Mapping[str, datetime]
    answered: Sequence[str]


def agree(ours: Ours, seen: Witnessed) -> list[Check]:
    """Compare number by number what came after acceptance: receipts, replies, consent."""
    stopped = _stopped(seen.written)
    asked = Counter(one.phone for one in seen.written if one.wish is Wish.HELP)
    return [
        Check(
            "what was delivered, failed or is open is so in RingCentral's record",
            named(_ended_otherwise(ours, seen.endings)),
        ),
        Check(
            "what RingCentral did not pass on costs nothing", named(_paid_in_vain(ours, seen))
        ),
        Check("each text that came in is stored, and once", named(_not_once(ours, seen))),
        Check(
            "who wrote STOP is opted out, but for who wrote START later; nobody else is",
            named(stopped ^ set(ours.opted_out)),
        ),
        Check(
            "nobody was texted later than a second after we had their STOP",
            named(stopped & _texted_late(ours, seen)),
        ),
        Check(
            "only who asked for help got an answer, and one",
            named({p for p, n in Counter(seen.answered).items() if n > min(1, asked[p])}),
        ),
    ]


def _stopped(written: Sequence[Written]) -> set[str]:
    """Return those of whose wishes the last one is STOP; it wins over a START of its moment."""
    wishes = sorted(
        (one.at, one.wish is Wish.STOP, one.phone)
        for one in written
        if one.wish in (Wish.STOP, Wish.START)
    )
    last = {phone: is_stop for _, is_stop, phone in wishes}
    return {phone for phone, is_stop in last.items() if is_stop}


def _ended_otherwise(ours: Ours, endings: Sequence[Ending]) -> set[str]:
    # A text whose answer was lost for good is not followed: its id is not known.
    known = set(ours.endings)
    followed = {one for one in endings if one.phone not in ours.unknown}
    return {one.phone for one in followed - known} | {o.phone for o in known - set(endings)}


def _paid_in_vain(ours: Ours, seen: Witnessed) -> set[str]:
    return {
        one.phone
        for one in seen.endings
        if one.code.startswith(_BY_RINGCENTRAL) and ours.costs.get(one.provider_id)
    }


def _not_once(ours: Ours, seen: Witnessed) -> set[str]:
    written = Counter((one.provider_id, one.phone) for one in seen.written)
    stored = Counter((one.provider_id, one.phone) for one in ours.stored)
    return {phone for _, phone in (written - stored) + (stored - written)}


def _texted_late(ours: Ours, seen: Witnessed) -> set[str]:
    stops = {one.provider_id for one in seen.written if one.wish is Wish.STOP}
    return {
        one.phone
        for one in ours.stored
        if one.provider_id in stops
        and one.phone in seen.accepted
        and seen.accepted[one.phone] > one.at + GRACE
    }
