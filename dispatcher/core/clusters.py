"""Cuts a text into what a reader takes for one character each.

An approximation of Unicode's grapheme clusters (UAX 29) by what `unicodedata` knows. Where the
two differ this one joins more, never less, so a count of segments made from it can be too large
but not too small: controls join marks, every virama joins the letter behind it, a joiner joins
anything.
"""

from collections.abc import Iterator
from unicodedata import category, combining

_VIRAMA = 9  # its canonical combining class, in every script


def _span(first: int, last: int) -> frozenset[str]:
    return frozenset(map(chr, range(first, last + 1)))


_FLAG_LETTERS = _span(0x1F1E6, 0x1F1FF)

_JOINS_BACK = (
    frozenset("\u200c\u200d\u0e33\u0eb3\uff9e\uff9f")  # joiners, vowels and marks not called so
    | _span(0x1160, 0x11FF)  # Hangul vowels and finals
    | _span(0xD7B0, 0xD7FF)
    | _span(0x1F3FB, 0x1F3FF)  # skin tones
    | _span(0xE0020, 0xE007F)  # tags: the flag of Wales
)

_JOINS_AHEAD = (
    frozenset("\u200d\u06dd\u070f\u0890\u0891\u08e2\u0d4e")  # a joiner, marks written before
    | frozenset("\U000110bd\U000110cd\U000111c2\U000111c3\U0001193f\U00011941\U00011a3a")
    | frozenset("\U00011d46\U00011f02")
    | _span(0x0600, 0x0605)
    | _span(0x11A84, 0x11A89)
    | _span(0x1100, 0x115F)  # Hangul initials
    | _span(0xA960, 0xA97C)
)


def clusters(text: str) -> Iterator[str]:
    """Yield *text* in pieces that no carrier should split."""
    start, flag_letters, linked = 0, 0, False
    for at, char in enumerate(text):
        marks = _joins_back(char)
        if at > start:
            before = text[at - 1]
            whole = (
                marks
                or before in _JOINS_AHEAD
                or (before == "\r" and char == "\n")
                or (flag_letters % 2 == 1 and char in _FLAG_LETTERS)
                or (linked and category(char).startswith("L"))
            )
            if not whole:
                yield text[start:at]
                start = at
        flag_letters = flag_letters + 1 if char in _FLAG_LETTERS else 0
        linked = marks and (linked or combining(char) == _VIRAMA)
    if text:
        yield text[start:]


def _joins_back(char: str) -> bool:
    if char < "\u0300":  # most of most texts
        return False
    return char in _JOINS_BACK or category(char).startswith("M")
