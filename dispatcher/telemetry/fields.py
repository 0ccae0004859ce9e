"""The fields of log lines: what each may hold, whatever it was given by mistake."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from dispatcher.core.privacy import Sentence, mask, scrub

WITHHELD: Final = "(withheld)"
"""Stands in the line for what does not fit its field."""

# Ten digits as a whole number: a person's, and no id or measure of ours grows so far.
_TOO_LARGE = 1_000_000_000
_LONGEST_SENTENCE = 300
_MOST_NUMBERS = 20

_WORD = re.compile(r"[a-z][a-z_]{0,38}[0-9]?")
_CODE = re.compile(r"\d{3}|[A-Z]{2,5}(-[A-Z]{1,5}){0,2}-\d{1,5}|[A-Za-z_]{1,30}")
_LABEL = re.compile(r"[\w.:~+-]{1,64}")
_RULE = re.compile(r"[a-z][a-z-]{0,19}( [A-Za-z][A-Za-z+-]{0,15})?")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Kind(StrEnum):
    """What a field holds."""

    ID = "a UUID or a number"
    WORD = "one word of a closed set"
    CODE = "an error code"
    NUMBER = "a number"
    TIME = "a time in UTC"
    PHONE = "a masked number"
    PHONES = "masked numbers"
    LABEL = "a name without spaces"
    RULE = "the name of a rule"
    SENTENCE = "a sentence"


def shower(kind: Kind) -> Callable[[object], object]:
    """Return what shows a value of *kind*, which is not None, as the log may show it."""
    return _SHOW[kind]


def utc(time: datetime) -> str:
    """Return *time* as `2026-01-31T08:00:00.000Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _id(value: object) -> object:
    if isinstance(value, int):
        return value if abs(value) < _TOO_LARGE else WITHHELD
    if isinstance(value, UUID):
        return str(value)
    return value if isinstance(value, str) and _UUID.fullmatch(value) else WITHHELD


def _number(value: object) -> object:
    if not isinstance(value, int | float | Decimal):
        return WITHHELD
    exact = value if isinstance(value, int) else round(float(value), 3)
    return exact if abs(exact) < _TOO_LARGE else WITHHELD


def _time(value: object) -> str:
    return utc(value) if isinstance(value, datetime) else WITHHELD


def _phone(value: object) -> str:
    return mask(value) if isinstance(value, str) else WITHHELD


def _phones(value: object) -> object:
    numbers = value if isinstance(value, list) else []
    return [_phone(number) for number in numbers[:_MOST_NUMBERS]]


def _sentence(value: object) -> str:
    return scrub(value)[:_LONGEST_SENTENCE] if isinstance(value, Sentence) else WITHHELD


def _word(value: object) -> str:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else WITHHELD


def _rule(value: object) -> str:
    return value if isinstance(value, str) and _RULE.fullmatch(value) else WITHHELD


def _code(value: object) -> str:
    text = str(value) if isinstance(value, str | int) else ""
    return text if _CODE.fullmatch(text) else WITHHELD


def _label(value: object) -> str:
    text = str(value) if isinstance(value, str | UUID) else ""
    if _UUID.fullmatch(text):
        return text  # which may hold ten digits in a row
    return scrub(text) if _LABEL.fullmatch(text) else WITHHELD


_SHOW: dict[Kind, Callable[[object], object]] = {
    Kind.ID: _id,
    Kind.WORD: _word,
    Kind.CODE: _code,
    Kind.NUMBER: _number,
    Kind.TIME: _time,
    Kind.PHONE: _phone,
    Kind.PHONES: _phones,
    Kind.LABEL: _label,
    Kind.RULE: _rule,
    Kind.SENTENCE: _sentence,
}
