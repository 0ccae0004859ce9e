"""A metric as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

PREFIX: Final = "sms_dispatcher_"


class Type(StrEnum):
    """How a metric behaves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True)
class Metric:
    """A metric; its full name begins with PREFIX. *labels* maps each label to its words.

    The one label whose words are not listed is a version: of the program, or of the rules.
    """

    name: str
    type: Type
    meaning: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    buckets: tuple[float, ...] = ()


def counter(name: str, meaning: str, **labels: tuple[str, ...]) -> Metric:
    """Return a count that only grows."""
    return Metric(name, Type.COUNTER, meaning, labels)


def gauge(name: str, meaning: str, **labels: tuple[str, ...]) -> Metric:
    """Return a state that goes up and down."""
    return Metric(name, Type.GAUGE, meaning, labels)
