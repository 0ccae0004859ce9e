"""What RingCentral says of texts afterwards."""

from dispatcher.telemetry.fields import Kind
from dispatcher.telemetry.tables.event import Event
from dispatcher.telemetry.tables.metric import Metric

FIELDS: dict[str, Kind] = {}

EVENTS: dict[str, Event] = {}

METRICS: tuple[Metric, ...] = ()
