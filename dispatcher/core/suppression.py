"""Why a number gets no texts: the closed list of reasons, and how long each holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from dispatcher.core.people_file import Line
from dispatcher.core.receipts import Unfit


class Reason(StrEnum):
    """Why a number gets no texts."""

    OPTED_OUT = "opted_out"
    COMPLAINT = "complaint"
    DO_NOT_CONTACT = "do_not_contact"
    WRONG_NUMBER = "wrong_number"
    REASSIGNED = "reassigned"
    LANDLINE = Unfit.LANDLINE.value
    UNSUPPORTED = Unfit.UNSUPPORTED.value
    UNALLOCATED = Unfit.UNALLOCATED.value


SENTENCES: Final[Mapping[Reason, str]] = {
    Reason.OPTED_OUT: "they want no more texts",
    Reason.COMPLAINT: "they complained",
    Reason.DO_NOT_CONTACT: "we decided not to text them",
    Reason.WRONG_NUMBER: "it is not the number of whom we mean",
    Reason.REASSIGNED: "it belongs to somebody else by now",
    Reason.LANDLINE: "it is a landline",
    Reason.UNSUPPORTED: "its carrier takes no texts",
    Reason.UNALLOCATED: "nobody has this number",
}

DEAD: Final = frozenset(map(Reason, Unfit))
"""It can't be texted for now; a number may come back to life, so these end."""

NEVER: Final = "never"


def default_end(reason: Reason, now: datetime, dead_for: timedelta) -> datetime | None:
    """Return when *reason* ends if nobody says; None is never."""
    return now + dead_for if reason in DEAD else None


class Refusal(StrEnum):
    """Why a line of a file of suppressions was not taken."""

    BROKEN_LINE = "broken_line"
    NO_NUMBER = "no_number"
    INVALID_NUMBER = "invalid_number"
    UNKNOWN_REASON = "unknown_reason"
    NO_TIME = "no_time"
    ENDED = "ended"
    NOT_YET = "not_yet"
    ENDLESS = "endless"
    WORDY = "wordy"


REFUSED: Final[Mapping[Refusal, str]] = {
    Refusal.BROKEN_LINE: "the cells don't stand under their columns",
    Refusal.NO_NUMBER: "there is no number",
    Refusal.INVALID_NUMBER: "the number can't be dialled",
    Refusal.UNKNOWN_REASON: f"the reason is none of {', '.join(Reason)}",
    Refusal.NO_TIME: "since or until is no time with its zone, like 2026-12-01T10:00:00-05:00",
    Refusal.ENDED: "until has passed",
    Refusal.NOT_YET: "since is yet to come",
    Refusal.ENDLESS: "an opt-out has no end",
    Refusal.WORDY: "why is longer than 500 characters",
}

COLUMNS: Final[Mapping[str, frozenset[str]]] = {
    "reason": frozenset(("reason",)),
    "since": frozenset(("since", "from", "date", "at")),
    "until": frozenset(("until", "ends", "expires", "end")),
    "why": frozenset(("why", "note", "notes", "comment")),
}
"""What the columns beside the number's may be called, as in a file of people."""

LONGEST_WHY: Final = 500
YEARS: Final = range(2000, 2200)


@dataclass(frozen=True)
class Wanted:
    """A suppression that somebody wants, of a *phone* as they wrote it.

    *until* None is never. One that is not *theirs* but the reason's never shortens what stands.
    """

    phone: str = field(repr=False)
    reason: Reason
    since: datetime
    until: datetime | None
    theirs: bool
    why: str = field(repr=False)


@dataclass(frozen=True)
class Defaults:
    """What holds for a line that does not say it, and what time it is."""

    reason: Reason | None
    why: str = field(repr=False)
    now: datetime
    dead_for: timedelta


def judge(
    lines: Iterable[Line], defaults: Defaults
) -> tuple[Sequence[tuple[Line, Wanted]], Sequence[tuple[Line, Refusal]]]:
    """Return what *lines* want, and those that can't be taken."""
    wanted: list[tuple[Line, Wanted]] = []
    refused: list[tuple[Line, Refusal]] = []
    for line in lines:
        match _read(line, defaults):
            case Refusal() as why:
                refused.append((line, why))
            case Wanted() as one:
                wanted.append((line, one))
    return wanted, refused


def _read(line: Line, defaults: Defaults) -> Wanted | Refusal:
    if line.broken or not line.phone:
        return Refusal.BROKEN_LINE if line.broken else Refusal.NO_NUMBER
    reason = _reason(line.more.get("reason", ""), defaults.reason)
    if reason is None:
        return Refusal.UNKNOWN_REASON
    why = line.more.get("why") or defaults.why
    if len(why) > LONGEST_WHY:
        return Refusal.WORDY
    try:
        since = _moment(line.more.get("since", "")) or defaults.now
        until, theirs = _end(line.more.get("until", ""), reason, defaults)
    except ValueError:
        return Refusal.NO_TIME
    return _impossible(reason, since, until, defaults.now) or Wanted(
        line.phone, reason, since, until, theirs, " ".join(why.split())
    )


def _reason(said: str, default: Reason | None) -> Reason | None:
    if not said:
        return default
    word = said.casefold().replace(" ", "_").replace("-", "_")
    return Reason(word) if word in frozenset(Reason) else None


def _end(said: str, reason: Reason, defaults: Defaults) -> tuple[datetime | None, bool]:
    """Return when it ends, and whether the line says so."""
    if not said:
        return default_end(reason, defaults.now, defaults.dead_for), False
    return (None if said.casefold() == NEVER else _moment(said)), True


def _impossible(
    reason: Reason, since: datetime, until: datetime | None, now: datetime
) -> Refusal | None:
    if since > now:
        return Refusal.NOT_YET
    if until and reason is Reason.OPTED_OUT:
        return Refusal.ENDLESS
    return Refusal.ENDED if until and until <= now else None


def _moment(said: str) -> datetime | None:
    """Return the time that *said* names, None if it is empty; ValueError if it is none."""
    if not said:
        return None
    found = datetime.fromisoformat(said)
    if found.tzinfo is None or found.year not in YEARS:
        raise ValueError
    return found.astimezone(UTC)
