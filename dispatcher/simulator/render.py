"""Records as RingCentral writes them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dispatcher.simulator.records import Record
from dispatcher.simulator.segments import segment_count
from dispatcher.simulator.settings import User
from dispatcher.simulator.world import World


def timestamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def extension_uri(world: World, user: User) -> str:
    account = f"{world.base_url}/restapi/v1.0/account/{world.settings.account_id}"
    return f"{account}/extension/{user.extension_id}"


def accepted(world: World, user: User, record: Record, now: datetime) -> dict[str, Any]:
    """Return the answer to a send: the record without what only the store tells."""
    step = record.step(now)
    extension = extension_uri(world, user)
    uri = f"{extension}/message-store/{record.id}"
    shown: dict[str, Any] = {
        "uri": uri,
        "id": record.id,
        "to": [{"phoneNumber": number} for number in record.to],
        "from": {"phoneNumber": record.sender},
        "type": "SMS",
        "creationTime": timestamp(record.accepted_at),
        "lastModifiedTime": timestamp(record.modified_at(now)),
        "readStatus": "Read",
        "priority": "Normal",
        "attachments": _attachments(uri, record),
        "direction": "Outbound",
        "availability": record.available,
        "subject": record.text,
        "messageStatus": step.status,
        "smsSendingAttemptsCount": 1,
        "conversationId": record.conversation,
        "conversation": {
            "id": str(record.conversation),
            "uri": f"{extension}/conversation/{record.conversation}",
        },
    }
    if step.status == "Delivered":
        shown["smsDeliveryTime"] = timestamp(record.accepted_at + step.after)
    return shown


def stored(world: World, user: User, record: Record, now: datetime) -> dict[str, Any]:
    """Return the record as the message store shows it."""
    step = record.step(now)
    code: Mapping[str, str] = {"deliveryErrorCode": step.code} if step.code else {}
    return {
        **accepted(world, user, record, now),
        "segmentCount": segment_count(record.text),
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
