"""Subscriptions: the handshake, what is refused, how long they live, who sees them."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from support.simulated import (
    CONSENTS,
    INSTANT,
    OURS,
    STORE,
    SUBSCRIPTION,
    THEIRS,
    VERIFIED,
    Client,
    Simulate,
)
from support.webhook import Reply, Webhook, echo

from dispatcher.simulator.exchange import RefusedError
from dispatcher.simulator.settings import App, Number, Settings, User
from dispatcher.simulator.wanted import read_address

COLLEAGUE = User(256440016, "other-jwt", (Number("+16505550102"),), "102")
REMINDER = "/restapi/v1.0/subscription/~"


async def test_what_a_subscription_answers(client: Client, hook: Webhook) -> None:
    answer = await client.subscribe(hook.url, INSTANT, INSTANT, CONSENTS)
    made = answer.json
    assert (answer.status, answer.headers["X-Rate-Limit-Group"]) == (200, "medium")
    assert made == {
        "uri": f"{client.simulator.url}{SUBSCRIPTION}/{made['id']}",
        "id": made["id"],
        "creationTime": "2026-01-05T15:00:00.000Z",
        "status": "Active",
        "eventFilters": [
            INSTANT.replace("~", "1696121004"),
            CONSENTS.replace("~", "1696121004"),
        ],
        "expirationTime": "2026-01-12T15:00:00.000Z",
        "expiresIn": 604800,
        "deliveryMode": {"transportType": "WebHook", "encryption": False, "address": hook.url},
    }
    listed = await client.request("GET", SUBSCRIPTION)
    assert (listed.headers["X-Rate-Limit-Group"], listed.json["records"]) == ("light", [made])
    got = await client.request("GET", f"{SUBSCRIPTION}/{made['id']}")
    assert (got.headers["X-Rate-Limit-Group"], got.json) == ("light", made)


async def test_the_handshake(client: Client, hook: Webhook) -> None:
    await client.subscribe(hook.url)
    ((headers, body),) = [(one.headers, one.body) for one in hook.handshakes]
    assert (headers["Content-Length"], body) == ("0", b"")
    assert (headers["Verification-Token"], len(headers["Validation-Token"])) == (VERIFIED, 32)


async def answers_nothing(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


def answered(**changed: Any) -> Reply:
    async def shake(request: web.Request) -> web.StreamResponse:
        response = echo(request, changed.get("status", 200), body=changed.get("body", b""))
        response.headers.update(changed.get("headers", {}))
        return response

    return shake


async def without_kind(request: web.Request) -> web.StreamResponse:
    """Answer by hand, since a web framework does not forget to name the kind."""
    token = request.headers["Validation-Token"]
    assert request.transport
    request.transport.write(
        f"HTTP/1.1 200 OK\r\nValidation-Token: {token}\r\nContent-Length: 0\r\n\r\n".encode()
    )
    request.transport.close()
    return web.Response()


@pytest.mark.parametrize(
    ("shakes", "code"),
    [
        (answered(headers={"Validation-Token": "another"}), "SUB-520"),
        (answered(headers={"Validation-Token": ""}), "SUB-520"),
        (answers_nothing, "SUB-521"),
        (answered(status=204), "SUB-522"),
        (answered(status=404), "SUB-522"),
        (answered(status=302, headers={"Location": "http://127.0.0.1:1/"}), "SUB-522"),
        (answered(body=b"x" * 1024), "SUB-525"),
        (answered(headers={"X-Padding": "x" * 1024}), "SUB-525"),
        (without_kind, "SUB-525"),
    ],
)
async def test_a_handshake_that_fails(
    client: Client,
    hook: Webhook,
    monkeypatch: pytest.MonkeyPatch,
    shakes: Reply,
    code: str,
) -> None:
    monkeypatch.setattr(hook, "shakes", shakes)
    answer = await client.subscribe(hook.url)
    assert (answer.status, answer.code) == (400, code)
    assert (await client.request("GET", SUBSCRIPTION)).json["records"] == []


async def test_a_handshake_of_just_so_many_bytes(client: Client, hook: Webhook) -> None:
    shortest = len("HTTP/1.1 200 OK\r\n\r\n")

    def bytes_of(response: web.Response) -> int:
        head = sum(len(f"{name}: {value}\r\n") for name, value in response.headers.items())
        return shortest + head + len(response.body or b"")  # type: ignore[arg-type]

    async def shakes(request: web.Request) -> web.StreamResponse:
        response = echo(request, body=b"x" * 700)
        response.headers["Date"] = "Mon, 05 Jan 2026 15:00:00 GMT"
        response.headers["Server"] = "test"
        response.headers["Content-Length"] = "700"
        response.headers["X-Padding"] = ""
        response.headers["X-Padding"] = "x" * (wanted - bytes_of(response))
        return response

    hook.shakes = shakes
    wanted = 1024
    assert (await client.subscribe(hook.url)).status == 200
    wanted = 1025
    assert (await client.subscribe(hook.url)).code == "SUB-525"


async def test_a_handshake_that_takes_too_long(client: Client, hook: Webhook) -> None:
    may_answer = asyncio.Event()

    async def shakes(request: web.Request) -> web.StreamResponse:
        client.clock.advance(seconds)
        await may_answer.wait()
        return echo(request)

    hook.shakes = shakes
    seconds = 3.0
    assert (await client.subscribe(hook.url)).code == "SUB-521"
    may_answer.set()
    seconds = 2.9
    assert (await client.subscribe(hook.url)).status == 200


async def test_nobody_listens(client: Client) -> None:
    assert (await client.subscribe("http://127.0.0.1:1/hook")).code == "SUB-521"


async def test_a_server_without_tls_behind_https(client: Client, hook: Webhook) -> None:
    answer = await client.subscribe(hook.url.replace("http:", "https:"))
    assert answer.code in ("SUB-521", "SUB-524")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://example.com/hook", "SUB-523"),
        ("http://192.0.2.7/hook", "SUB-523"),
        ("http://127.0.0.1@192.0.2.7/hook", "SUB-523"),
        ("https://192.0.2.7/hook", "SUB-521"),
        ("https://localhost.example.com/hook", "SUB-521"),
        ("ftp://127.0.0.1/hook", "CMN-101"),
        ("/hook", "CMN-101"),
        ("http://[/hook", "CMN-101"),
        ("", "CMN-101"),
        (7, "CMN-101"),
        (None, "CMN-101"),
    ],
)
async def test_addresses_that_are_refused(client: Client, address: Any, code: str) -> None:
    answer = await client.subscribe(address)
    assert (answer.status, answer.code) == (400, code)
    assert answer.json["parameterName"] == "deliveryMode.address"


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({}, "deliveryMode.transportType"),
        ({"deliveryMode": {"transportType": "PubNub"}}, "deliveryMode.transportType"),
        ({"eventFilters": []}, "eventFilters"),
        ({"eventFilters": [7]}, "eventFilters"),
        ({"eventFilters": INSTANT}, "eventFilters"),
        ({"expiresIn": 0}, "expiresIn"),
        ({"expiresIn": 315360001}, "expiresIn"),
        ({"expiresIn": "600"}, "expiresIn"),
        ({"verificationToken": "a\nb"}, "deliveryMode.verificationToken"),
        ({"verificationToken": ""}, "deliveryMode.verificationToken"),
    ],
)
async def test_bodies_that_are_refused(
    client: Client, hook: Webhook, body: dict[str, Any], parameter: str
) -> None:
    mode = {"transportType": "WebHook", "address": hook.url}
    if "verificationToken" in body:
        mode["verificationToken"] = body.pop("verificationToken")
        body |= {"deliveryMode": mode}
    if body:
        body = {"eventFilters": [INSTANT], "deliveryMode": mode} | body
    answer = await client.request("POST", SUBSCRIPTION, json=body)
    assert (answer.code, answer.json["parameterName"]) == ("CMN-101", parameter)
    assert hook.handshakes == []


@pytest.mark.parametrize(
    ("filters", "status", "code"),
    [
        (("/restapi/v1.0/account/~/extension/~/presence",), 400, "SUB-508"),
        ((INSTANT, f"{STORE}/more"), 400, "SUB-508"),
        ((f"{STORE}/instant",), 400, "SUB-508"),
        ((f"{STORE}/instant?type=Fax",), 400, "SUB-508"),
        ((f"{STORE}?type=Telegram",), 400, "SUB-508"),
        ((f"{STORE}?direction=Sideways",), 400, "SUB-508"),
        ((f"{STORE}?directon=Inbound",), 400, "SUB-508"),
        ((f"{CONSENTS}?from=x",), 400, "SUB-508"),
        ((STORE.replace("account/~", "account/7"),), 403, "SUB-406"),
        ((STORE.replace("extension/~", "extension/7"),), 403, "SUB-408"),
        ((STORE.replace("extension/~", "extension/256440016"),), 403, "CMN-419"),
        ((f"{REMINDER}?threshold=60&interval=30",), 400, "SUB-515"),
        ((INSTANT, REMINDER), 400, "SUB-516"),
        ((INSTANT, f"{REMINDER}?threshold=0&interval=0"), 400, "SUB-516"),
        ((INSTANT, f"{REMINDER}?threshold=301&interval=1"), 400, "SUB-516"),
        ((INSTANT, f"{REMINDER}?threshold=300&interval=151"), 400, "SUB-516"),
        ((INSTANT, f"{REMINDER}?threshold=300&interval=150"), 200, None),
    ],
)
async def test_filters_that_are_refused(
    simulate: Simulate, hook: Webhook, filters: tuple[str, ...], status: int, code: str | None
) -> None:
    # A scale that no float holds must not tip the balance.
    client = await simulate(Settings(scale=0.07, more_users=(COLLEAGUE,)))
    await client.login()
    answer = await client.subscribe(hook.url, *filters, expiresIn=600)
    assert (answer.status, answer.code) == (status, code)


async def test_a_filter_that_is_not_for_this_user_is_disabled(
    simulate: Simulate, hook: Webhook
) -> None:
    client = await simulate(Settings(more_users=(COLLEAGUE,)))
    await client.login()
    theirs = f"{STORE}?type=SMS".replace("extension/~", "extension/256440016")
    made = (await client.subscribe(hook.url, theirs, INSTANT)).json
    assert made["eventFilters"] == [INSTANT.replace("~", "1696121004")]
    (disabled,) = made["disabledFilters"]
    assert disabled["filter"] == theirs.replace("~", "1696121004")
    assert disabled["reason"] == "CMN-419"
    assert "[ReadMessages]" in disabled["message"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"scopes": ("SMS", "ReadMessages")}, "CMN-401"),
        ({"scopes": ("SubscriptionWebhook",)}, "CMN-401"),
        ({"permissions": ("OutboundSMS",)}, "CMN-408"),
    ],
)
async def test_subscribing_needs_its_permissions(
    logged_in: Simulate, hook: Webhook, changed: dict[str, Any], code: str
) -> None:
    client = await logged_in(Settings(**changed))
    answer = await client.subscribe(hook.url)
    assert (answer.status, answer.code) == (403, code)


async def test_thirty_and_no_more(logged_in: Simulate, hook: Webhook) -> None:
    client = await logged_in(Settings(limits={"medium": 100}))
    made = [(await client.subscribe(hook.url)).json["id"] for _ in range(30)]
    refused = await client.subscribe(hook.url)
    assert (refused.status, refused.code) == (403, "SUB-505")
    assert (await client.request("DELETE", f"{SUBSCRIPTION}/{made[0]}")).status == 204
    assert (await client.subscribe(hook.url)).status == 200


async def test_a_subscription_ends(client: Client, hook: Webhook) -> None:
    made = (await client.subscribe(hook.url, expiresIn=60)).json
    assert made["expiresIn"] == 60
    client.clock.advance(59.9)
    assert (await client.subscription(made["id"]))["expiresIn"] == 0
    client.clock.advance(0.1)
    client.simulator.receive(THEIRS, OURS, "Too late")
    gone = await client.request("GET", f"{SUBSCRIPTION}/{made['id']}")
    assert (gone.status, gone.code) == (404, "SUB-507")
    assert (await client.request("GET", SUBSCRIPTION)).json["records"] == []
    again = (await client.subscribe(hook.url)).json
    client.simulator.receive(THEIRS, OURS, "In time")
    (told,) = await hook.heard(1)
    assert told["subscriptionId"] == again["id"]


async def test_a_subscription_is_renewed(client: Client, hook: Webhook) -> None:
    path = f"{SUBSCRIPTION}/{(await client.subscribe(hook.url, expiresIn=60)).json['id']}"
    client.clock.advance(50)
    renewed = await client.request("POST", f"{path}/renew")
    assert (renewed.status, renewed.headers["X-Rate-Limit-Group"]) == (200, "light")
    assert renewed.json["expirationTime"] == "2026-01-05T15:01:50.000Z"
    put = await client.request("PUT", path)
    assert (put.headers["X-Rate-Limit-Group"], put.json["expiresIn"]) == ("medium", 604800)
    assert len(hook.handshakes) == 1


async def test_a_subscription_is_changed(client: Client, hook: Webhook) -> None:
    made = (await client.subscribe(hook.url)).json
    path = f"{SUBSCRIPTION}/{made['id']}"
    changed = await client.request(
        "PUT", path, json={"eventFilters": [CONSENTS], "expiresIn": 600}
    )
    assert changed.json["eventFilters"] == [CONSENTS.replace("~", "1696121004")]
    assert changed.json["expiresIn"] == 600
    client.simulator.receive(THEIRS, OURS, "STOP")
    (told,) = await hook.heard(1)
    assert told["event"].endswith("/sms/consents")
    moved = {"deliveryMode": {"transportType": "WebHook", "address": f"{hook.url}/else"}}
    answer = await client.request("PUT", path, json=moved)
    assert (answer.code, answer.json["parameterName"]) == ("CMN-101", "deliveryMode.address")


@pytest.mark.parametrize(
    ("method", "more"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/renew")]
)
async def test_there_is_no_such_subscription(client: Client, method: str, more: str) -> None:
    answer = await client.request(method, f"{SUBSCRIPTION}/of-nobody{more}")
    assert (answer.status, answer.code) == (404, "SUB-507")


async def test_a_subscription_is_seen_by_its_user_and_application_only(
    simulate: Simulate, hook: Webhook
) -> None:
    second = App("second-client", "simulated-secret")
    client = await simulate(Settings(more_users=(COLLEAGUE,), more_apps=(second,)))
    await client.login()
    path = f"{SUBSCRIPTION}/{(await client.subscribe(hook.url)).json['id']}"
    for who in ({"client": "second-client"}, {"jwt": "other-jwt"}):
        await client.login(**who)
        assert (await client.request("GET", SUBSCRIPTION)).json["records"] == []
        assert (await client.request("DELETE", path)).code == "SUB-507"


async def test_what_was_taken_away_is_told_nothing(client: Client, hook: Webhook) -> None:
    first, second = [(await client.subscribe(hook.url)).json["id"] for _ in range(2)]
    await client.request("DELETE", f"{SUBSCRIPTION}/{first}")
    client.simulator.receive(THEIRS, OURS, "Hello")
    client.simulator.receive(THEIRS, OURS, "Hello again")
    told = await hook.heard(2)
    assert {one["subscriptionId"] for one in told} == {second}


async def test_the_verification_token_is_never_shown(client: Client, hook: Webhook) -> None:
    made = await client.subscribe(hook.url)
    path = f"{SUBSCRIPTION}/{made.json['id']}"
    seen = [
        made,
        *[await client.request("GET", one) for one in (SUBSCRIPTION, path)],
        await client.request("PUT", path),
        await client.request("POST", f"{path}/renew"),
        await client.request("GET", "/control/subscriptions"),
    ]
    for answer in seen:
        assert answer.status == 200
        assert "verificationToken" not in answer.text
        assert VERIFIED not in answer.text


async def test_faults_befall_subscriptions_too(client: Client, hook: Webhook) -> None:
    fault = {"kind": "timeout", "path": "/subscription$", "method": "POST", "times": 1}
    await client.request("POST", "/control/faults", json=fault)
    assert (await client.subscribe(hook.url)).status == 504
    assert len((await client.request("GET", SUBSCRIPTION)).json["records"]) == 1
    assert (await client.get("/message-store")).status == 200


def test_other_machines_are_told_only_if_that_is_allowed() -> None:
    def address(url: str, *, allowed: bool) -> str:
        mode = {"transportType": "WebHook", "address": url}
        settings = Settings(allow_remote=allowed)
        return read_address({"deliveryMode": mode}, settings)[0]

    assert address("https://192.0.2.7/hook", allowed=True) == "https://192.0.2.7/hook"
    for url, allowed in (
        ("https://192.0.2.7/hook", False),
        ("http://192.0.2.7/hook", True),
    ):
        with pytest.raises(RefusedError):
            address(url, allowed=allowed)


async def test_control_sees_all_and_ends_one_at_once(client: Client, hook: Webhook) -> None:
    made = (await client.subscribe(hook.url)).json
    client.simulator.receive(THEIRS, OURS, "Hello")
    path = f"/control/subscriptions/{made['id']}"
    seen: dict[str, Any] = {"delivered": 0}
    async with asyncio.timeout(10):
        while not seen["delivered"]:
            (seen,) = (await client.request("GET", "/control/subscriptions")).json
    assert (seen["owner"], seen["delivered"], seen["failures"]) == ("1696121004", 1, 0)
    assert (await client.request("POST", f"{path}/expire")).status == 204
    (seen,) = (await client.request("GET", "/control/subscriptions")).json
    assert (seen["status"], seen["expiresIn"]) == ("Expired", 0)
    gone = await client.request("GET", f"{SUBSCRIPTION}/{made['id']}")
    assert gone.code == "SUB-507"
    assert (await client.request("DELETE", path)).status == 204
    assert (await client.request("DELETE", path)).status == 404
    assert (await client.request("POST", f"{path}/expire")).status == 404
    assert (await client.request("POST", f"{path}/blacklist")).status == 404
    assert (await client.request("GET", "/control/subscriptions")).json == []
