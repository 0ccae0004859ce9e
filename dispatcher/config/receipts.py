"""What became of texts: how often RingCentral is asked, and what follows from its answers."""

from pydantic import Field

from dispatcher.config.kinds import Group, Number, Whole


class Receipts(Group):
    """What became of texts.

    RingCentral tells later whether a text arrived. A code of its that speaks of the number or
    of the sender has consequences; nothing is ever sent again because a carrier failed.
    """

    sync_seconds: Number = Field(
        30,
        ge=0.1,
        le=1800,
        description="How often RingCentral's changes are read, should no webhook hint at them; "
        "each reading is a Light request.",
    )
    unconfirmed_hours: Number = Field(
        72,
        ge=1,
        le=720,
        description="How long a text's end is awaited. After that it stays accepted, not "
        "confirmed; what comes later still counts.",
    )
    receipts_kept_days: Number = Field(
        30, ge=1, le=3650, description="How long raw receipts are kept once they are applied."
    )
    dead_number_days: Number = Field(
        180,
        ge=1,
        le=3650,
        description="How long a number is left alone that is a landline or does not exist.",
    )
    spam_share_percent: Number = Field(
        2,
        ge=0,
        le=100,
        description="A campaign is paused if more of its last day's texts were taken for spam; "
        "100: never.",
    )
    spam_least_texts: Whole = Field(
        50,
        ge=1,
        le=1_000_000,
        description="How many texts of it must have come to their end that day to judge it.",
    )
