"""The numbers of the user, and how one of them is registered."""

from typing import Any

from dispatcher.simulator import render
from dispatcher.simulator.errors import refused
from dispatcher.simulator.exchange import Call, Reply
from dispatcher.simulator.queries import page_of
from dispatcher.simulator.routes.endpoint import ACCOUNT, EXTENSION, Endpoint
from dispatcher.simulator.settings import Number, User
from dispatcher.simulator.world import World

_FIRST_ID = 121554771345


def list_numbers(world: World, user: User, call: Call) -> Reply:
    uri = f"{render.extension_uri(world, user)}/phone-number"
    usage = call.query.get("usageType", ())
    found = [
        _number(uri, place, number)
        for place, number in enumerate(user.numbers)
        if not usage or number.usage in usage
    ]
    records, pages = page_of(call, uri, found)
    return Reply(200, {"uri": uri, "records": records, **pages})


def sms_configuration(_world: World, user: User, call: Call) -> Reply:
    ids = {str(_FIRST_ID + place): number for place, number in enumerate(user.numbers)}
    number = ids.get(call.params["number"])
    if number is None:
        raise refused("CMN-102", parameter="phoneNumberId")
    body = {"phoneNumberId": call.params["number"], "phoneNumber": number.phone}
    return Reply(200, {**body, **_registration(number)})


def _number(uri: str, place: int, number: Number) -> dict[str, Any]:
    return {
        "uri": f"{uri}/{_FIRST_ID + place}",
        "id": _FIRST_ID + place,
        "phoneNumber": number.phone,
        "paymentType": "Local",
        "type": number.type,
        "usageType": number.usage,
        "status": number.status,
        "primary": place == 0,
        "features": number.features,
    }


def _registration(number: Number) -> dict[str, Any]:
    if number.campaign is None:
        return {}
    campaign = {
        "id": "2008",
        "externalId": "CSIMULA",
        "status": number.campaign,
        "registrationTier": "LowVolume",
        "useCases": ["AccountNotification", "Marketing"],
    }
    brand = {"id": "1008", "externalId": "BSIMULA", "status": "Verified"}
    return {"smsCampaignInfo": campaign, "smsBrandInfo": brand}


_SCOPES = ("ReadAccounts",)
_CONFIGURATION = "/phone-number/{number}/sms-configuration"
ENDPOINTS = (
    Endpoint("GET", EXTENSION + "/phone-number", "light", list_numbers, _SCOPES),
    Endpoint("GET", EXTENSION + _CONFIGURATION, "light", sms_configuration, _SCOPES),
    Endpoint("GET", ACCOUNT + _CONFIGURATION, "light", sms_configuration, _SCOPES),
)
