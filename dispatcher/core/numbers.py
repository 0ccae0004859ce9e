"""Telephone numbers as they may be shown."""

import re

_E164 = re.compile(r"(\+[1-9][0-9]{3})[0-9]{3,7}([0-9]{4})")


def e164_mask(phone: str) -> str:
    """Return *phone* as a log or an error may show it: `+1212***4567`.

    `***` for what is not E.164, and for one so short that next to nothing would be hidden.
    """
    number = _E164.fullmatch(phone)
    return f"{number[1]}***{number[2]}" if number else "***"
