"""Consents, as the second version of the API keeps them."""

from typing import Any

from dispatcher.simulator import inbound, render
from dispatcher.simulator.bodies import json_object
from dispatcher.simulator.consents import OPT_IN, OPT_OUT, SOURCES
from dispatcher.simulator.errors import refusal, refused
from dispatcher.simulator.exchange import Call, Reply
from dispatcher.simulator.faults import Fault, Kind, Target
from dispatcher.simulator.phones import is_e164
from dispatcher.simulator.routes.endpoint import Endpoint
from dispatcher.simulator.settings import User
from dispatcher.simulator.world import World

MAX_RECORDS = 1000
MAX_NUMBERS = 20
_STATUSES = (OPT_OUT, OPT_IN)
_COVERAGES = ("phonenumber", "account", "campaigntype")  # the guide and the specification
_PATH = "/restapi/v2/accounts/{account}/sms/consents"  # write them in different cases


def change(world: World, _user: User, call: Call) -> Reply:
    """Put each record in force that makes sense, and name those that do not."""
    records = json_object(call.body).get("records")
    if not isinstance(records, list) or not 0 < len(records) <= MAX_RECORDS:
        raise refused("CMN-101", parameter="records")
    failed = []
    for record in records:
        if parameter := _wrong(world, record):
            failed.append(_failed(record, refusal("CMN-101", parameter=parameter)))
        elif fault := _fault(world, call, record):
            failed.append(_failed(record, refusal(fault.code or "")))
        else:
            _put(world, record)
    return Reply(200, {"failedRecords": failed} if failed else {})


def search(world: World, _user: User, call: Call) -> Reply:
    body = json_object(call.body)
    ours, theirs = _numbers(body, "from"), _numbers(body, "to")
    status = body.get("optStatus")
    if status not in (None, *_STATUSES):
        raise refused("CMN-101", parameter="optStatus")
    found = world.consents.find(() if "*" in ours else ours, theirs, status)
    if not _covers_numbers(body):
        found = []
    per_page, start = _per_page(body), _start(body)
    paging: dict[str, Any] = {"perPage": per_page}
    if start + per_page < len(found):
        paging["nextPageToken"] = str(start + per_page)
    records = [render.consent(one) for one in found[start : start + per_page]]
    return Reply(200, {"records": records, "paging": paging})


def _wrong(world: World, record: object) -> str | None:
    """Return which parameter of *record* makes no sense, None if all do."""
    if not isinstance(record, dict):
        return "records"
    checks = {
        "from": record.get("from") in ("*", *_own_numbers(world)),
        "to": isinstance(record.get("to"), str) and is_e164(record["to"]),
        "optStatus": record.get("optStatus") in _STATUSES,
        "source": record.get("source", "Api") in SOURCES,
        "coverage": str(record.get("coverage", "phoneNumber")).lower() in _COVERAGES,
    }
    return next((name for name, right in checks.items() if not right), None)


def _put(world: World, record: dict[str, Any]) -> None:
    ours = [record["from"]] if record["from"] != "*" else _own_numbers(world)
    if str(record.get("coverage", "phoneNumber")).lower() == "account":
        ours = _own_numbers(world)
    for number in ours:
        source = record.get("source", "Api")
        inbound.decide(world, number, record["to"], record["optStatus"], source)


def _fault(world: World, call: Call, record: dict[str, Any]) -> Fault | None:
    target = Target("light", call.method, call.path, (record["to"],))
    return world.faults.draw(frozenset({Kind.RECORD}), target)


def _failed(record: object, refused: Reply) -> dict[str, Any]:
    body = refused.body
    error = body["errors"][0] if isinstance(body, dict) else {}
    shown = record if isinstance(record, dict) else {}
    return {**shown, "error": {name: error[name] for name in ("errorCode", "message")}}


def _own_numbers(world: World) -> list[str]:
    return [number.phone for user in world.settings.users for number in user.numbers]


def _numbers(body: dict[str, Any], name: str) -> tuple[str, ...]:
    given = body.get(name, [])
    if (
        not isinstance(given, list)
        or len(given) > MAX_NUMBERS
        or not all(isinstance(one, str) for one in given)
    ):
        raise refused("CMN-101", parameter=name)
    return tuple(given)


def _covers_numbers(body: dict[str, Any]) -> bool:
    """Tell whether what is kept for a number is asked for: nothing else is kept here."""
    given = body.get("coverage", [])
    asked = [str(one).lower() for one in given] if isinstance(given, list) else [""]
    if not set(asked) <= set(_COVERAGES):
        raise refused("CMN-101", parameter="coverage")
    return not asked or _COVERAGES[0] in asked


def _per_page(body: dict[str, Any]) -> int:
    given = body.get("perPage", 100)
    if type(given) is not int or not 0 < given <= MAX_RECORDS:
        raise refused("CMN-101", parameter="perPage")
    return given


def _start(body: dict[str, Any]) -> int:
    token = body.get("pageToken", "0")
    if not isinstance(token, str) or not token.isdecimal() or not token.isascii():
        raise refused("CMN-101", parameter="pageToken")
    return int(token)


_SCOPES = ("SMS",)
ENDPOINTS = (
    Endpoint("PATCH", _PATH, "light", change, _SCOPES),
    Endpoint("POST", _PATH + "/search", "light", search, _SCOPES),
)
