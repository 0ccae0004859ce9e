"""Asks RingCentral to call us, and sees whether it still would."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

from dispatcher.core.codes import sentence
from dispatcher.core.errors import DispatcherError
from dispatcher.core.subscription import FILTERS, LASTS, TRANSPORT, Subscription
from dispatcher.edge.ringcentral.failures import Failure
from dispatcher.edge.ringcentral.given import code_of, given, understood
from dispatcher.edge.ringcentral.sdk import Reply, Request

R = TypeVar("R")

_PATH = "/restapi/v1.0/subscription"
_GONE = 404
_FINE = range(200, 300)
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")

# Of a text the same code means another permission.
NO_SCOPE: Final = "CMN-401"
_NO_SCOPE = "Give the RingCentral app the permissions SubscriptionWebhook and ReadMessages."

LIST: Final = Request("GET", _PATH)


class SubscriptionRefusedError(DispatcherError):
    """RingCentral does not do what we ask of a subscription; the text says why."""


def create(address: str, token: str) -> Request:
    """Return the request for one that calls *address* with *token*."""
    delivery = {"transportType": TRANSPORT, "address": address, "verificationToken": token}
    lasts = int(LASTS.total_seconds())
    body = {"eventFilters": list(FILTERS), "deliveryMode": delivery, "expiresIn": lasts}
    return Request("POST", _PATH, body=body)


def renew(subscription: str) -> Request:
    """Return the request that lets it begin its life anew."""
    return Request("POST", f"{_PATH}/{subscription}/renew")


def remove(subscription: str) -> Request:
    """Return the request that takes it away."""
    return Request("DELETE", f"{_PATH}/{subscription}", called="unsubscribe")


def read_list(reply: Reply | Failure) -> Sequence[Subscription]:
    """Return those that the answer shows."""
    return _read(reply, lambda content: tuple(map(_subscription, content["records"])))


def read_one(reply: Reply | Failure) -> Subscription:
    """Return the one that the answer shows."""
    return _read(reply, _subscription)


def read_gone(reply: Reply | Failure) -> None:
    """Return if it is away now, whoever did that."""
    if not (isinstance(reply, Reply) and reply.status == _GONE):
        _good(reply)


def _read(reply: Reply | Failure, shown: Callable[[Any], R]) -> R:
    wrong = "What RingCentral says of its subscriptions can't be read."
    return understood(_good(reply), shown, SubscriptionRefusedError(wrong))


def _good(reply: Reply | Failure) -> bytes:
    told = given(reply, "for a subscription")
    if told.status not in _FINE:
        code = code_of(told)
        why = _NO_SCOPE if code == NO_SCOPE else sentence(code)
        raise SubscriptionRefusedError(f"RingCentral refused the subscription ({code}). {why}")
    return told.body


def _subscription(entry: Mapping[str, Any]) -> Subscription:
    delivery = entry["deliveryMode"]
    name = str(entry["id"])
    if not _ID.fullmatch(name):  # it becomes a part of a path
        raise ValueError
    return Subscription(
        id=name,
        address=str(delivery.get("address")),
        transport=str(delivery["transportType"]),
        status=str(entry["status"]),
        filters=tuple(map(str, entry["eventFilters"])),
        disabled=tuple(str(each.get("filter")) for each in entry.get("disabledFilters") or ()),
        lasts=timedelta(seconds=int(entry.get("expiresIn") or 0)),
    )
