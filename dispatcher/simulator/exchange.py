"""A request and its answer as plain values: what the routes see instead of aiohttp."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

JSON = "application/json;charset=utf-8"


@dataclass(frozen=True)
class Call:
    """One request. A query's values are decoded as of a form: a bare `+` is a space."""

    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes
    now: datetime
    agent: str = ""
    client: str = ""

    def one(self, name: str) -> str | None:
        """Return the last value of *name*, or None if it is absent or empty."""
        values = self.query.get(name)
        return values[-1] or None if values else None


@dataclass(frozen=True)
class Reply:
    """One answer. A body that is not text already is sent as JSON; None is no body."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON

    def plus(self, headers: Mapping[str, str]) -> "Reply":
        return replace(self, headers={**headers, **self.headers})


class RefusedError(Exception):
    """The request is refused, with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"refused with {reply.status}")
        self.reply = reply
