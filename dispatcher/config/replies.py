"""What we answer to people who write to us."""

from typing import Annotated

from pydantic import AfterValidator, Field

from dispatcher.config.kinds import Group, Kind
from dispatcher.core import segments
from dispatcher.core.segments import Encoding


def _one_segment(text: str) -> str:
    counted = segments.count(text)
    if segments.is_blank(text) or counted.encoding is not Encoding.GSM7 or counted.segments > 1:
        raise ValueError
    return text


def _sendable(text: str) -> str:
    if segments.utf16_units(text) > segments.LONGEST_UNITS or (
        text and segments.is_blank(text)
    ):
        raise ValueError
    return text


class Replies(Group):
    """What people write back.

    RingCentral confirms an opt-out by itself, but only of a text that is one of its own words.
    """

    confirm_opt_out: bool = Field(
        default=False,
        description="Whether we confirm an opt-out that RingCentral did not understand, once.",
    )
    opt_out_text: Annotated[
        str,
        AfterValidator(_one_segment),
        Kind("a text of one segment in the characters of GSM 03.38, and not blank"),
    ] = Field(
        "You are unsubscribed and get no more texts from us. Reply START to subscribe again.",
        description="That confirmation.",
    )
    help_text: Annotated[
        str,
        AfterValidator(_sendable),
        Kind(f"empty, or a text of at most {segments.LONGEST_UNITS} characters"),
    ] = Field(
        "",
        description="The answer to HELP: who you are, how to reach you, how to opt out. Empty: "
        "none.",
    )
