"""Tells what a person's answer asks for: no more texts, texts again, help, or something else.

RingCentral acts only on a text that is one of its words and nothing else. A wish counts in any
words that a reasonable person would understand (47 CFR 64.1200(a)(10)), so this reads further;
and where it can't tell, it says so, and a person decides.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from dispatcher.core import wording
from dispatcher.core.reply_table import OPT_OUTS, Entry, Kind, table


class Verdict(StrEnum):
    """What is asked for. UNCLEAR: perhaps an opt-out or opt-in; a person must see it."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    UNCLEAR = "unclear"
    NONE = "none"


class Why(StrEnum):
    """What a verdict rests on."""

    KEYWORD = "keyword"  # the text is a word of the table, repeated perhaps
    POLITE = "polite"  # so it is beside please, thanks and the like
    PHRASE = "phrase"  # part of the text says it, and nothing else takes that back
    QUESTION = "question"
    LIMITED = "limited"  # not, or not now: "do not text me before nine"
    MIXED = "mixed"  # it says both
    QUOTED = "quoted"  # a reaction, which repeats the text that it is about: ours
    LONG = "long"  # no text is so long; its end was not read
    SIMILAR = "similar"  # it has a word of the table, and more
    NONE = "none"


@dataclass(frozen=True)
class Reply:
    """*matched* is a phrase of our table, never the person's own words.

    *known_to_ringcentral* says that RingCentral itself took the text for an opt-out or opt-in.
    """

    verdict: Verdict
    matched: str | None
    why: Why
    known_to_ringcentral: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a clause: a phrase of the table, or a word that is not in it."""

    entry: Entry | None
    limited: bool = False

    @property
    def kind(self) -> Kind | None:
        return self.entry.kind if self.entry else None


_Clause = list[_Piece]
_Found = tuple[Verdict, str | None, Why]

_QUOTATION = re.compile('["\u201c\u201d\u201e\u00ab]')
_PLAIN = {Kind.OPT_IN: Verdict.OPT_IN, Kind.HELP: Verdict.HELP}
_BESIDE = frozenset((Kind.POLITE, Kind.AROUND, Kind.UNCLEAR))
_TO_BE_SEEN = OPT_OUTS | {Kind.UNCLEAR, Kind.TAKEN_BACK}
LONGEST = 10_000
"""So many characters of a text are read: ten times what RingCentral takes."""

_REACH = 2
"""How many words before or after a phrase may limit it."""


def read(text: str) -> Reply:
    """Return what *text* asks for. Never raises, and takes a time that has a bound."""
    plain = wording.plain(text[:LONGEST])
    clauses = [_pieces(words) for words in wording.clauses(plain, table().signs)]
    asks = "?" in plain
    found = (
        _of_quoted(plain, clauses)
        or _of_all(clauses, asks=asks)
        or _of_part(clauses)
        or _of_similar(clauses, asks=asks)
        or _of_rest(text)
    )
    return Reply(*found, text.strip().lower() in table().of_ringcentral)


def _pieces(words: tuple[str, ...]) -> _Clause:
    """Cut a clause into the longest phrases of the table, from left to right."""
    found: _Clause = []
    at = 0
    while at < len(words):
        entry = _phrase_at(words, at)
        after = at + (len(entry.words) if entry else 1)
        limited = entry is not None and _is_limited(words, at, after)
        found.append(_Piece(entry, limited))
        at = after
    return found


def _phrase_at(words: tuple[str, ...], at: int) -> Entry | None:
    for length in range(table().longest.get(words[at], 0), 0, -1):
        if entry := table().phrases.get(words[at : at + length]):
            return entry
    return None


def _is_limited(words: tuple[str, ...], start: int, end: int) -> bool:
    before, after = words[max(0, start - _REACH) : start], words[end : end + _REACH]
    limits = table().limits
    return not (
        limits[Kind.NOT_AFTER].isdisjoint(before) and limits[Kind.NOT_BEFORE].isdisjoint(after)
    )


def _of_quoted(plain: str, clauses: list[_Clause]) -> _Found | None:
    """Judge a phone's reaction: the words in it are those of the text that it repeats."""
    head, *rest = _QUOTATION.split(plain, maxsplit=1)
    told = wording.clauses(head) if rest else []
    if len(told) != 1 or not _reacts(_pieces(told[0])):
        return None
    seen = _first(clauses, _TO_BE_SEEN)
    return (Verdict.UNCLEAR, seen, Why.QUOTED) if seen else (Verdict.NONE, None, Why.NONE)


def _reacts(pieces: _Clause) -> bool:
    entry = pieces[-1].entry
    if entry is None or entry.kind is not Kind.QUOTED:
        return False
    return len(pieces) == 1 or len(entry.words) > 1


def _of_all(clauses: list[_Clause], *, asks: bool) -> _Found | None:
    """Judge a text that is nothing but phrases of one meaning, and polite."""
    pieces = [piece for clause in clauses for piece in clause]
    told = _without(pieces, {Kind.POLITE})
    kinds = {piece.kind for piece in told}
    why = Why.KEYWORD if len(told) == len(pieces) else Why.POLITE
    matched = told[0].entry.said if told and told[0].entry else None
    if kinds == {Kind.UNCLEAR_ALONE}:
        return Verdict.UNCLEAR, matched, Why.SIMILAR
    if kinds in ({Kind.OPT_OUT_ALONE}, {Kind.OPT_IN}) and asks:
        return Verdict.UNCLEAR, matched, Why.QUESTION
    if kinds and kinds <= OPT_OUTS:
        phrase = Kind.OPT_OUT_ANYWHERE in kinds
        return Verdict.OPT_OUT, matched, Why.PHRASE if phrase else why
    for kind, verdict in _PLAIN.items():
        if kinds == {kind}:
            return verdict, matched, why
    return None


def _of_part(clauses: list[_Clause]) -> _Found | None:
    """Judge a text of which a part is a wish for no more texts, whatever else it says."""
    matched = next(filter(None, map(_wish, clauses)), None)
    if matched is None:
        return None
    back = any(_says(clause, Kind.OPT_IN) for clause in clauses)
    if back or _first(clauses, {Kind.TAKEN_BACK}):
        return Verdict.UNCLEAR, matched, Why.MIXED
    return Verdict.OPT_OUT, matched, Why.PHRASE


def _wish(clause: _Clause) -> str | None:
    for piece in clause:
        if piece.kind is Kind.OPT_OUT_ANYWHERE and not piece.limited and piece.entry:
            return piece.entry.said
    return _says(clause, Kind.OPT_OUT)


def _says(clause: _Clause, kind: Kind) -> str | None:
    """Return the one phrase of *kind* that *clause* is, but for what may stand beside it."""
    said = {piece.entry.said if piece.kind is kind and piece.entry else None
            for piece in _without(clause, _BESIDE)}  # fmt: skip
    return said.pop() if len(said) == 1 else None


def _of_similar(clauses: list[_Clause], *, asks: bool) -> _Found | None:
    """Judge a text that has a word of the table in it, which is not for us to understand."""
    seen = _first(clauses, _TO_BE_SEEN)
    if seen is None:
        return None
    pieces = [piece for clause in clauses for piece in clause]
    kinds = {piece.kind for piece in pieces}
    if asks:
        why = Why.QUESTION
    elif any(piece.limited and piece.kind in OPT_OUTS for piece in pieces):
        why = Why.LIMITED
    elif kinds & OPT_OUTS and kinds & {Kind.OPT_IN, Kind.TAKEN_BACK}:
        why = Why.MIXED
    else:
        why = Why.SIMILAR
    return Verdict.UNCLEAR, seen, why


def _of_rest(text: str) -> _Found:
    if len(text) > LONGEST:
        return Verdict.UNCLEAR, None, Why.LONG
    return Verdict.NONE, None, Why.NONE


def _without(pieces: Iterable[_Piece], kinds: Collection[Kind | None]) -> list[_Piece]:
    return [piece for piece in pieces if piece.kind not in kinds]


def _first(clauses: Iterable[_Clause], kinds: Collection[Kind | None]) -> str | None:
    """Return the first phrase of one of *kinds*."""
    pieces = (piece for clause in clauses for piece in clause)
    return next((p.entry.said for p in pieces if p.entry and p.kind in kinds), None)
