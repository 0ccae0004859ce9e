"""A text that somebody wrote to us, as RingCentral's record tells of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Inbound:
    """Who wrote what to which number of ours, and when; numbers as RingCentral names them."""

    provider_id: str
    phone_number: str = field(repr=False)
    sender: str = field(repr=False)
    text: str = field(repr=False)
    written_at: datetime


@dataclass(frozen=True)
class Replies:
    """What we answer. An empty *help_text* answers nothing."""

    confirm_opt_out: bool
    opt_out_text: str
    help_text: str


def read(entry: Mapping[str, Any]) -> Inbound | None:
    """Return the text that *entry* tells of, or None if that can't be read."""
    try:
        written = datetime.fromisoformat(str(entry["creationTime"]))
        found = Inbound(
            _plain(entry["id"]),
            _plain(entry["from"]["phoneNumber"]),
            _plain(_ours(entry["to"])),
            _storable(str(entry.get("subject") or "")),
            written.astimezone(UTC) if written.tzinfo else written.replace(tzinfo=UTC),
        )
    except (LookupError, TypeError, ValueError, OverflowError, AttributeError):
        return None
    is_one = entry.get("direction") == "Inbound" and found.provider_id and found.sender
    return found if is_one else None


def _ours(to: Sequence[Mapping[str, object]]) -> object:
    """Return the number that it came to: of several, the one that is called the target."""
    named = [each for each in to if each.get("phoneNumber")]
    return next((each for each in named if each.get("target")), named[0])["phoneNumber"]


def _storable(text: str) -> str:
    """Return *text* without what PostgreSQL can't hold: zeros, and halves of characters.

    A carrier may cut a long text in the middle of an emoji.
    """
    return text.replace("\0", "").encode(errors="ignore").decode()


def _plain(value: object) -> str:
    """Return *value* in characters that PostgreSQL can hold and a person can read."""
    return "".join(filter(str.isprintable, str(value)))[:100]
