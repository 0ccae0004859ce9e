"""What a phone number looks like to RingCentral."""

import re

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NORTH_AMERICAN = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}")
_SHORT = re.compile(r"\+?\d{3,6}")
_TOLL_FREE = re.compile(r"\+18(00|33|44|55|66|77|88)\d{7}")


def is_e164(number: str) -> bool:
    """Tell whether *number* is in E.164 and, with the code 1, a possible number of its plan."""
    shape = _NORTH_AMERICAN if number.startswith("+1") else _E164
    return shape.fullmatch(number) is not None


def is_short(number: str) -> bool:
    return _SHORT.fullmatch(number) is not None


def is_toll_free(number: str) -> bool:
    return _TOLL_FREE.fullmatch(number) is not None


def is_international(number: str) -> bool:
    return not number.startswith("+1")


def masked(number: str) -> str:
    """Return *number* as it may stand in a log."""
    return f"{number[:5]}***{number[-4:]}" if is_e164(number) else "***"
