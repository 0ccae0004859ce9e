"""Counts the segments that a text is billed as."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import category

from dispatcher.core.clusters import clusters

LONGEST_UNITS = 1000
"""RingCentral takes no longer text, in UTF-16 units."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("^{}\\[~]|€\f")  # an escape goes before each of them
_GSM7 = _BASIC | _EXTENSION

_GSM7_ALONE, _GSM7_PART = 160, 153
_UCS2_ALONE, _UCS2_PART = 70, 67

_DRAWN_EMPTY = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
)


class Encoding(StrEnum):
    """How a text goes over the air; its first character outside GSM 03.38 decides for all."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


@dataclass(frozen=True)
class Segments:
    """What to reserve for a text. *units* are septets in GSM-7, UTF-16 units in UCS-2."""

    encoding: Encoding
    units: int
    segments: int


def count(text: str) -> Segments:
    """Count the segments of *text*; an empty one is billed as one.

    Nobody knows whether a carrier cuts a long text anywhere, between characters, or between
    what a reader takes for a character. The last gives the largest count and is the one used.
    """
    if _GSM7.issuperset(text):
        units = len(text) + sum(map(text.count, _EXTENSION))
        sizes = ([2 if char in _EXTENSION else 1] for char in text)
        parts = 1 if units <= _GSM7_ALONE else _pack(sizes, _GSM7_PART)
        return Segments(Encoding.GSM7, units, parts)
    units = utf16_units(text)
    wholes = ([1 + (char > "\uffff") for char in whole] for whole in clusters(text))
    parts = 1 if units <= _UCS2_ALONE else _pack(wholes, _UCS2_PART)
    return Segments(Encoding.UCS2, units, parts)


def utf16_units(text: str) -> int:
    """Return the length of *text* as RingCentral and UCS-2 count it: an emoji is two."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_blank(text: str) -> bool:
    """Tell whether nothing in *text* would be seen: empty, spaces, zero-width characters."""
    return all(
        char.isspace() or char in _DRAWN_EMPTY or category(char) in {"Cc", "Cf"}
        for char in text
    )


def _pack(wholes: Iterable[list[int]], room: int) -> int:
    """Count the segments of *room* units that *wholes*, the sizes of characters, fill in turn.

    A whole that is larger than a segment begins a new one and is split between characters.
    """
    segments = left = 0
    for whole in wholes:
        if sum(whole) > left:
            segments, left = segments + 1, room
        for size in whole:
            if size > left:
                segments, left = segments + 1, room
            left -= size
    return segments
