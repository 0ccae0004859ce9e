"""An event as data, and its three levels."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """What a method of Telemetry tells. Without a *name* it moves metrics only."""

    name: str
    level: str
    meaning: str
    fields: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()


def event(name: str, meaning: str, fields: str = "", metrics: str = "") -> Event:
    """Return what goes as it should; *fields* and *metrics* are names with spaces between."""
    return Event(name, "info", meaning, tuple(fields.split()), tuple(metrics.split()))


def warning(name: str, meaning: str, fields: str = "", metrics: str = "") -> Event:
    """Return what an operator may want to know."""
    return Event(name, "warning", meaning, tuple(fields.split()), tuple(metrics.split()))


def error(name: str, meaning: str, fields: str = "", metrics: str = "") -> Event:
    """Return what an operator should look at."""
    return Event(name, "error", meaning, tuple(fields.split()), tuple(metrics.split()))
