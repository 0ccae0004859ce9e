"""The ledger: what it tells, what it counts, what a log does not tell."""

import asyncio
import logging
from datetime import UTC, datetime

import pytest
from support.simulated import OURS, THEIRS, Client, Simulate

from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.ledger import Arrival, Ledger
from dispatcher.simulator.settings import Settings

SECRET = "a text that nobody may see"  # noqa: S105 - what a log must not hold


async def test_the_ledger_tells_every_text(client: Client) -> None:
    sent = await client.send(text="Hello")
    client.clock.advance(60)
    await client.send("+12125550101")
    texts = (await client.request("GET", "/control/texts")).json
    assert [text["to"] for text in texts] == [THEIRS, "+12125550101"]
    assert texts[0] == {
        "id": sent.json["id"],
        "sender": OURS,
        "to": THEIRS,
        "text": "Hello",
        "at": "2026-01-05T15:00:00+00:00",
        "monotonic": 0.0,
        "agent": texts[1]["agent"],
    }
    for plus in ("%2B", "+", ""):
        only = await client.request("GET", f"/control/texts?to={plus}12125550101")
        assert only.json == texts[1:]


async def test_the_ledger_tells_every_request(client: Client) -> None:
    await client.send(text="")
    await client.get("/message-store", headers={"User-Agent": "Tester/1.0"})
    await client.request("GET", "/nowhere")
    seen = (await client.request("GET", "/control/requests")).json
    assert [(one["method"], one["group"], one["status"]) for one in seen] == [
        ("POST", "auth", 200),
        ("POST", "medium", 400),
        ("GET", "light", 200),
        ("GET", "", 404),
    ]
    assert seen[2]["agent"] == "Tester/1.0"
    light = (await client.request("GET", "/control/requests?group=light")).json
    assert light == [seen[2]]


async def test_the_ledger_counts(client: Client) -> None:
    await client.send()
    client.clock.advance(61)
    await client.send()
    await client.send("+12125550101")
    assert (await client.request("GET", "/control/counts")).json == {
        "texts": 3,
        "inbound": 0,
        "requests": 4,
        "to": {THEIRS: 2, "+12125550101": 1},
        "minutes": {"2026-01-05T15:00Z": 1, "2026-01-05T15:01Z": 2},
        "busiest": {"light": 0, "medium": 2, "heavy": 0, "auth": 1},
    }


async def test_the_ledger_can_be_cleared(client: Client) -> None:
    await client.send()
    assert (await client.request("DELETE", "/control/ledger")).status == 204
    counts = (await client.request("GET", "/control/counts")).json
    assert (counts["texts"], counts["requests"], counts["to"]) == (0, 0, {})


async def test_the_ledger_can_be_waited_for(client: Client) -> None:
    ledger = client.simulator.ledger
    texts = asyncio.ensure_future(ledger.reached(texts=2))
    requests = asyncio.ensure_future(ledger.reached(requests=4))
    await client.send()
    assert not texts.done()
    await client.send()
    await texts
    assert not requests.done()
    await client.get("/message-store")
    await requests
    await ledger.reached(texts=2, requests=4)


@pytest.mark.parametrize(
    ("arrivals", "busiest"),
    [([], 0), ([0], 1), ([0, 59.9], 2), ([0, 60], 1), ([0, 40, 80, 99], 3)],
)
def test_the_busiest_window(arrivals: list[float], busiest: int) -> None:
    ledger = Ledger()
    for at in arrivals:
        ledger.arrived(Arrival(datetime(2026, 1, 5, tzinfo=UTC), at, "POST", "/", "medium", ""))
    assert ledger.busiest("medium", 60) == busiest
    assert ledger.busiest("light", 60) == 0


async def test_nothing_private_is_logged(
    simulate: Simulate, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)  # before it starts: what is off then stays off
    client = await simulate(Settings())
    await client.login()
    await client.send(text=SECRET)
    await client.send("+12125550199", text=SECRET)
    await client.get("/message-store?phoneNumber=%2B12125550100")
    await client.get("/nowhere/+12125550100")
    client.simulator.add_fault(Fault(Kind.REFUSE, code="MSG-243", times=1))
    await client.send(text=SECRET)
    assert "POST medium 200" in caplog.text
    assert "POST medium 400" in caplog.text
    for private in (SECRET, "2125550100", "2125550199", OURS[1:], client.token):
        assert private not in caplog.text
