"""The official SDK speaks to the simulator as it does to RingCentral."""

import asyncio

import pytest
from ringcentral import SDK
from ringcentral.http.api_exception import ApiException
from support.simulated import (
    CONSENTS,
    EXTENSION,
    INSTANT,
    OURS,
    SUBSCRIPTION,
    THEIRS,
    VERIFIED,
    Client,
    Simulate,
    message,
)
from support.webhook import Webhook

from dispatcher.simulator.settings import Settings


async def test_the_sdk_logs_in_sends_reads_and_logs_out(simulate: Simulate) -> None:
    client = await simulate(Settings(refresh_tokens=True, lag=0))
    sdk = SDK("simulated-client", "simulated-secret", client.simulator.url, "tester", "1.2.3")
    platform = sdk.platform()

    def talk() -> tuple[int, list[int], list[int]]:
        platform.login(jwt="simulated-jwt")
        sent = platform.post(f"{EXTENSION}/sms", message(text="Hello")).json_dict()
        platform.refresh()
        encoded = {"phoneNumber": "%2B12125550100"}
        found = platform.get(f"{EXTENSION}/message-store", encoded).json_dict()
        # The SDK encodes nothing: so its plus arrives as a space.
        missed = platform.get(f"{EXTENSION}/message-store", {"phoneNumber": THEIRS}).json_dict()
        platform.logout()
        ids = [[record["id"] for record in one["records"]] for one in (found, missed)]
        return sent["id"], ids[0], ids[1]

    sent, found, missed = await asyncio.to_thread(talk)
    (text,) = client.simulator.ledger.texts
    assert (text.id, text.to, text.text) == (sent, THEIRS, "Hello")
    assert text.agent.startswith("tester/1.2.3 ")
    assert "RCPYTHONSDK" in text.agent
    assert (found, missed) == ([sent], [])


async def test_the_sdk_subscribes_and_asks_who_opted_out(client: Client, hook: Webhook) -> None:
    sdk = SDK("simulated-client", "simulated-secret", client.simulator.url)
    client.simulator.receive(THEIRS, OURS, "STOP")
    mode = {"transportType": "WebHook", "address": hook.url, "verificationToken": VERIFIED}
    wanted = {"eventFilters": [INSTANT], "deliveryMode": mode, "expiresIn": 3600}
    platform = sdk.platform()

    def talk() -> tuple[list[str], list[str], object, int]:
        platform.login(jwt="simulated-jwt")
        made = platform.post(SUBSCRIPTION, wanted).json_dict()
        path = f"{SUBSCRIPTION}/{made['id']}"
        seen = [
            platform.get(SUBSCRIPTION).json_dict()["records"][0],
            platform.get(path).json_dict(),
            platform.put(path, {"expiresIn": 600}).json_dict(),
            platform.post(f"{path}/renew").json_dict(),
        ]
        asked = {"from": [OURS], "to": [THEIRS], "optStatus": "OptOut"}
        found = platform.post(f"{CONSENTS}/search", asked).json_dict()["records"]
        record = {"from": OURS, "to": THEIRS, "optStatus": "OptIn", "source": "Api"}
        changed = platform.patch(CONSENTS, {"records": [record]}).json_dict()
        status = platform.delete(path).response().status_code
        return [one["status"] for one in seen], [one["to"] for one in found], changed, status

    seen, found, changed, status = await asyncio.to_thread(talk)
    assert (seen, found, changed, status) == (["Active"] * 4, [THEIRS], {}, 204)
    assert not client.simulator.world.consents.opted_out(OURS, (THEIRS,))
    assert len(hook.handshakes) == 1


async def test_the_sdk_raises_what_is_refused(client: Client) -> None:
    sdk = SDK("simulated-client", "simulated-secret", client.simulator.url)

    def refused() -> ApiException:
        platform = sdk.platform()
        platform.login(jwt="simulated-jwt")
        with pytest.raises(ApiException) as caught:
            platform.post(f"{EXTENSION}/sms", message(sender={"phoneNumber": "+16505550198"}))
        return caught.value

    response = (await asyncio.to_thread(refused)).api_response().response()
    assert response.status_code == 400
    assert response.json()["errors"][0]["errorCode"] == "MSG-245"
