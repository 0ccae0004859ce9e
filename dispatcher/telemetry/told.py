"""What every part of Telemetry speaks through."""

from uuid import UUID

from dispatcher.telemetry.meters import Meters
from dispatcher.telemetry.voice import Voice

Id = UUID | str


class Told:
    """Holds the log and the metrics."""

    def __init__(self, voice: Voice, meters: Meters) -> None:
        self._voice, self._meters = voice, meters
