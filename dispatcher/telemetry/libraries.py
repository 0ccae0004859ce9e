"""What libraries write through `logging`, and where it goes."""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from types import TracebackType

from dispatcher.core.privacy import Sentence

# They may log requests and answers in full below this.
_NEVER_BELOW_WARNING = ("requests", "ringcentral", "urllib3")
_PACE_SECONDS = 60
_MOST_REMEMBERED = 200

Tell = Callable[[str, str | None, str | None, Sentence], None]


class LibraryLines(logging.Handler):
    """Tells of each warning: library, exception and its place, and the words of the library.

    The words are the first line of the record's template. What they are filled with, further
    lines and the text of an exception may hold somebody's number or a token, so they are left
    out. *tell* is asked again for the same words after a minute only; *count* always.
    """

    def __init__(self, tell: Tell, count: Callable[[], None], now: Callable[[], float]) -> None:
        super().__init__(logging.WARNING)
        self._tell, self._count, self._now = tell, count, now
        self._last: dict[tuple[str, str], float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self._count()
        words = str(record.msg).split("\n", 1)[0]
        if not self._is_due((record.name, words)):
            return
        kind, _, place = record.exc_info or (None, None, None)
        self._tell(
            record.name, kind.__name__ if kind else None, _innermost(place), Sentence(words)
        )

    def _is_due(self, what: tuple[str, str]) -> bool:
        now = self._now()
        due = now - self._last.get(what, -_PACE_SECONDS) >= _PACE_SECONDS
        if len(self._last) >= _MOST_REMEMBERED:
            self._last.clear()
        if due:
            self._last[what] = now
        return due


def _innermost(place: TracebackType | None) -> str | None:
    frames = traceback.extract_tb(place)
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else None


@contextmanager
def routed(lines: LibraryLines) -> Iterator[None]:
    """Let *lines* alone have what libraries log; put everything back at the end."""
    root = logging.getLogger()
    quiet = [logging.getLogger(name) for name in _NEVER_BELOW_WARNING]
    before = root.handlers[:], root.level, [logger.level for logger in quiet]
    root.handlers[:] = [lines]
    for logger in (root, *quiet):
        logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        root.handlers[:] = before[0]
        for logger, level in zip((root, *quiet), (before[1], *before[2]), strict=True):
            logger.setLevel(level)
