"""Each fault, what it meets, how often."""

import asyncio
import re

import aiohttp
import pytest
from support.simulated import EXTENSION, THEIRS, Client, Simulate

from dispatcher.simulator.faults import BEFORE, Fault, FaultError, Faults, Kind, Target
from dispatcher.simulator.settings import Settings

TEXT = Target("medium", "POST", f"{EXTENSION}/sms", (THEIRS,))


@pytest.mark.parametrize(
    ("fault", "status", "code", "headers"),
    [
        (Fault(Kind.REFUSE, status=500), 500, None, {}),
        (Fault(Kind.REFUSE, status=503, retry_after=7), 503, None, {"Retry-After": "7"}),
        (
            Fault(Kind.REFUSE, code="MSG-290", retry_after=7),
            503,
            "MSG-290",
            {"Retry-After": "7"},
        ),
        (Fault(Kind.REFUSE, code="CMN-201"), 503, "CMN-201", {}),
        (Fault(Kind.REFUSE, code="CMN-201", status=500), 500, "CMN-201", {}),
        (Fault(Kind.REFUSE, code="CMN-203"), 500, "CMN-203", {}),
        (Fault(Kind.REFUSE, code="XYZ-999", status=418), 418, "XYZ-999", {}),
    ],
)
async def test_refused_and_not_accepted(
    client: Client, fault: Fault, status: int, code: str | None, headers: dict[str, str]
) -> None:
    client.simulator.add_fault(fault)
    answer = await client.send()
    assert answer.status == status
    assert headers.items() <= answer.headers.items()
    assert ("Retry-After" in answer.headers) == ("Retry-After" in headers)
    if code is None:
        assert answer.headers["Content-Type"] == "text/html"
    else:
        assert answer.code == code
    assert not client.simulator.ledger.texts


async def test_a_connection_that_is_cut_before_anything(client: Client) -> None:
    client.simulator.add_fault(Fault(Kind.DROP))
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.send()
    assert not client.simulator.ledger.texts
    assert client.simulator.ledger.requests[-1].status == 0


async def test_accepted_and_the_connection_cut(client: Client) -> None:
    client.simulator.add_fault(Fault(Kind.CUT))
    with pytest.raises(aiohttp.ClientConnectionError):
        await client.send()
    assert [text.to for text in client.simulator.ledger.texts] == [THEIRS]
    assert client.simulator.ledger.requests[-1].status == 0


async def test_accepted_and_the_answer_a_504(client: Client) -> None:
    client.simulator.add_fault(Fault(Kind.TIMEOUT))
    assert (await client.send()).status == 504
    assert len(client.simulator.ledger.texts) == 1


async def test_accepted_and_the_answer_no_json(client: Client) -> None:
    client.simulator.add_fault(Fault(Kind.GARBLE))
    answer = await client.send()
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        _ = answer.json
    assert len(client.simulator.ledger.texts) == 1


async def test_accepted_and_the_answer_too_slow(client: Client) -> None:
    client.simulator.add_fault(Fault(Kind.SLOW, path="/sms$", seconds=120))
    sending = asyncio.ensure_future(client.send())
    await client.clock.waiters()
    assert len(client.simulator.ledger.texts) == 1
    client.clock.advance(119)
    assert (await client.get("/message-store")).ids  # it is served meanwhile, and accepted
    assert not sending.done()
    client.clock.advance(1)
    assert (await sending).status == 200


async def test_latency_comes_before_the_acceptance(client: Client) -> None:
    client.simulator.add_fault(Fault(Kind.LATENCY, group="medium", seconds=5))
    sending = asyncio.ensure_future(client.send())
    await client.clock.waiters()
    assert (await client.get("/message-store")).ids == []
    assert not client.simulator.ledger.texts
    client.clock.advance(5)
    assert (await sending).json["creationTime"] == "2026-01-05T15:00:05.000Z"


async def test_latency_of_everything(simulate: Simulate) -> None:
    client = await simulate(Settings(latency=2, latency_spread=1, seed=7))
    login = asyncio.ensure_future(client.login())
    await client.clock.waiters()
    client.clock.advance(2)
    assert (await client.request("GET", "/control/counts")).status == 200
    assert not login.done()
    client.clock.advance(1)
    assert (await login).status == 200


async def test_whoever_waits_is_answered_when_the_simulator_stops(client: Client) -> None:
    before = asyncio.all_tasks()
    client.simulator.add_fault(Fault(Kind.SLOW, path="/sms$", seconds=120))
    sending = asyncio.ensure_future(client.send())
    await client.clock.waiters()
    assert len(client.simulator.ledger.texts) == 1
    await client.simulator.stop()
    assert (await sending).status == 200
    assert asyncio.all_tasks() <= before


async def test_what_was_refused_anyway_is_not_spoiled(client: Client) -> None:
    client.simulator.add_fault(Fault(Kind.TIMEOUT, times=1))
    assert (await client.send("12125550100")).status == 400
    assert (await client.send()).status == 504
    assert (await client.send()).status == 200


@pytest.mark.parametrize(
    ("fault", "meets"),
    [
        (Fault(Kind.DROP), True),
        (Fault(Kind.DROP, group="medium"), True),
        (Fault(Kind.DROP, group="light"), False),
        (Fault(Kind.DROP, method="POST"), True),
        (Fault(Kind.DROP, method="GET"), False),
        (Fault(Kind.DROP, path="/sms$"), True),
        (Fault(Kind.DROP, path="message-store"), False),
        (Fault(Kind.DROP, to=re.escape(THEIRS)), True),
        (Fault(Kind.DROP, to="0199$"), False),
        (Fault(Kind.DROP, group="medium", to="0199$"), False),
    ],
)
def test_what_a_fault_meets(fault: Fault, *, meets: bool) -> None:
    assert fault.meets(TEXT) is meets


async def test_a_recipient_pattern_leaves_other_requests_alone(client: Client) -> None:
    client.simulator.add_fault(Fault(Kind.DROP, to="."))
    assert (await client.get("/message-store?phoneNumber=%2B12125550100")).status == 200


async def test_tokens_meet_faults_too(simulate: Simulate) -> None:
    client = await simulate(Settings(faults=(Fault(Kind.REFUSE, path="oauth", status=503),)))
    assert (await client.fetch({})).status == 503


def test_a_fault_happens_so_many_times() -> None:
    faults = Faults([Fault(Kind.DROP, times=2)], seed=0)
    assert [faults.draw(BEFORE, TEXT) is not None for _ in range(3)] == [True, True, False]
    assert list(faults) == []


def test_a_fault_happens_with_its_probability_and_the_seed_repeats_it() -> None:
    def drawn(seed: int) -> list[bool]:
        faults = Faults([Fault(Kind.DROP, probability=0.25)], seed)
        return [faults.draw(BEFORE, TEXT) is not None for _ in range(1000)]

    assert 200 < sum(drawn(1)) < 300
    assert drawn(1) == drawn(1) != drawn(2)


def test_the_oldest_fault_that_meets_comes_first() -> None:
    first, second = Fault(Kind.REFUSE, status=500), Fault(Kind.DROP)
    assert Faults([first, second], seed=0).draw(BEFORE, TEXT) == first


async def test_a_fault_is_in_force_until_it_is_removed(client: Client) -> None:
    fault_id = client.simulator.add_fault(Fault(Kind.REFUSE, status=500))
    assert [(await client.send()).status for _ in range(3)] == [500] * 3
    assert client.simulator.remove_fault(fault_id)
    assert (await client.send()).status == 200
    assert not client.simulator.remove_fault(fault_id)


async def test_a_faults_seconds_are_scaled(logged_in: Simulate) -> None:
    client = await logged_in(Settings(scale=0.01))
    client.simulator.add_fault(Fault(Kind.LATENCY, seconds=100))
    sending = asyncio.ensure_future(client.send())
    await client.clock.waiters()
    client.clock.advance(1)
    assert (await sending).status == 200


async def test_a_faults_retry_after_is_scaled_wherever_it_comes_from(
    logged_in: Simulate,
) -> None:
    given = {"kind": "refuse", "path": "sms", "status": 503, "retry_after": 500, "times": 1}
    client = await logged_in(Settings(scale=0.01, faults=(Fault.parse(given),)))
    assert (await client.send()).headers["Retry-After"] == "5"
    await client.request("POST", "/control/faults", json=given)
    assert (await client.send()).headers["Retry-After"] == "5"
    client.simulator.add_fault(Fault.parse(given))
    assert (await client.send()).headers["Retry-After"] == "5"


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        {},
        {"kind": "explode"},
        {"kind": "drop", "unknown": 1},
        {"kind": "drop", "to": "("},
        {"kind": "drop", "to": 7},
        {"kind": "drop", "times": 0},
        {"kind": "drop", "probability": 2},
        {"kind": "drop", "probability": "often"},
        {"kind": "drop", "group": "mediun"},
        {"kind": "latency", "seconds": -1},
        {"kind": "latency", "seconds": True},
        {"kind": "throttle", "retry_after": "soon"},
        {"kind": "refuse"},
        {"kind": "refuse", "code": "XYZ-999"},
        {"kind": "delivery"},
        {"kind": "delivery", "state": "Lost"},
        {"kind": "delivery", "state": "Lost", "segments": 2},
        {"kind": "delivery", "segments": 0},
        {"kind": "delivery", "segments": 1.5},
    ],
)
def test_a_fault_that_makes_no_sense(given: object) -> None:
    with pytest.raises(FaultError):
        Fault.parse(given)
