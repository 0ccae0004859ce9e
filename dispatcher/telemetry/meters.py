"""The metrics in a registry, made from their table."""

from itertools import product
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from dispatcher.telemetry.metrics import METRICS, PREFIX, Metric, Type
from dispatcher.telemetry.words import OTHER

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Meter = Counter | Gauge | Histogram


class Meters:
    """Counts, sets and observes by a metric's name, and shows all of them as text.

    Every combination of a closed set's words stands there from the start, with 0. A word that
    its set lacks is counted as `other`, which is there only then.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry
        self._meters = {metric.name: _make(metric, registry) for metric in METRICS}
        self._sets = {metric.name: metric.labels for metric in METRICS}
        self._children = {
            (metric.name, words): self._child(metric.name, words)
            for metric in METRICS
            for words in product(*metric.labels.values())
        }

    def count(self, name: str, *words: str, by: float = 1) -> None:
        """Add *by* to a counter."""
        meter = self._find(name, words)
        assert isinstance(meter, Counter)  # noqa: S101  # the table says so
        meter.inc(by)

    def set(self, name: str, value: float, *words: str) -> None:
        """Set a gauge."""
        meter = self._find(name, words)
        assert isinstance(meter, Gauge)  # noqa: S101  # the table says so
        meter.set(value)

    def set_all(self, name: str, value: float) -> None:
        """Set every series of a gauge."""
        for words in product(*self._sets[name].values()):
            self.set(name, value, *words)

    def observe(self, name: str, value: float, *words: str) -> None:
        """Put a value into a histogram."""
        meter = self._find(name, words)
        assert isinstance(meter, Histogram)  # noqa: S101  # the table says so
        meter.observe(value)

    def exposition(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)

    def _find(self, name: str, words: tuple[str, ...]) -> Meter:
        known = self._children.get((name, words))
        return known if known is not None else self._stray(name, words)

    def _stray(self, name: str, words: tuple[str, ...]) -> Meter:
        sets = self._sets[name].values()
        listed = (
            word if word in closed or not closed else OTHER
            for word, closed in zip(words, sets, strict=True)
        )
        return self._child(name, tuple(listed))

    def _child(self, name: str, words: tuple[str, ...]) -> Meter:
        meter = self._meters[name]
        return meter.labels(*words) if words else meter


def _make(metric: Metric, registry: CollectorRegistry) -> Meter:
    name, labels = PREFIX + metric.name, tuple(metric.labels)
    match metric.type:
        case Type.COUNTER:
            return Counter(name, metric.meaning, labels, registry=registry)
        case Type.GAUGE:
            return Gauge(name, metric.meaning, labels, registry=registry)
        case Type.HISTOGRAM:
            return Histogram(
                name, metric.meaning, labels, registry=registry, buckets=metric.buckets
            )
