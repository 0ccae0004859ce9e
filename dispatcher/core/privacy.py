"""What may be shown to an operator: masked numbers, and sentences without secrets."""

import re
from typing import Final

_DIGITS = re.compile(r"\d")

# A number however it was typed: with its +, in groups of 3, 3 and 4, or ten digits in a row.
_NUMBER = re.compile(r"\+\W?\d(?:\W{0,2}\d){6,14}|\d{3}\W{0,3}\d{3}\W{0,3}\d{4,}|\d{10,}")

# What logs a program in: a bearer's, a JWT, a password within a URL, or any long run of
# letters and digits that is too mixed to be a word.
_SECRET = re.compile(
    r"(?i:\b(?:bearer|basic)\s+[\w.~+/=-]{8,})"
    r"|\beyJ[\w-]{5,}(?:\.[\w-]*){0,2}"
    r"|(?<=://)[^\s/@]*:[^\s/]*@"
    r"|(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])(?!(?:[0-9a-f]+-){4}[0-9a-f]{12}\b)[\w+/=-]{32,}"
)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

HIDDEN: Final = "***"


class Sentence(str):
    """A sentence of ours for an operator. It holds facts, but nobody's text, token or number.

    A type of its own, so that nothing else that is a string can be logged by mistake.
    """

    __slots__ = ()


def mask(number: str) -> str:
    """Return *number* with its middle hidden: `+1212***4567`; all of it if it is too short."""
    digits = "".join(_DIGITS.findall(number))
    if len(digits) < 10:  # noqa: PLR2004  # of North America, without its 1
        return HIDDEN
    digits = digits if len(digits) > 10 else f"1{digits}"  # noqa: PLR2004
    return f"+{digits[:4]}{HIDDEN}{digits[-4:]}"


def scrub(text: str) -> str:
    """Return *text* on one line, with whatever looks like a secret or a number hidden."""
    one_line = _UNPRINTABLE.sub(" ", text)
    return _NUMBER.sub(lambda found: mask(found[0]), _SECRET.sub(HIDDEN, one_line))
