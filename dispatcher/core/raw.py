"""A record of RingCentral's as it came: what it is known by, before it is understood."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any


class Source(StrEnum):
    """How a record came. A webhook's is what somebody claims, the others are RingCentral's."""

    SYNC = "sync"
    LIST = "list"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class Raw:
    """A record, known by the text's *provider_id* and by the *change* that it tells of."""

    provider_id: str
    change: str
    body: str = field(repr=False)


@dataclass(frozen=True)
class SyncToken:
    """What RingCentral tells changes by: those after *at*, by its clock."""

    token: str = field(repr=False)
    at: datetime


@dataclass(frozen=True)
class Changes:
    """Texts that came or changed since a token was given out, and what to ask with *then*."""

    raws: Sequence[Raw]
    then: SyncToken


@dataclass(frozen=True)
class History:
    """A page of RingCentral's list of all texts, and how many pages there are."""

    raws: Sequence[Raw]
    pages: int


_CHANGES = ("lastModifiedTime", "messageStatus", "deliveryErrorCode", "segmentCount")


def raw(entry: object) -> Raw:
    """Return *entry* as it is stored; one without an id is known by its content alone."""
    body = json.dumps(entry)
    known: Mapping[str, Any] = entry if isinstance(entry, Mapping) else {}
    mark = sha256(body.encode()).hexdigest()[:32]
    if not known.get("id"):
        return Raw(f"none-{mark}", mark, body)
    change = " ".join(_plain(known.get(name) or "-") for name in _CHANGES)
    return Raw(_plain(known["id"])[:100], change[:200], body)


def _plain(value: object) -> str:
    """Return *value* in characters that PostgreSQL can hold and a person can read."""
    return "".join(filter(str.isprintable, str(value)))
