"""Each method emits the event and moves the metrics that the tables say: no more, no less."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from support import telemetry_doc
from support.events import BEFORE, SAMPLES
from support.watch import watched

from dispatcher.telemetry import Telemetry
from dispatcher.telemetry.events import EVENTS, FIELDS
from dispatcher.telemetry.metrics import METRICS, PREFIX, Type
from dispatcher.telemetry.words import OUTCOMES

NOT_EVENTS = {"close", "exposition", "libraries_routed"}
# Counted when the library speaks and when a line is lost, not when that is told.
COUNTED_ELSEWHERE = {"library_warnings_total", "log_lines_lost_total"}


def test_every_method_is_in_the_table_and_every_entry_is_a_method() -> None:
    methods = {name for name, _ in inspect.getmembers(Telemetry, inspect.isfunction)}
    public = {name for name in methods if not name.startswith("_")} - NOT_EVENTS
    assert public == set(EVENTS) == set(SAMPLES)


@pytest.mark.parametrize("method", SAMPLES)
def test_a_method_emits_what_the_table_says(method: str, tmp_path: Path) -> None:
    event = EVENTS[method]
    with watched(tmp_path / "log") as seen:
        if first := BEFORE.get(method):
            getattr(seen.telemetry, first)(**SAMPLES[first])
        lines, before = len(seen.lines()), seen.samples()
        getattr(seen.telemetry, method)(**SAMPLES[method])
        written, after = seen.lines()[lines:], seen.samples()
    assert [line.pop("event") for line in written] == ([event.name] if event.name else [])
    for line in written:
        assert line.pop("level") == event.level
        assert line.pop("timestamp") == "2026-02-02T02:40:00.000Z"
        assert tuple(line) == event.fields
        assert "(withheld)" not in line.values()
    moved = {base(name) for name, value in after.items() if before.get(name) != value}
    assert moved == set(event.metrics) - COUNTED_ELSEWHERE


def base(series: str) -> str:
    """Return the name of the metric that *series* belongs to."""
    return re.sub(r"(\{.*|_bucket.*|(?<=seconds)_(sum|count).*)", "", series)


def test_every_field_and_metric_of_the_tables_is_used() -> None:
    assert {field for event in EVENTS.values() for field in event.fields} == set(FIELDS)
    moved = {metric for event in EVENTS.values() for metric in event.metrics}
    assert moved | COUNTED_ELSEWHERE == {metric.name for metric in METRICS}


@pytest.mark.parametrize("event", [event for event in EVENTS.values() if event.name])
def test_an_event_is_a_noun_and_a_participle(event: Any) -> None:
    irregular = {"begun", "done", "hit", "lost", "told"}
    noun, _, verb = event.name.partition(".")
    assert re.fullmatch("[a-z]+", noun)
    assert verb.endswith("ed") or verb in irregular


def test_names_and_units_are_as_prometheus_asks() -> None:
    for metric in METRICS:
        assert re.fullmatch("[a-z][a-z0-9_]*", metric.name)
        assert metric.name.endswith("_total") == (metric.type is Type.COUNTER)
        assert not metric.name.endswith(("_ms", "_milliseconds", "_minutes"))
        assert not {"campaign", "message", "attempt", "phone", "sender"} & set(metric.labels)


def test_every_series_is_there_from_the_start(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen:
        samples = seen.samples()
    assert set(samples.values()) == {"0.0"}
    assert [name for name in samples if "_created" in name] == []
    assert {f'send_attempts_total{{outcome="{word}"}}' for word in OUTCOMES} <= set(samples)
    named = {base(name) for name in samples}
    assert named == {metric.name for metric in METRICS} - {"build_info", "ruleset_info"}


def test_all_metrics_have_the_prefix(tmp_path: Path) -> None:
    with watched(tmp_path / "log") as seen:
        text = seen.telemetry.exposition().decode()
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in samples if not line.startswith(PREFIX)] == []


@pytest.mark.parametrize("path", telemetry_doc.pages())
def test_the_pages_are_what_the_tables_say(path: Path) -> None:
    assert path.read_text("utf-8") == telemetry_doc.pages()[path], "run `make docs`"
