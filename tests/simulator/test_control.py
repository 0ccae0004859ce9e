"""/control: faults, limits, tokens; who may ask, and where it listens."""

from unittest.mock import Mock

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from support.simulated import Client, Simulate

from dispatcher.simulator.clock import ManualClock
from dispatcher.simulator.control import local_only
from dispatcher.simulator.loopback import is_loopback
from dispatcher.simulator.server import RemoteAddressError, start
from dispatcher.simulator.settings import Settings


async def test_faults_come_and_go(client: Client) -> None:
    fault = {"kind": "refuse", "status": 500, "times": 2}
    added = await client.request("POST", "/control/faults", json=fault)
    assert added.status == 201
    (fault_id,) = added.json["ids"]
    assert (await client.send()).status == 500
    (listed,) = (await client.request("GET", "/control/faults")).json
    assert (listed["id"], listed["kind"], listed["times"]) == (fault_id, "refuse", 1)
    assert (await client.request("DELETE", f"/control/faults/{fault_id}")).status == 204
    assert (await client.request("DELETE", f"/control/faults/{fault_id}")).status == 404
    assert (await client.send()).status == 200


async def test_faults_are_cleared_together(client: Client) -> None:
    many = [{"kind": "drop"}, {"kind": "cut"}]
    assert len((await client.request("POST", "/control/faults", json=many)).json["ids"]) == 2
    assert (await client.request("DELETE", "/control/faults")).status == 204
    assert (await client.request("GET", "/control/faults")).json == []


@pytest.mark.parametrize(
    "body", ["{", "7", '{"kind": "x"}', '[{"kind": "drop"}, {"kind": "x"}]']
)
async def test_a_fault_that_makes_no_sense_is_not_taken(client: Client, body: str) -> None:
    answer = await client.request("POST", "/control/faults", data=body)
    assert answer.status == 400
    assert answer.json["error"]
    assert (await client.request("GET", "/control/faults")).json == []


async def test_limits_change_while_it_runs(client: Client) -> None:
    assert (await client.request("PUT", "/control/limits", json={"medium": 1})).status == 204
    assert (await client.send()).headers["X-Rate-Limit-Limit"] == "1"
    assert (await client.send()).status == 429
    assert (await client.request("DELETE", "/control/limits")).status == 204
    assert (await client.send()).status == 200


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"mediun": 1}', '{"medium": 0}', '{"medium": true}']
)
async def test_limits_that_make_no_sense(client: Client, body: str) -> None:
    assert (await client.request("PUT", "/control/limits", data=body)).status == 400


async def test_all_tokens_can_be_killed(client: Client) -> None:
    assert (await client.request("DELETE", "/control/sessions")).status == 204
    assert (await client.send()).code == "OAU-213"


async def test_there_is_no_such_record_to_delete(client: Client) -> None:
    assert (await client.request("DELETE", "/control/messages/7")).status == 404


@pytest.mark.parametrize(
    ("peer", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("192.0.2.7", False),
        ("::ffff:192.0.2.7", False),
        ("2001:db8::7", False),
        ("0.0.0.0", False),  # noqa: S104 - an address like another
        ("localhost.example.com", False),
        ("", False),
        (None, False),
    ],
)
def test_what_is_this_machine(peer: str | None, *, local: bool) -> None:
    assert is_loopback(peer) is local


@pytest.mark.parametrize(
    ("peer", "allowed"),
    [(("127.0.0.1", 1), True), (("192.0.2.7", 1), False), (None, False)],
)
async def test_control_answers_only_this_machine(
    peer: tuple[str, int] | None, *, allowed: bool
) -> None:
    transport = Mock()
    transport.get_extra_info.return_value = peer
    # A header can claim anything, so it is not what is looked at.
    headers = {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
    request = make_mocked_request("GET", "/control/texts", headers, transport=transport)

    async def handler(_: web.Request) -> web.Response:
        return web.Response(text="shown")

    if allowed:
        answer = await local_only(request, handler)
        assert answer.status == 200
    else:
        with pytest.raises(web.HTTPForbidden):
            await local_only(request, handler)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "example.com"])  # noqa: S104
async def test_it_listens_to_other_machines_only_if_told(host: str) -> None:
    with pytest.raises(RemoteAddressError, match="--allow-remote"):
        await start(Settings(host=host))


async def test_it_listens_to_other_machines_if_told() -> None:
    settings = Settings(host="0.0.0.0", allow_remote=True)  # noqa: S104 - what is tested
    simulator = await start(settings, clock=ManualClock())
    await simulator.stop()
    await simulator.stop()  # a second stop does nothing


async def test_two_simulators_do_not_share_a_port(simulate: Simulate) -> None:
    client = await simulate(Settings())
    port = int(client.simulator.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="in use"):
        await start(Settings(port=port))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/restapi/v1.0/account/~/extension/~/nothing", 404),
        ("GET", "/restapi/v1.0/account/~/extension/~/sms", 405),
        ("GET", "/restapi/oauth/token", 405),
    ],
)
async def test_there_is_nothing_there(
    client: Client, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)
    assert (answer.status, answer.code) == (status, "CMN-120")
