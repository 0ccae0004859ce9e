"""Every log event and metric, one method each: nobody else logs or counts."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TextIO

from prometheus_client import CollectorRegistry

from dispatcher.core.privacy import Sentence
from dispatcher.telemetry.consent import ConsentEvents
from dispatcher.telemetry.libraries import LibraryLines, routed
from dispatcher.telemetry.messages import MessageEvents
from dispatcher.telemetry.meters import CONTENT_TYPE, Meters
from dispatcher.telemetry.process import ProcessEvents
from dispatcher.telemetry.receipts import ReceiptEvents
from dispatcher.telemetry.rollups import RollupEvents
from dispatcher.telemetry.voice import FORMATS, Voice
from dispatcher.telemetry.webhooks import WebhookEvents

__all__ = ["CONTENT_TYPE", "FORMATS", "CollectorRegistry", "Telemetry"]


class Telemetry(
    ProcessEvents, MessageEvents, ReceiptEvents, ConsentEvents, WebhookEvents, RollupEvents
):
    """The log and the metrics of one process.

    *log* needs a file descriptor, which is written to directly. *now* returns the seconds
    since 1970. Everything may be passed in as it is: numbers are masked here, and what does
    not fit its field is withheld. No method waits or raises, whatever becomes of the log.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        log: TextIO,
        *,
        now: Callable[[], float],
        form: str = "auto",
    ) -> None:
        meters = Meters(registry)
        super().__init__(Voice(log, form, now, meters), meters)

    def exposition(self) -> bytes:
        """Return all metrics in the text format of Prometheus, whose type is CONTENT_TYPE."""
        return self._meters.exposition()

    def libraries_routed(self) -> AbstractContextManager[None]:
        """Take over what libraries log, from WARNING on, until the context ends."""
        count = self._meters.count
        return routed(
            LibraryLines(
                self.library_warned, lambda: count("library_warnings_total"), self._voice.now
            )
        )

    def library_warned(
        self, library: str, exception: str | None, where: str | None, sentence: Sentence
    ) -> None:
        self._voice.say(
            "library_warned",
            library=library,
            exception=exception,
            where=where,
            sentence=sentence,
        )

    def close(self, seconds: float = 1) -> None:
        """Write what a slow reader of the log has left behind, for *seconds* at most."""
        self._voice.output.close(seconds)
