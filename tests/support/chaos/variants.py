"""The daemon without one of its guards."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    """A guard that is taken away, and what then must be seen."""

    apply: Callable[[], None]
    sees: str


VARIANTS: dict[str, Variant] = {}
