"""Judges who of a file gets a text of a campaign."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from dispatcher.core import areas, places
from dispatcher.core.people_file import Line


class Refusal(StrEnum):
    """Why a line of a file of people was not taken."""

    BROKEN_LINE = "broken_line"
    NO_NUMBER = "no_number"
    INVALID_NUMBER = "invalid_number"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"
    DUPLICATE = "duplicate"
    SUPPRESSED = "suppressed"
    OPTED_OUT = "opted_out"
    DELETED = "deleted"
    NOT_SUBSCRIBED = "not_subscribed"
    UNKNOWN_PERSON = "unknown_person"
    TOO_LONG = "too_long"
    UNKNOWN_ZONE = "unknown_zone"
    NOT_ADDED = "not_added"


SENTENCES: Final[Mapping[Refusal, str]] = {
    Refusal.BROKEN_LINE: "the cells don't stand under their columns",
    Refusal.NO_NUMBER: "there is no number",
    Refusal.INVALID_NUMBER: "the number can't be dialled",
    Refusal.COUNTRY_NOT_ALLOWED: "the number is in a country that is not allowed",
    Refusal.DUPLICATE: "the number is in this campaign already",
    Refusal.SUPPRESSED: "the number is suppressed",
    Refusal.OPTED_OUT: "the number has opted out",
    Refusal.DELETED: "the person was deleted",
    Refusal.NOT_SUBSCRIBED: "the person is not subscribed to texts",
    Refusal.UNKNOWN_PERSON: "nobody has this number (people are added with --consent only)",
    Refusal.TOO_LONG: "a name, address or time zone is too long",
    Refusal.UNKNOWN_ZONE: "the time zone is none like America/New_York",
    Refusal.NOT_ADDED: "the application's table does not take this person",
}

LONGEST: Final = {"first_name": 100, "last_name": 100, "email": 255, "zone": 50}


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says of a line's number.

    *phone* is spelled, or None where it has no spelling; *queued*: it waits in this campaign
    already. *person* is whom a text would be for, the first who was not deleted; *subscribed*
    says whether all of them are, None where there is nobody.
    """

    phone: str | None
    suppressed: bool
    queued: bool
    opted_out: bool
    deleted: bool
    subscribed: bool | None
    person: UUID | None


@dataclass
class Verdicts:
    """*taken* get a text; *new* too, once they have been added as people."""

    taken: list[tuple[Line, str, UUID]] = field(default_factory=list)
    new: list[tuple[Line, str]] = field(default_factory=list)
    refused: list[tuple[Line, Refusal]] = field(default_factory=list)


def judge(
    lines: Iterable[tuple[Line, Known]], regions: Collection[str], *, adding: bool
) -> Verdicts:
    """Judge *lines* in their order; *adding* says that unknown people may be added."""
    done = Verdicts()
    seen: set[str] = set()
    for line, known in lines:
        refusal = _refusal(line, known, regions, seen, adding=adding)
        if refusal:
            done.refused.append((line, refusal))
            continue
        phone = known.phone or ""
        seen.add(phone)
        if known.person:
            done.taken.append((line, phone, known.person))
        else:
            done.new.append((line, phone))
    return done


def _refusal(
    line: Line, known: Known, regions: Collection[str], seen: Collection[str], *, adding: bool
) -> Refusal | None:
    return (
        _unreadable(line, known, regions)
        or (Refusal.DUPLICATE if known.queued or known.phone in seen else None)
        or _not_consenting(known)
        or (_not_addable(line, adding=adding) if known.person is None else None)
    )


def _unreadable(line: Line, known: Known, regions: Collection[str]) -> Refusal | None:
    if line.broken:
        return Refusal.BROKEN_LINE
    if not line.phone:
        return Refusal.NO_NUMBER
    area = areas.of(known.phone) if known.phone else None
    if not area:
        return Refusal.INVALID_NUMBER
    return None if area.region in regions else Refusal.COUNTRY_NOT_ALLOWED


def _not_consenting(known: Known) -> Refusal | None:
    if known.suppressed:
        return Refusal.SUPPRESSED
    if known.opted_out:
        return Refusal.OPTED_OUT
    if known.person is None:
        return Refusal.DELETED if known.deleted else None
    return None if known.subscribed else Refusal.NOT_SUBSCRIBED


def _not_addable(line: Line, *, adding: bool) -> Refusal | None:
    if not adding:
        return Refusal.UNKNOWN_PERSON
    if any(len(getattr(line, name)) > most for name, most in LONGEST.items()):
        return Refusal.TOO_LONG
    if line.zone and not places.is_zone(line.zone):
        return Refusal.UNKNOWN_ZONE
    return None
