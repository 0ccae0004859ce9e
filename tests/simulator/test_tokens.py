"""Tokens: how they are fetched, how long they live, what ends them."""

import aiohttp
import pytest
from support.simulated import JWT_GRANT, Answer, Client, Simulate

from dispatcher.simulator.settings import App, Settings

JWT = {"grant_type": JWT_GRANT, "assertion": "simulated-jwt"}
REFRESHING = Settings(refresh_tokens=True, limits={"auth": 100})


async def use(client: Client, token: str) -> Answer:
    client.token = token
    return await client.get("/phone-number")


async def refresh(client: Client, token: str, **more: str) -> Answer:
    return await client.fetch({"grant_type": "refresh_token", "refresh_token": token, **more})


async def test_a_jwt_buys_an_access_token(simulate: Simulate) -> None:
    client = await simulate(Settings())
    answer = await client.fetch(JWT)
    assert answer.status == 200
    assert answer.json["token_type"] == "bearer"  # noqa: S105 - its kind
    assert answer.json["expires_in"] == 3600
    assert answer.json["scope"] == "ReadAccounts ReadMessages SMS SubscriptionWebhook"
    assert answer.json["owner_id"] == "1696121004"
    assert {"endpoint_id", "session_id"} <= answer.json.keys()
    assert not {"refresh_token", "refresh_token_expires_in"} & answer.json.keys()
    assert (await use(client, answer.json["access_token"])).status == 200


@pytest.mark.parametrize(
    ("asked", "set_to", "expires_in"),
    [("900", 3600, 900), ("1", 3600, 600), ("9999", 7200, 3600), ("3600", 120, 120)],
)
async def test_how_long_a_token_lives(
    simulate: Simulate, asked: str, set_to: int, expires_in: int
) -> None:
    client = await simulate(Settings(access_ttl=set_to))
    answer = await client.fetch({**JWT, "access_token_ttl": asked})
    assert answer.json["expires_in"] == expires_in


async def test_what_a_client_asks_for_is_scaled_too(simulate: Simulate) -> None:
    client = await simulate(Settings(scale=0.5))
    answer = await client.fetch({**JWT, "access_token_ttl": "900"})
    assert answer.json["expires_in"] == 450


async def test_an_access_token_expires(client: Client) -> None:
    client.clock.advance(3599)
    assert (await use(client, client.token)).status == 200
    client.clock.advance(1)
    answer = await use(client, client.token)
    assert (answer.status, answer.code) == (401, "OAU-128")
    assert answer.json["errorCode"] == "TokenExpired"


@pytest.mark.parametrize(
    ("header", "code", "top"),
    [
        ("Bearer nobody-knows-it", "OAU-213", "TokenInvalid"),
        ("Digest x", "OAU-151", "OAU-151"),
        ("Bearer", "AGW-402", "AGW-402"),
        ("", "AGW-402", "AGW-402"),
    ],
)
async def test_a_request_that_nobody_signed(
    simulate: Simulate, header: str, code: str, top: str
) -> None:
    client = await simulate(Settings())
    answer = await client.get("/message-store", headers={"Authorization": header})
    assert (answer.status, answer.code, answer.json["errorCode"]) == (401, code, top)


async def test_the_scheme_is_read_in_any_case(client: Client) -> None:
    answer = await client.get(
        "/phone-number", headers={"Authorization": f"bearer {client.token}"}
    )
    assert answer.status == 200


@pytest.mark.parametrize(
    ("form", "client_id", "status", "error", "code"),
    [
        ({"grant_type": "password"}, "simulated-client", 400, "invalid_request", "OAU-250"),
        ({}, "simulated-client", 400, "invalid_request", "OAU-250"),
        (JWT | {"assertion": "x"}, "simulated-client", 400, "invalid_grant", "OAU-140"),
        (JWT, "stranger", 400, "invalid_client", "OAU-153"),
        (JWT, "no-jwt", 400, "unauthorized_client", "OAU-251"),
        (JWT, "other-secret", 401, "invalid_client", "OAU-146"),
        (
            {"grant_type": "refresh_token", "refresh_token": "x"},
            "simulated-client",
            400,
            "unauthorized_client",
            "OAU-251",
        ),
        (
            JWT | {"access_token_ttl": "soon"},
            "simulated-client",
            400,
            "invalid_request",
            "OAU-250",
        ),
    ],
)
async def test_no_token(
    simulate: Simulate,
    *,
    form: dict[str, str],
    client_id: str,
    status: int,
    error: str,
    code: str,
) -> None:
    apps = (App("no-jwt", "simulated-secret", jwt_grant=False), App("other-secret", "x"))
    client = await simulate(Settings(more_apps=apps))
    answer = await client.fetch(form, client_id)
    assert (answer.status, answer.json["error"], answer.code) == (status, error, code)
    assert answer.json["error_description"] == answer.json["errors"][0]["message"]


@pytest.mark.parametrize(
    "authorization", ["", "Basic", "Basic %%%", "Bearer eDp5", "Basic eA==", "Basic /w=="]
)
async def test_no_token_without_a_client(simulate: Simulate, authorization: str) -> None:
    client = await simulate(Settings())
    answer = await client.request(
        "POST", "/restapi/oauth/token", data=JWT, headers={"Authorization": authorization}
    )
    assert (answer.status, answer.code) == (400, "OAU-123")


async def test_the_token_endpoint_wants_a_form(simulate: Simulate) -> None:
    client = await simulate(Settings())
    auth = aiohttp.encode_basic_auth("simulated-client", "simulated-secret")
    answer = await client.request(
        "POST", "/restapi/oauth/token", json=JWT, headers={"Authorization": auth}
    )
    assert (answer.status, answer.code) == (400, "OAU-250")


async def test_the_sixth_request_for_a_token_in_a_minute_is_refused(simulate: Simulate) -> None:
    client = await simulate(Settings())
    answers = [await client.fetch(JWT) for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert answers[0].headers["X-Rate-Limit-Group"] == "auth"
    assert answers[-1].headers["Retry-After"] == "60"


async def test_the_sixth_session_ends_the_first(simulate: Simulate) -> None:
    client = await simulate(Settings(limits={"auth": 100}))
    tokens = [(await client.fetch(JWT)).json["access_token"] for _ in range(6)]
    answers = [await use(client, token) for token in tokens]
    assert [answer.status for answer in answers] == [401] + [200] * 5
    assert answers[0].code == "OAU-213"


async def test_a_refresh_ends_the_old_access_token_at_once(simulate: Simulate) -> None:
    client = await simulate(REFRESHING)
    first = (await client.fetch(JWT)).json
    assert first["refresh_token_expires_in"] == 604800
    second = (await refresh(client, first["refresh_token"])).json
    assert second["refresh_token"] != first["refresh_token"]
    assert (await use(client, first["access_token"])).code == "OAU-213"
    assert (await use(client, second["access_token"])).status == 200


@pytest.mark.parametrize(
    ("used_after", "again_after", "status"),
    [(5, 9, 200), (5, 10, 400), (None, 3599, 200), (None, 3600, 400)],
)
async def test_the_grace_of_a_spent_refresh_token(
    simulate: Simulate, used_after: int | None, again_after: int, status: int
) -> None:
    client = await simulate(REFRESHING)
    first = (await client.fetch(JWT)).json
    second = (await refresh(client, first["refresh_token"])).json
    if used_after is not None:
        client.clock.advance(used_after)
        await use(client, second["access_token"])
    client.clock.advance(again_after)
    again = await refresh(client, first["refresh_token"])
    assert again.status == status
    if status == 200:
        assert again.json["access_token"] == second["access_token"]
        assert again.json["refresh_token"] == second["refresh_token"]
    else:
        assert (again.json["error"], again.code) == ("invalid_grant", "OAU-210")


async def test_a_refresh_token_expires(simulate: Simulate) -> None:
    client = await simulate(REFRESHING)
    token = (await client.fetch(JWT)).json["refresh_token"]
    client.clock.advance(604800)
    assert (await refresh(client, token)).code == "OAU-210"


async def test_a_refresh_token_is_its_applications_own(simulate: Simulate) -> None:
    other = App("other", "simulated-secret", refresh_tokens=True)
    client = await simulate(Settings(refresh_tokens=True, more_apps=(other,)))
    token = (await client.fetch(JWT)).json["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    assert (await client.fetch(form, "other")).code == "OAU-210"


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_a_revoked_token_ends_its_whole_session(simulate: Simulate, which: str) -> None:
    client = await simulate(REFRESHING)
    tokens = (await client.fetch(JWT)).json
    auth = aiohttp.encode_basic_auth("simulated-client", "simulated-secret")
    revoked = await client.request(
        "POST",
        "/restapi/oauth/revoke",
        data={"token": tokens[which]},
        headers={"Authorization": auth},
    )
    assert revoked.status == 200
    assert (await use(client, tokens["access_token"])).code == "OAU-213"
    assert (await refresh(client, tokens["refresh_token"])).code == "OAU-210"
