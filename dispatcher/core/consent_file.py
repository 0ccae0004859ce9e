"""A file of consents with their proof: what each line shows, and whether it is taken."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from dispatcher.core import recruiting
from dispatcher.core.people_file import Columns, Line, PeopleFile, unquoted
from dispatcher.core.recruiting import Refusal

COLUMNS: Final[Columns] = {
    "consented_at": frozenset(
        ("consentedat", "consentat", "consenttime", "consentdate", "optedinat", "optinat",
         "optintime", "optindate", "agreedat")
    ),
    "source": frozenset(("source", "consentsource", "optinsource", "where", "channel")),
    "words": frozenset(
        ("words", "consentwords", "wordsshown", "consenttext", "wording", "disclosure")
    ),
}  # fmt: skip
"""What a file of consents has beside the columns of people; each must be there."""

REFUSED: Final = ("line", "reason", "meaning")
"""How the header of a file of refused lines begins: they are no proof."""

OURS: Final = ("file", "line")
"""What we add to each proof."""

YEARS: Final = range(1990, 2200)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a line says of a consent; *at* is None where it does not say when."""

    line: Line
    at: datetime | None
    source: str
    words: str = field(repr=False)
    more: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """What the database says of a line's number at *now*.

    *phone* is spelled, or None where it has no spelling. *opted_out*: an opt-out is in force,
    or came after the consent. *people* have the number and were not deleted; *recorded*: this
    very consent is evidence already.
    """

    phone: str | None
    now: datetime
    suppressed: bool
    opted_out: bool
    deleted: bool
    people: Sequence[UUID]
    recorded: bool


@dataclass
class Verdicts:
    """*taken* are evidence now, *new* once they have been added as people.

    *again* are evidence since an earlier import: nothing is done about them.
    """

    taken: list[tuple[Proof, Known]] = field(default_factory=list)
    new: list[tuple[Proof, Known]] = field(default_factory=list)
    again: list[Proof] = field(default_factory=list)
    refused: list[tuple[Line, Refusal]] = field(default_factory=list)


def proofs(file: PeopleFile, lines: Iterable[Line], name: str) -> list[Proof]:
    """Return what *lines* of *file*, which is called *name*, show.

    Whatever stands in columns that we don't know is proof too.
    """
    ours = set(file.places.values())
    ours |= {0, 1, 2} if file.header[:3] == REFUSED else set()
    titles = {n: title for n, title in enumerate(file.header) if title and n not in ours}
    columns = list(zip(titles, _apart(titles.values()), strict=True))
    return [_proof(line, columns, name) for line in lines]


def _apart(titles: Iterable[str]) -> Iterator[str]:
    """Yield *titles*, no two alike and none as we name ours: each cell is proof."""
    seen = Counter(OURS)
    for title in titles:
        seen[title] += 1
        yield title if seen[title] == 1 else f"{title} ({seen[title]})"


def _proof(line: Line, columns: Iterable[tuple[int, str]], name: str) -> Proof:
    cells = {
        title: unquoted(line.cells[n]).strip() for n, title in columns if n < len(line.cells)
    }
    more = {title: cell for title, cell in cells.items() if cell}
    return Proof(
        line,
        _moment(line.more["consented_at"]),
        unquoted(line.more["source"]),
        unquoted(line.more["words"]),
        more | dict(zip(OURS, (name, line.number), strict=True)),
    )


def _moment(cell: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(cell)
    except ValueError:
        return None
    return found if found.tzinfo and found.year in YEARS else None


def judge(lines: Iterable[tuple[Proof, Known]], regions: Collection[str]) -> Verdicts:
    """Judge *lines* in their order; the same consent is taken once."""
    done = Verdicts()
    seen: set[tuple[str | None, datetime | None, str]] = set()
    for proof, known in lines:
        refusal = _refusal(proof, known, regions)
        consent = known.phone, proof.at, proof.words
        if refusal:
            done.refused.append((proof.line, refusal))
        elif known.recorded or consent in seen:
            done.again.append(proof)
        else:
            seen.add(consent)
            (done.taken if known.people else done.new).append((proof, known))
    return done


def _refusal(proof: Proof, known: Known, regions: Collection[str]) -> Refusal | None:
    # PostgreSQL stores no NUL.
    broken = any("\0" in cell for cell in proof.line.cells)
    return (
        (Refusal.BROKEN_LINE if broken else None)
        or recruiting.unreadable(proof.line, known.phone, regions)
        or _unproved(proof, known)
        or _not_consenting(proof, known)
    )


def _unproved(proof: Proof, known: Known) -> Refusal | None:
    if proof.at is None:
        return Refusal.NO_TIME
    if proof.at > known.now:
        return Refusal.FUTURE
    if not proof.words:
        return Refusal.NO_WORDS
    return None if proof.source else Refusal.NO_SOURCE


def _not_consenting(proof: Proof, known: Known) -> Refusal | None:
    if known.opted_out:
        return Refusal.OPTED_OUT
    if known.suppressed:
        return Refusal.SUPPRESSED
    if known.people:
        return None
    return Refusal.DELETED if known.deleted else recruiting.unfit(proof.line)
