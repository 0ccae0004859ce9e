"""Which rules of hours and caps hold."""

from typing import Annotated, Literal

from pydantic import Field

from dispatcher.config.kinds import Group, Kind, Lower, Number, Whole


class Law(Group):
    """Hours and caps.

    What they are, where they come from, how to change one: [compliance.md](compliance.md).
    """

    hours: Annotated[Literal["federal", "federal+state", "strictest-us", "off"], Lower] = Field(
        "federal+state",
        description="federal: between 8:00 and 21:00 in every zone of the number; "
        "federal+state: the rules of the states too; strictest-us: for everybody what all "
        "of them allow.",
    )
    rules_file: Annotated[str, Kind("the path of a file, or empty")] = Field(
        "",
        description="A table of rules in place of our own (`sms-dispatcher rules`).",
    )
    hours_reminders: bool = Field(
        default=True, description="Whether reminders keep the hours, as promotions always do."
    )
    hours_transactional: bool = Field(
        default=False, description="Whether transactional texts do."
    )
    cap_promotions: Whole = Field(
        3,
        ge=0,
        le=1000,
        description="Promotions to one number at most, in any stretch of `cap_hours`; 0: only "
        "the law's own caps.",
    )
    cap_hours: Number = Field(24, ge=0.001, le=744, description="That stretch of time.")
    tier_segments_per_day: Whole = Field(
        0,
        ge=0,
        le=100_000_000,
        description="Segments that the registration allows a day (Pacific time), all numbers "
        "and logins together; 0: no limit.",
    )
