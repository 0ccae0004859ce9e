"""A Telemetry whose log and metrics a test can read."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dispatcher.telemetry import CollectorRegistry, Telemetry

NOON = 1_770_000_000.0

_SAMPLE = re.compile(r"^(\w+(?:\{[^}]*\})?) (\S+)$", re.MULTILINE)


class Watched:
    """A Telemetry, what it wrote, and the time that it believes."""

    def __init__(self, telemetry: Telemetry, log: Path) -> None:
        self.telemetry, self._log = telemetry, log
        self.now = NOON

    def text(self) -> str:
        return self._log.read_text("utf-8")

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]

    def events(self) -> list[str]:
        return [line["event"] for line in self.lines()]

    def samples(self) -> dict[str, str]:
        """Return the value of each series of ours by its name and labels."""
        text = self.telemetry.exposition().decode()
        return {name.removeprefix("sms_dispatcher_"): n for name, n in _SAMPLE.findall(text)}


@contextmanager
def watched(log: Path, form: str = "json") -> Iterator[Watched]:
    with log.open("w", encoding="utf-8") as stream:

        def now() -> float:
            return seen.now

        seen = Watched(Telemetry(CollectorRegistry(), stream, now=now, form=form), log)
        yield seen
        seen.telemetry.close()
