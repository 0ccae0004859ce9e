"""Writes docs/events.md and docs/metrics.md from telemetry's own tables."""

from collections.abc import Mapping
from pathlib import Path

from dispatcher.telemetry.events import EVENTS, FIELDS
from dispatcher.telemetry.metrics import METRICS, SNAPSHOT, Metric
from dispatcher.telemetry.tables.event import Event

DOCS = Path(__file__).parents[2] / "docs"

EVENTS_HEAD = """# Events

Made from the program's own tables by `make docs`; a test keeps it true.

Each thing that happens is one line: JSON, or in colours on a terminal. It begins with `timestamp` (UTC), `level` and
`event`; follow a message by `message_id`, a campaign by `campaign_id`, a request by `attempt_id`. A field that does not
apply is null. Texts, tokens and full numbers are never written: numbers look like `+1212***4567`, and what does not
fit its field is `(withheld)`. A state that lasts is told of once, not each time that it is met.

| event | level | when | fields | metrics |
|---|---|---|---|---|
"""
FIELDS_HEAD = """
## Fields

| field | holds |
|---|---|
"""
METRICS_HEAD = """# Metrics

Made from the program's own tables by `make docs`; a test keeps it true.

`/metrics` shows them in the text format of Prometheus, each with the prefix `sms_dispatcher_`. Every series is there
from the start, with 0. A label's word `other`, which is not listed here, is a fault of the program: please report it.
"""
SNAPSHOT_HEAD = """
## Of the database

All processes show the same: take the `max` of them, not the `sum`. They are `NaN` while the database cannot be asked.

"""
PROCESS_HEAD = """
## Of each process

"""
METRICS_COLUMNS = "| metric | type | meaning | labels |\n|---|---|---|---|\n"


def pages() -> Mapping[Path, str]:
    """Return the text of each page."""
    return {DOCS / "events.md": _events(), DOCS / "metrics.md": _metrics()}


def _events() -> str:
    lines = [_event(event) for event in EVENTS.values() if event.name]
    fields = [f"| `{name}` | {kind} |\n" for name, kind in sorted(FIELDS.items())]
    return EVENTS_HEAD + "".join(sorted(lines)) + FIELDS_HEAD + "".join(fields)


def _event(event: Event) -> str:
    moved = "those of the database" if set(_SNAPSHOT_NAMES) <= set(event.metrics) else ""
    others = [f"`{name}`" for name in event.metrics if name not in _SNAPSHOT_NAMES]
    metrics = ", ".join([*others, moved] if moved else others)
    fields = ", ".join(f"`{name}`" for name in event.fields)
    return f"| `{event.name}` | {event.level} | {event.meaning} | {fields} | {metrics} |\n"


def _metrics() -> str:
    process = [metric for metric in METRICS if metric not in SNAPSHOT]
    return (
        METRICS_HEAD
        + SNAPSHOT_HEAD
        + METRICS_COLUMNS
        + "".join(map(_metric, SNAPSHOT))
        + PROCESS_HEAD
        + METRICS_COLUMNS
        + "".join(map(_metric, process))
    )


def _metric(metric: Metric) -> str:
    labels = "; ".join(
        f"`{label}`: {', '.join(words) or 'what runs'}"
        for label, words in metric.labels.items()
    )
    return f"| `{metric.name}` | {metric.type} | {metric.meaning} | {labels} |\n"


_SNAPSHOT_NAMES = [metric.name for metric in SNAPSHOT]
