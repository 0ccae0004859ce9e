"""The campaigns' figures by day."""

from dispatcher.telemetry.told import Told


class RollupEvents(Told):
    """The campaigns' figures by day."""
