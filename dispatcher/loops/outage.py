"""Whether the database is away, and what is told of that."""

from dispatcher.core.privacy import Sentence
from dispatcher.ports import Clock
from dispatcher.store.pool import CrossedError, DatabaseLostError, DatabaseRefusedError
from dispatcher.telemetry import Telemetry


class Outage:
    """It is away *since* a reading of the clock, for the reason *why*, if it is."""

    def __init__(self, telemetry: Telemetry, clock: Clock) -> None:
        self._telemetry, self._clock = telemetry, clock
        self.since: float | None = None
        self.why = ""

    def note(self, error: DatabaseLostError) -> None:
        """Tell of an outage once, and of a reason behind it that somebody has to mend."""
        why = Sentence(error)
        if isinstance(error, CrossedError):
            self._telemetry.transaction_crossed(why)
            return
        if self.since is None:
            self.since, self.why = self._clock.monotonic(), why
        elif isinstance(error, DatabaseRefusedError) and why != self.why:
            self.why = why
            self._telemetry.warning_raised(why)
        self._telemetry.database_lost(why)

    def over(self, began: float) -> None:
        """Note that what was begun at *began* is done; what began before it says nothing."""
        if self.since is not None and began > self.since:
            self._telemetry.database_back(self._clock.monotonic() - self.since)
            self.since, self.why = None, ""
