"""The campaigns' figures by day."""

from dispatcher.telemetry.fields import Kind
from dispatcher.telemetry.tables.event import Event, event
from dispatcher.telemetry.tables.metric import Metric, counter, gauge

FIELDS: dict[str, Kind] = {}

EVENTS: dict[str, Event] = {
    "days_rolled": event(
        "",
        "The figures of days on which something had changed were counted.",
        metrics="rollup_days_total rollup_last_success_timestamp_seconds",
    ),
    "days_rezoned": event(
        "days.rezoned",
        "The campaigns' days begin and end in another zone: all are counted anew.",
    ),
}

METRICS: tuple[Metric, ...] = (
    counter("rollup_days_total", "Days of campaigns that were counted anew."),
    gauge(
        "rollup_last_success_timestamp_seconds",
        "When this process last counted the figures by day; only the leader does.",
    ),
)
