"""The campaigns' figures by day."""

from dispatcher.telemetry.told import Told


class RollupEvents(Told):
    """The campaigns' figures by day."""

    def days_rolled(self, days: int) -> None:
        """Say that so many days were counted, and that all went well."""
        self._meters.count("rollup_days_total", by=days)
        self._meters.set("rollup_last_success_timestamp_seconds", self._voice.now())

    def days_rezoned(self) -> None:
        """Say that days begin and end in another zone from now on."""
        self._voice.say("days_rezoned")
