"""What a request to send asks for, read without judging it."""

from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from dispatcher.simulator.bodies import json_object
from dispatcher.simulator.errors import refused
from dispatcher.simulator.exchange import Call


@dataclass(frozen=True)
class Draft:
    """The body as it came; whatever has another type than it should have is None or empty."""

    text: str | None
    sender: str | None
    from_extension: bool
    to: tuple[str | None, ...]
    to_extension: bool
    country: dict[str, Any]
    attachments: tuple[int, ...] = ()

    @property
    def recipients(self) -> tuple[str, ...]:
        return tuple(number for number in self.to if number is not None)

    @property
    def is_mms(self) -> bool:
        return len(self.to) > 1 or bool(self.attachments)


def read_draft(call: Call) -> Draft:
    """Take the body apart; RefusedError if it is none."""
    kind = call.headers.get("Content-Type", "").lower()
    if kind.startswith("application/json"):
        return _draft(json_object(call.body))
    if kind.startswith(("multipart/form-data", "multipart/mixed")):
        return _multipart(call.headers["Content-Type"], call.body)
    raise refused("CMN-110", parameter="Content-Type")


def _multipart(kind: str, body: bytes) -> Draft:
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    parts = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body).get_payload()
    if not isinstance(parts, list) or not parts:
        raise refused("CMN-104")
    first, *attached = [part for part in parts if isinstance(part, Message)]
    return _draft(json_object(_content(first)), tuple(len(_content(part)) for part in attached))


def _content(part: "Message[Any, Any]") -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _draft(body: dict[str, Any], attachments: tuple[int, ...] = ()) -> Draft:
    sender, to, text = body.get("from"), body.get("to"), body.get("text")
    to = to if isinstance(to, list) else []
    country = body.get("country")
    return Draft(
        text if isinstance(text, str) else None,
        _phone(sender),
        _has_extension(sender),
        tuple(_phone(one) for one in to),
        any(_has_extension(one) for one in to),
        country if isinstance(country, dict) else {},
        attachments,
    )


def _phone(party: object) -> str | None:
    number = party.get("phoneNumber") if isinstance(party, dict) else None
    return number if isinstance(number, str) and number else None


def _has_extension(party: object) -> bool:
    return isinstance(party, dict) and "extensionNumber" in party
