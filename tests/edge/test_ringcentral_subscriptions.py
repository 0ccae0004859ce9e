"""Subscriptions as RingCentral answers for them, and as it might."""

import json
from datetime import timedelta
from typing import Any

import pytest
from support.ringcentral import Connect, Line
from support.settings import TOKEN
from support.webhook import webhook

from dispatcher.core.errors import DispatcherError
from dispatcher.core.outcome import Ambiguous, Unreached
from dispatcher.core.subscription import FILTERS
from dispatcher.edge.ringcentral import subscriptions
from dispatcher.edge.ringcentral.sdk import Reply
from dispatcher.ports import LimitedError, LoginUnreachableError
from dispatcher.simulator.settings import Settings

ENTRY = {
    "id": "dd2f0ff2-580e-4581-a277-76f9c9a54bc9",
    "status": "Active",
    "eventFilters": list(FILTERS),
    "expiresIn": 604799,
    "deliveryMode": {"transportType": "WebHook", "address": "https://texts.example/hook"},
}


def reply(body: Any, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, body if isinstance(body, bytes) else json.dumps(body).encode())


def refusal(code: str) -> dict[str, Any]:
    return {"errorCode": code, "errors": [{"errorCode": code, "message": "Theirs, not shown"}]}


async def test_one_from_its_beginning_to_its_end(line: Line) -> None:
    async with webhook() as hook:
        made = await line.gateway.subscribe(hook.url, TOKEN)
        assert (made.address, made.transport, made.status) == (hook.url, "WebHook", "Active")
        assert (len(made.filters), made.disabled) == (4, ())
        assert timedelta(days=6.9) < made.lasts <= timedelta(days=7)
        assert made.owner == str(Settings().account_id)
        (theirs,) = line.simulator.world.subscriptions
        assert (theirs.id, theirs.verification) == (made.id, TOKEN)
        line.theirs.advance(86_400)
        await line.later(86_400)
        (listed,) = await line.gateway.subscriptions()
        assert listed.lasts < timedelta(days=6.1)
        assert (await line.gateway.renew_subscription(listed)).lasts > timedelta(days=6.9)
        await line.gateway.unsubscribe(made.id)
        assert await line.gateway.subscriptions() == ()
        await line.gateway.unsubscribe(made.id)  # it is gone already
    groups = {(r.method, r.group) for r in line.simulator.ledger.requests if r.group != "auth"}
    assert groups == {
        ("POST", "medium"),
        ("POST", "light"),
        ("GET", "light"),
        ("DELETE", "medium"),
    }


async def test_an_address_where_nobody_is(connect: Connect) -> None:
    line = await connect()
    with pytest.raises(DispatcherError, match=r"\(SUB-521\)\. RingCentral can't reach"):
        await line.gateway.subscribe("http://127.0.0.1:1/hook", TOKEN)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (400, refusal("SUB-520"), r"\(SUB-520\)\. What answers at the public address"),
        (400, refusal("SUB-525"), r"\(SUB-525\)\. RingCentral can't read what answers"),
        (403, refusal("SUB-505"), r"\(SUB-505\)\. The app has thirty"),
        (
            403,
            refusal("CMN-401"),
            r"\(CMN-401\)\. Give the RingCentral app the permissions SubscriptionWebhook",
        ),
        (400, refusal("SUB-999"), r"\(SUB-999\)\. .* not in our table"),
        (502, b"<html>", r"\(HTTP-502\)\. 502 without a code"),
    ],
)
def test_a_refusal_is_a_sentence_of_ours(status: int, body: Any, said: str) -> None:
    with pytest.raises(DispatcherError, match=said) as caught:
        subscriptions.read_one(reply(body, status))
    assert "Theirs" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"[" * 50_000, ENTRY | {"id": "../../sms"}, ENTRY | {"id": ""}, ENTRY | {"eventFilters": None},
     ENTRY | {"expiresIn": "soon"}, ENTRY | {"expiresIn": 10**30}, ENTRY | {"deliveryMode": None}, ENTRY | {"disabledFilters": [1]}],
)  # fmt: skip
def test_an_answer_that_makes_no_sense(body: Any) -> None:
    with pytest.raises(DispatcherError, match="can't be read"):
        subscriptions.read_one(reply(body))
    with pytest.raises(DispatcherError, match="can't be read"):
        subscriptions.read_list(reply({"records": [body if isinstance(body, dict) else 1]}))


def test_what_is_left_out_is_known() -> None:
    some = ENTRY | {"disabledFilters": [{"filter": FILTERS[0], "reason": "CMN-408"}]}
    assert subscriptions.read_one(reply(some)).disabled == (FILTERS[0],)


def test_later() -> None:
    with pytest.raises(LimitedError) as caught:
        subscriptions.read_gone(reply({}, 429, Retry_After="7", X_Rate_Limit_Group="medium"))
    assert (caught.value.group, caught.value.seconds) == ("medium", 7)
    for failure in (Unreached(), Ambiguous()):
        with pytest.raises(LoginUnreachableError):
            subscriptions.read_list(failure)
