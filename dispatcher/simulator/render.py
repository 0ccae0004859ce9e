"""Records as RingCentral writes them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dispatcher.simulator.catalogue import KNOWN
from dispatcher.simulator.consents import Consent
from dispatcher.simulator.records import Record
from dispatcher.simulator.settings import User
from dispatcher.simulator.subscriptions import Disabled, Subscription
from dispatcher.simulator.times import milliseconds, nanoseconds
from dispatcher.simulator.world import World


def extension_uri(world: World, user: User) -> str:
    account = f"{world.base_url}/restapi/v1.0/account/{world.settings.account_id}"
    return f"{account}/extension/{user.extension_id}"


def accepted(world: World, user: User, record: Record, now: datetime) -> dict[str, Any]:
    """Return the answer to a send: the record without what only the store tells."""
    step = record.step(now)
    extension = extension_uri(world, user)
    uri = f"{extension}/message-store/{record.id}"
    target = {"target": True} if record.inbound else {}
    shown: dict[str, Any] = {
        "uri": uri,
        "id": record.id,
        "to": [{"phoneNumber": number, **target} for number in record.to],
        "from": {"phoneNumber": record.sender},
        "type": "SMS",
        "creationTime": milliseconds(record.accepted_at),
        "lastModifiedTime": milliseconds(record.modified_at(now)),
        "readStatus": record.read,
        "priority": "Normal",
        "attachments": _attachments(uri, record),
        "direction": record.direction,
        "availability": record.available,
        "subject": record.text,
        "messageStatus": step.status,
        "conversationId": record.conversation,
        "conversation": {
            "id": str(record.conversation),
            "uri": f"{extension}/conversation/{record.conversation}",
        },
    }
    if not record.inbound:
        shown["smsSendingAttemptsCount"] = 1
    if step.status == "Delivered":
        shown["smsDeliveryTime"] = milliseconds(record.accepted_at + step.after)
    return shown


def stored(world: World, user: User, record: Record, now: datetime) -> dict[str, Any]:
    """Return the record as the message store shows it."""
    step = record.step(now)
    code: Mapping[str, str] = {"deliveryErrorCode": step.code} if step.code else {}
    return {
        **accepted(world, user, record, now),
        "segmentCount": record.segments,
        **code,
    }


def _attachments(uri: str, record: Record) -> list[dict[str, Any]]:
    kinds = [("Text", "text/plain")] + [("MmsAttachment", "image/jpeg")] * record.attachments
    return [
        {
            "id": record.id + place,
            "uri": f"{uri}/content/{record.id + place}",
            "type": kind,
            "contentType": content_type,
        }
        for place, (kind, content_type) in enumerate(kinds)
    ]


def instant(world: World, user: User, record: Record, now: datetime) -> dict[str, Any]:
    """Return what an instant notification holds: a received text, its ids as strings."""
    shown = accepted(world, user, record, now)
    for name in ("uri", "conversationId"):
        del shown[name]
    attachments = [
        {"id": str(one["id"]), "type": one["type"], "contentType": one["contentType"]}
        for one in shown["attachments"]
    ]
    return {
        **shown,
        "id": str(record.id),
        "attachments": attachments,
        "conversation": {"id": str(record.conversation)},
        "eventType": "Create",
        "owner": {"extensionId": str(user.extension_id), "extensionType": user.kind},
    }


def consent(one: Consent) -> dict[str, str]:
    return {
        "from": one.ours,
        "to": one.theirs,
        "optStatus": one.status,
        "source": one.source,
        "lastModifiedTime": nanoseconds(one.modified_at),
    }


def subscription(world: World, one: Subscription, now: datetime) -> dict[str, Any]:
    """Return a subscription as everybody may see it: without its verification token."""
    shown: dict[str, Any] = {
        "uri": f"{world.base_url}/restapi/v1.0/subscription/{one.id}",
        "id": one.id,
        "creationTime": milliseconds(one.created_at),
        "status": one.status(now),
        "eventFilters": [asked.event for asked in one.filters],
        "expirationTime": milliseconds(one.expires_at),
        "expiresIn": max(0, int((one.expires_at - now).total_seconds())),
        "deliveryMode": {
            "transportType": "WebHook",
            "encryption": False,
            "address": one.address,
        },
    }
    if one.disabled:
        shown["disabledFilters"] = [_disabled(disabled) for disabled in one.disabled]
    if one.blacklisting:
        at, reason = milliseconds(one.blacklisting.at), one.blacklisting.reason
        shown["blacklistedData"] = {"blacklistedAt": at, "reason": reason}
    return shown


def _disabled(one: Disabled) -> dict[str, str]:
    message = KNOWN[one.code].message.format(value=one.missing)
    return {"filter": one.filter.event, "reason": one.code, "message": message}
