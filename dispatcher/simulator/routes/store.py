"""The message store: lists, single records, and many by their ids at once."""

import json
from typing import Any

from dispatcher.simulator import render
from dispatcher.simulator.errors import refused
from dispatcher.simulator.exchange import JSON, Call, RefusedError, Reply
from dispatcher.simulator.queries import is_count, page_of, wanted_messages
from dispatcher.simulator.records import Record
from dispatcher.simulator.routes.endpoint import EXTENSION, Endpoint
from dispatcher.simulator.settings import User
from dispatcher.simulator.world import World

MANY = "application/vnd.ringcentral.multipart+json"
_BOUNDARY = "Boundary_1_simulated"


def list_messages(world: World, user: User, call: Call) -> Reply:
    found = world.store.find(user.extension_id, wanted_messages(call), call.now)
    if (call.one("distinctConversations") or "").lower() == "true":
        found = _newest_of_each(found)
    uri = f"{render.extension_uri(world, user)}/message-store"
    part, pages = page_of(call, uri, found)
    records = [render.stored(world, user, record, call.now) for record in part]
    return Reply(200, {"uri": uri, "records": records, **pages})


def get_messages(world: World, user: User, call: Call) -> Reply:
    ids = call.params["ids"].split(",")
    if len(ids) == 1:
        return _one(world, user, ids[0], call)
    if len(ids) > world.settings.bulk_limit:
        raise refused("CMN-106", value=world.settings.bulk_limit)
    replies = {message_id: _either(world, user, message_id, call) for message_id in ids}
    if MANY in call.headers.get("Accept", ""):
        return Reply(207, _as_json(replies), content_type=MANY)
    uri = f"{render.extension_uri(world, user)}/message-store"
    return Reply(
        207, _as_parts(uri, replies), content_type=f"multipart/mixed;boundary={_BOUNDARY}"
    )


def _newest_of_each(found: list[Record]) -> list[Record]:
    newest: dict[int, Record] = {}
    for record in found:
        newest.setdefault(record.conversation, record)
    return list(newest.values())


def _one(world: World, user: User, message_id: str, call: Call) -> Reply:
    number = int(message_id) if is_count(message_id) else 0
    record = world.store.get(user.extension_id, number)
    if record is None:
        raise refused("CMN-102", parameter="messageId")
    return Reply(200, render.stored(world, user, record, call.now))


def _either(world: World, user: User, message_id: str, call: Call) -> Reply:
    try:
        return _one(world, user, message_id, call)
    except RefusedError as refusing:
        return refusing.reply


def _as_json(replies: dict[str, Reply]) -> list[dict[str, Any]]:
    return [
        {"resourceId": message_id, "status": reply.status, "body": reply.body}
        for message_id, reply in replies.items()
    ]


def _as_parts(uri: str, replies: dict[str, Reply]) -> str:
    """Return all as one multipart text: first what became of each, then each by itself."""
    statuses = [
        {"href": f"{uri}/{message_id}", "status": reply.status}
        for message_id, reply in replies.items()
    ]
    parts = [{"uri": uri, "response": statuses}, *(reply.body for reply in replies.values())]
    written = (
        f"--{_BOUNDARY}\r\nContent-Type: {JSON}\r\n\r\n{json.dumps(part)}\r\n" for part in parts
    )
    return "".join(written) + f"--{_BOUNDARY}--\r\n"


_SCOPES = ("ReadMessages", "SMS")
ENDPOINTS = (
    Endpoint(
        "GET", EXTENSION + "/message-store", "light", list_messages, _SCOPES, "ReadMessages"
    ),
    Endpoint(
        "GET",
        EXTENSION + "/message-store/{ids}",
        "light",
        get_messages,
        _SCOPES,
        "ReadMessages",
    ),
)
