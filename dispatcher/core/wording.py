"""Takes from what a person wrote everything that does not change what is meant."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from unicodedata import category, normalize

_APOSTROPHES = str.maketrans("", "", "'`\u00b4\u2018\u2019\u02bc\uff07")
_DRAWN_EMPTY = frozenset("\u115f\u1160\u17b4\u17b5")  # letters by name, seen by nobody
_DIGITS = str.maketrans("013457", "oieast")  # written for a letter, as in st0p

_BREAK = re.compile(r"[!?;,:|\n\r\u2013\u2014]|--|[.\-]\s|\s-")
_RUN = re.compile(r"(.)\1+", re.DOTALL)
_SPELT_FROM = 3
"""So many letters in a row that stand alone are a word spelt out: S T O P."""


def plain(text: str) -> str:
    """Return *text* without case, accents, wide letters, apostrophes and what is not seen."""
    bare = text.translate(_APOSTROPHES)
    if not bare.isascii():
        # Character by character: sorting thousands of accents on one letter takes for ever.
        bare = "".join(c for each in bare for c in normalize("NFKD", each) if _is_seen(c))
    return bare.translate(_APOSTROPHES).casefold()


@lru_cache(maxsize=4096)
def _is_seen(char: str) -> bool:
    return category(char) not in {"Mn", "Me", "Cf"} and char not in _DRAWN_EMPTY


def clauses(text: str, signs: str = "") -> list[tuple[str, ...]]:
    """Cut *text*, made `plain`, into clauses of words; each of *signs* is a word of its own.

    A comma, a dash, a colon or a new line ends a clause as a full stop does: in a text they
    set off a greeting, a signature, a reason.
    """
    found: list[list[str]] = [[]]
    end, before, gap_before = 0, "", None
    for match in _words(signs).finditer(text):
        word, gap = _folded(match[0]), text[end : match.start()]
        spelt = len(word) == len(before) == 1 and gap_before in {None, gap}
        if not spelt and _BREAK.search(gap):
            found.append([])
        found[-1].append(word)
        end, before, gap_before = match.end(), word, gap if spelt else None
    return [tuple(_joined(clause)) for clause in found if clause]


@lru_cache
def _words(signs: str) -> re.Pattern[str]:
    return re.compile(r"[^\W_]+" + (f"|[{re.escape(signs)}]" if signs else ""))


def _joined(words: Sequence[str]) -> list[str]:
    """Join letters that stand alone to the word that they spell."""
    found: list[str] = []
    for alone, group in groupby(words, key=lambda word: len(word) == 1 and word.isalpha()):
        run = list(group)
        # No word of the table ends with it: the next sentence begins, "S T O P I am ill".
        rest = run[-1:] if run[-1] == "i" else []
        spelt = run[: len(run) - len(rest)]
        if alone and len(spelt) >= _SPELT_FROM:
            found += [_folded("".join(spelt)), *rest]
        else:
            found += run
    return found


def _folded(word: str) -> str:
    """Return *word* with each run of a letter as one, and digits in it as letters."""
    if not word.isdigit() and any(map(str.isdigit, word)):
        word = word.translate(_DIGITS)
    return _RUN.sub(r"\1", word)
