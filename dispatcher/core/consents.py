"""What RingCentral's own list of opt-outs says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class ConsentPage:
    """Who opted out of a number of ours, and when; *next* names the page after, if any."""

    opted_out: Sequence[tuple[str, datetime]] = field(repr=False)
    next: str | None
