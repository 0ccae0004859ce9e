"""The log: one event a line, as JSON or in colours."""

import json
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import structlog

from dispatcher.telemetry.events import EVENTS, FIELDS
from dispatcher.telemetry.fields import WITHHELD, shower
from dispatcher.telemetry.meters import Meters
from dispatcher.telemetry.output import Output

Line = MutableMapping[str, Any]
FORMATS: Final = ("auto", "json", "console")

# Looked up once: a busy daemon writes thousands of lines a second.
_SHOW: Final = {name: shower(kind) for name, kind in FIELDS.items()}


class Voice:
    """Says events into the log; knows which states it has told of already.

    *now* returns the seconds since 1970. The *form* `auto` is `console` on a terminal.
    """

    def __init__(
        self, stream: TextIO, form: str, now: Callable[[], float], meters: Meters
    ) -> None:
        self.now = now
        self._told: set[str] = set()
        self.output = Output(
            stream.fileno(), lambda lines: meters.count("log_lines_lost_total", by=lines)
        )
        console = form == "console" or (form == "auto" and stream.isatty())
        self._log = structlog.wrap_logger(
            _Printer(self.output.write),
            processors=[self._finish, _renderer(console=console)],
            wrapper_class=structlog.make_filtering_bound_logger("info"),
        ).bind()
        self._says = {
            method: (getattr(self._log, event.level), event.name)
            for method, event in EVENTS.items()
        }
        self._second, self._stamp = -1, ""

    def say(self, method: str, **fields: object) -> None:
        """Write the line of the event that belongs to *method*."""
        say, name = self._says[method]
        say(name, **fields)

    def begins(self, state: str) -> bool:
        """Return whether *state* is news: it was not told, or has ended since."""
        known = state in self._told
        self._told.add(state)
        return not known

    def ends(self, state: str) -> bool:
        """Return whether *state* was told, and forget it."""
        known = state in self._told
        self._told.discard(state)
        return known

    def _finish(self, _log: object, level: str, line: Line) -> Line:
        """Show each field as its kind may be shown: the last that touches a line."""
        event = line.pop("event")
        shown = {
            name: None if value is None else _SHOW[name](value) if name in _SHOW else WITHHELD
            for name, value in line.items()
        }
        return {"timestamp": self._time(), "level": level, "event": event, **shown}

    def _time(self) -> str:
        """Return the time, of which most lines share all but the milliseconds."""
        now = self.now()
        second = int(now)
        if second != self._second:
            whole = datetime.fromtimestamp(second, UTC).isoformat()
            self._second, self._stamp = second, whole.removesuffix("+00:00")
        return f"{self._stamp}.{int((now - second) * 1000):03d}Z"


def _renderer(*, console: bool) -> Callable[[Any, str, Line], str | bytes]:
    if console:
        return structlog.dev.ConsoleRenderer(colors=True, sort_keys=False)
    # Each field is a string, a number or a list of strings by now. An encoder that is made once
    # takes half the time of json.dumps with structlog's fallback.
    encode = json.JSONEncoder().encode
    return lambda _log, _level, line: encode(line)


class _Printer:
    """What structlog hands its lines to."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.info = self.warning = self.error = write
