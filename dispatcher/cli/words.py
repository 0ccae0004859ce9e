"""How the commands say numbers, money and times to people."""

import json
import re
import sys
import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

WIDTH = 80

_CENTS = 100
_COMMANDS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def count(number: int, one: str, many: str | None = None) -> str:
    """Return `1 text`, `1,200 texts`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def money(cents: Decimal | int) -> str:
    """Return an amount in cents and, from a dollar on, in dollars."""
    plain = f"{Decimal(cents).normalize():,f} cents"
    return f"{plain} (${Decimal(cents) / _CENTS:,.2f})" if cents >= _CENTS else plain


def when(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def span(time: timedelta) -> str:
    """Return about how long *time* is."""
    seconds = max(time.total_seconds(), 0)
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return count(round(seconds / size), unit)
    return count(round(seconds), "second")


def exact(time: timedelta) -> str:
    """Return *time* in hours and minutes: `7 h 55 min`."""
    hours, minutes = divmod(int(time.total_seconds()) // 60, 60)
    return f"{hours} h {minutes:02} min"


def clock(moment: datetime, zone: str) -> str:
    """Return what a clock in *zone* shows: `2026-03-04 07:05`."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def harmless(text: str) -> str:
    """Return *text*, which anybody may have written, without what commands a terminal."""
    return _COMMANDS.sub("\N{REPLACEMENT CHARACTER}", text)


def say(line: str, indent: str = "") -> None:
    """Print *line* within the width of a small terminal, an indented one without its breaks."""
    plain = " ".join(harmless(line).split()) if indent else harmless(line)
    print(textwrap.fill(plain, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  "))


def print_json(found: Mapping[str, object]) -> None:
    """Print *found* for a program: amounts and times as text, nothing rounded."""
    print(json.dumps(found, indent=2, ensure_ascii=False, default=_plain))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def note(sentence: str) -> None:
    """Say something to a person that no program waits for."""
    print(sentence, file=sys.stderr)
