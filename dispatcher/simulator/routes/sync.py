"""GET …/message-sync."""

from dispatcher.simulator import render
from dispatcher.simulator.exchange import Call, Reply
from dispatcher.simulator.queries import choices, number, wanted_messages
from dispatcher.simulator.routes.endpoint import EXTENSION, Endpoint
from dispatcher.simulator.settings import User
from dispatcher.simulator.times import milliseconds
from dispatcher.simulator.world import World

_DEFAULT_COUNT = 250


def message_sync(world: World, user: User, call: Call) -> Reply:
    kind = (choices(call, "syncType", ("FSync", "ISync")) or ("FSync",))[-1]
    older = False
    if kind == "ISync":
        token = call.one("syncToken") or ""
        found, issued = world.syncs.further(user.extension_id, token, call.now)
    else:
        wanted, count = wanted_messages(call), number(call, "recordCount", _DEFAULT_COUNT)
        found, issued = world.syncs.full(user.extension_id, wanted, call.now)
        found, older = found[:count], len(found) > count
    return Reply(
        200,
        {
            "uri": f"{render.extension_uri(world, user)}/message-sync",
            "records": [render.stored(world, user, record, call.now) for record in found],
            "syncInfo": {
                "syncType": kind,
                "syncToken": issued,
                "syncTime": milliseconds(call.now),
                "olderRecordsExist": older,
            },
        },
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        EXTENSION + "/message-sync",
        "light",
        message_sync,
        ("ReadMessages", "SMS"),
        "ReadMessages",
    ),
)
