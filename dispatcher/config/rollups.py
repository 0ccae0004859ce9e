"""The settings of the campaigns' figures by day."""

from typing import Any

from pydantic import Field

from dispatcher.config.kinds import Group, Number, Zone


def _zone(found: dict[str, Any]) -> str:
    return str(found["daily_budget_zone"])


class Rollups(Group):
    """Figures by day.

    All processes should have the same zone: the one that came to lead last brings its own in.
    """

    metrics_seconds: Number = Field(
        60,
        ge=0.1,
        le=3600,
        description="How often the figures of the days that have changed are counted anew.",
    )
    metrics_zone: Zone = Field(
        default_factory=_zone,
        description="The zone in which those days begin and end; another one has all of them "
        "counted anew.",
    )
