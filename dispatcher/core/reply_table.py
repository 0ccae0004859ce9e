"""The table of the words that people write back: `replies.csv`, whose head explains it."""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import product
from typing import NamedTuple
from unicodedata import category

from dispatcher.core import wording
from dispatcher.core.errors import DispatcherError

COLUMNS = ["kind", "words", "language", "source"]
LANGUAGES = frozenset(("en", "es", "fr", "any"))
SOURCES = frozenset(("ringcentral", "fcc", "ctia", "common"))

_PLACE = re.compile(r"(?P<open>\[)?(?P<words>[^\[\]/]+(?:/[^\[\]/]+)*)(?(open)\])")


class Kind(StrEnum):
    """What a line of the table is; the head of the file tells each."""

    OPT_OUT = "opt_out"
    OPT_OUT_ALONE = "opt_out_alone"
    OPT_OUT_ANYWHERE = "opt_out_anywhere"
    OPT_IN = "opt_in"
    HELP = "help"
    UNCLEAR = "unclear"
    UNCLEAR_ALONE = "unclear_alone"
    TAKEN_BACK = "taken_back"
    POLITE = "polite"
    AROUND = "around"
    QUOTED = "quoted"
    NOT_AFTER = "not_after"
    NOT_BEFORE = "not_before"


OPT_OUTS = frozenset((Kind.OPT_OUT, Kind.OPT_OUT_ALONE, Kind.OPT_OUT_ANYWHERE))
_LIMITS = frozenset((Kind.NOT_AFTER, Kind.NOT_BEFORE))


class ReplyTableError(DispatcherError):
    """A line of the table is wrong; the sentence names it and says why."""

    def __init__(self, line: int, wrong: str) -> None:
        super().__init__(f"replies.csv, line {line}: {wrong}")
        self.line = line


class Entry(NamedTuple):
    """A phrase: as the table has it (*said*), and as cleaned *words*."""

    kind: Kind
    said: str
    words: tuple[str, ...]
    sources: frozenset[str]
    line: int


@dataclass(frozen=True)
class Table:
    """The *phrases*, and how many words the *longest* with a certain first word has.

    *signs* are pictures that count as words. *of_ringcentral* are its own keywords, in lower
    case: RingCentral acts on a text that is one of them and nothing else.
    """

    phrases: Mapping[tuple[str, ...], Entry]
    longest: Mapping[str, int]
    limits: Mapping[Kind, frozenset[str]]
    signs: str
    of_ringcentral: frozenset[str]


@cache
def table() -> Table:
    """Return the product's own table; it is read once."""
    return parse(files("dispatcher.core").joinpath("replies.csv").read_text("utf-8"))


def parse(text: str) -> Table:
    """Read the table, or raise ReplyTableError for the first line that is wrong."""
    signs = "".join(sorted({char for char in text if category(char) == "So"}))
    entries: dict[tuple[Kind | None, tuple[str, ...]], Entry] = {}
    for line, cells in _rows(text):
        for entry in _entries(line, cells, signs):
            # A word may well be a phrase and limit others: "stop to unsubscribe".
            limit = entry.kind if entry.kind in _LIMITS else None
            first = entries.setdefault((limit, entry.words), entry)
            if first.line != line:
                raise ReplyTableError(line, f'"{entry.said}" stands in line {first.line} too')
    return _table(list(entries.values()), signs)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that are not empty and no remark, without the one that names columns."""
    rows = enumerate(csv.reader(text.splitlines()), start=1)
    told = ((n, row) for n, row in rows if any(row) and not row[0].startswith("#"))
    line, header = next(told, (1, []))
    if header != COLUMNS:
        raise ReplyTableError(line, f"the columns must be {', '.join(COLUMNS)}")
    yield from told


def _entries(line: int, cells: list[str], signs: str) -> Iterator[Entry]:
    if len(cells) != len(COLUMNS):
        raise ReplyTableError(line, f"it has {len(cells)} cells instead of {len(COLUMNS)}")
    name, phrase, language, source = cells
    if name not in frozenset(Kind):
        raise ReplyTableError(line, f'no kind is called "{name}"')
    if language not in LANGUAGES:
        raise ReplyTableError(line, f'no language is called "{language}"')
    sources = frozenset(source.split("|"))
    if not sources <= SOURCES:
        raise ReplyTableError(line, f'no source is called "{source}"')
    kind = Kind(name)
    places = [list(_place(line, place, signs)) for place in phrase.split()]
    for choice in product(*places):
        said = " ".join(said for said, _ in choice if said)
        words = tuple(word for _, cleaned in choice for word in cleaned)
        if not words or (kind in _LIMITS and len(words) > 1):
            raise ReplyTableError(line, f'"{said}" is not a phrase, or not one word')
        yield Entry(kind, said, words, sources, line)


def _place(line: int, place: str, signs: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what may stand at a *place* of a phrase, as it is and cleaned."""
    match = _PLACE.fullmatch(place)
    if match is None:
        raise ReplyTableError(line, f'"{place}" is neither a/b nor [a/b]')
    if match["open"]:
        yield "", ()
    for said in match["words"].split("/"):
        found = wording.clauses(wording.plain(said), signs)
        if len(found) != 1:
            raise ReplyTableError(line, f'"{said}" is no word')
        yield said, found[0]


def _table(entries: list[Entry], signs: str) -> Table:
    phrases = {entry.words: entry for entry in entries if entry.kind not in _LIMITS}
    longest: dict[str, int] = {}
    for words in phrases:
        longest[words[0]] = max(len(words), longest.get(words[0], 0))
    limits = {
        kind: frozenset(e.words[0] for e in entries if e.kind is kind) for kind in _LIMITS
    }
    theirs = frozenset(e.said.lower() for e in entries if "ringcentral" in e.sources)
    return Table(phrases, longest, limits, signs, theirs)
