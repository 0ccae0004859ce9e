"""What our programs say in tests is searched for all that nobody may read: each door looks."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

# Every number in tests is one of exchange 555; in an id no digits stand alone.
_NUMBER = re.compile(
    r"(?<![\w-])(?:\+?1[-. ]?)?\(?[2-9]\d\d\)?[-. ]{0,2}555[-. ]?\d{4}(?![\w-])"
)
_PASSWORD = re.compile(r"postgres(?:ql)?://[^:@/\s]*:(.+)@")
_SECRET = re.compile(r".*(SECRET|JWT|PASSWORD|TOKEN)")
SCHEMA = Path(__file__).parents[2] / "schema"
# What the migrations' own comments name as an example; `migrate --dry-run` prints it.
EXAMPLES = {
    n for each in SCHEMA.glob("*.sql") for n in _NUMBER.findall(each.read_text("utf-8"))
}
SHORTEST = 6  # a shorter text or secret stands in other words too


def secrets(environ: Mapping[str, str], *args: str) -> Iterator[str]:
    """Yield what a program is told by its environment or its command line, and may not repeat."""
    for name, value in environ.items():
        if _SECRET.fullmatch(name):
            yield value
    for value in (*environ.values(), *args):
        yield from _PASSWORD.findall(value)


def leaks(said: str, private: Iterable[str]) -> list[str]:
    """Return what *said* gives away."""
    found = [each for each in private if len(each) >= SHORTEST and each in said]
    return [*found, *(n for n in _NUMBER.findall(said) if n not in EXAMPLES)]
