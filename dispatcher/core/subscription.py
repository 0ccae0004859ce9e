"""The subscription by which RingCentral calls us: which of those there are is a good one."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, urlsplit

FILTERS = (
    "/restapi/v1.0/account/~/extension/~/message-store/instant?type=SMS",
    "/restapi/v1.0/account/~/extension/~/message-store?type=SMS",
    "/restapi/v2/accounts/~/sms/consents",
    "/restapi/v1.0/subscription/~?threshold=86400&interval=43200",
)
LASTS = timedelta(days=7)
TRANSPORT, ACTIVE = "WebHook", "Active"

_OWNER = re.compile(r"/extension/(\d+)/")
_IDS = re.compile(r"/(accounts?|extension|subscription)/[^/?]+")
_Plain = tuple[str, frozenset[tuple[str, str]]]
_MARK_SALT = b"sms-dispatcher webhook token "


@dataclass(frozen=True)
class Subscription:
    """One of the login's, as RingCentral tells it. *disabled*: filters that it leaves out."""

    id: str
    address: str = field(repr=False)
    transport: str
    status: str
    filters: tuple[str, ...]
    disabled: tuple[str, ...]
    lasts: timedelta

    @property
    def owner(self) -> str | None:
        """The extension that it belongs to; None if RingCentral did not put in its ids."""
        found = (_OWNER.search(each) for each in self.filters)
        return next((match[1] for match in found if match), None)


@dataclass(frozen=True)
class Plan:
    """What to do: use *good*, renewed if it is *old*; take *others* of ours away, each why."""

    good: Subscription | None
    old: bool
    others: tuple[tuple[Subscription, str], ...]


def plan(
    listed: Sequence[Subscription],
    address: str,
    known: str | None,
    *,
    same_token: bool,
    wanted: Sequence[str] = FILTERS,
) -> Plan:
    """Choose among *listed*, of which the one *known* and those that call *address*, are ours.

    Only the one that we know, and only with the *same_token*, surely shows the token that we
    expect: RingCentral never tells which one it was given. With no *address* none is good.
    *wanted* are the filters that a good one has.
    """
    ours = [
        s
        for s in listed
        if s.id == known or (s.address == address and s.transport == TRANSPORT)
    ]
    wants = {_plain(each) for each in wanted}
    faults = {s.id: _fault(s, address, known, wants, same_token=same_token) for s in ours}
    good = next((s for s in ours if faults[s.id] is None), None)
    others = tuple((s, faults[s.id] or "") for s in ours if s is not good)
    return Plan(good, good is not None and good.lasts < LASTS / 2, others)


def shown(made: Subscription) -> tuple[str, ...]:
    """Return what filters RingCentral shows of one that it has just *made*.

    What it leaves out or writes in its own way it would with another one too.
    """
    return (*made.filters, *made.disabled)


def _fault(
    subscription: Subscription,
    address: str,
    known: str | None,
    wants: AbstractSet[_Plain],
    *,
    same_token: bool,
) -> str | None:
    """Return in a word why it can't be used, None if it can."""
    has = {_plain(each) for each in shown(subscription)}
    faults = {
        "off": not address,
        "address": subscription.address != address,
        "double": subscription.id != known,
        "stopped": subscription.status != ACTIVE,
        "token": not same_token,
        "filters": not has >= wants,
    }
    return next((why for why, holds in faults.items() if holds), None)


def spoken(text: str) -> str:
    """Return the end of a filter's path, which says what it is about."""
    return "/".join(urlsplit(text).path.split("/")[-2:])


def mark(token: str) -> bytes:
    """Return what tells *token* from others without giving it away."""
    return sha256(_MARK_SALT + token.encode()).digest()


def _plain(text: str) -> _Plain:
    """Return a filter with ~ for the ids that RingCentral may have put into it."""
    parts = urlsplit(text)
    return _IDS.sub(r"/\1/~", parts.path), frozenset(parse_qsl(parts.query))
