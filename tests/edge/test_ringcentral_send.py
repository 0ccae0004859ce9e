import asyncio
from http.client import HTTPConnection

import pytest
from support.ringcentral import OURS, SENT_WITH, TEXT, THEIRS, Connect, Line

from dispatcher.core.outcome import (
    Accepted,
    Ambiguous,
    Fault,
    NotBegun,
    Outcome,
    RateSeen,
    Refused,
    RefusedForNow,
    Throttled,
    Unreached,
)
from dispatcher.ports import LoginUnreachableError, Sender
from dispatcher.simulator.faults import Kind
from dispatcher.simulator.settings import Number, Settings


async def test_an_accepted_text(line: Line) -> None:
    answer = await line.gateway.send(line.order())
    (text,) = line.simulator.ledger.texts
    assert (text.sender, text.to, text.text) == (OURS, THEIRS, TEXT)
    assert answer.outcome == Accepted(str(text.id))
    assert answer.rate == RateSeen("medium", 40, 39, 60)
    assert 0 < answer.seconds < 5


async def test_a_request_is_written_at_once(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that freezes between two writes would finish its request when it wakes."""
    await line.gateway.probe()  # the login is another request
    written: list[bytes] = []
    send = HTTPConnection.send

    def spy(self: HTTPConnection, data: bytes) -> None:
        written.append(data)
        send(self, data)

    monkeypatch.setattr(HTTPConnection, "send", spy)
    await line.send()
    (whole,) = written
    assert whole.startswith(b"POST ")
    assert TEXT.encode() in whole


async def test_every_request_carries_the_sdks_own_name(line: Line) -> None:
    await line.send()
    await line.gateway.senders()
    await line.gateway.probe()
    agents = [request.agent for request in line.simulator.ledger.requests]
    assert len(agents) == 4
    assert all(a.startswith(SENT_WITH) and a.endswith("RCPYTHONSDK/VERSION") for a in agents)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ({"kind": Kind.THROTTLE, "retry_after": 17}, Throttled("medium", 17)),
        ({"kind": Kind.THROTTLE}, Throttled("medium", 60)),
        ({"kind": Kind.THROTTLE, "code": "CMN-310"}, Throttled(None, 60)),
        ({"kind": Kind.THROTTLE, "code": "MSG-305", "retry_after": 5}, Throttled(None, 5)),
        ({"kind": Kind.REFUSE, "code": "MSG-290"}, RefusedForNow("MSG-290", None)),
        (
            {"kind": Kind.REFUSE, "code": "MSG-290", "retry_after": 9},
            RefusedForNow("MSG-290", 9),
        ),
        ({"kind": Kind.REFUSE, "code": "CMN-201"}, Ambiguous()),
        ({"kind": Kind.REFUSE, "status": 500}, Ambiguous()),
        ({"kind": Kind.REFUSE, "status": 502}, Ambiguous()),
        ({"kind": Kind.REFUSE, "status": 503, "retry_after": 3}, Ambiguous()),
        ({"kind": Kind.REFUSE, "status": 403}, Refused("HTTP-403", Fault.LOGIN)),
        ({"kind": Kind.REFUSE, "code": "MSG-243"}, Refused("MSG-243", Fault.RECIPIENT)),
        ({"kind": Kind.REFUSE, "code": "MSG-384"}, Refused("MSG-384", Fault.SENDER)),
        ({"kind": Kind.DROP}, Ambiguous()),
    ],
)
async def test_what_is_not_accepted(
    line: Line, fault: dict[str, object], outcome: Outcome
) -> None:
    line.fault(**fault, group="medium", times=1)  # type: ignore[arg-type]
    assert await line.send() == outcome
    assert line.taken == []
    assert len(line.asked("medium")) == 1, "nothing is repeated here"
    assert isinstance(await line.send(), Accepted)


@pytest.mark.parametrize("kind", [Kind.CUT, Kind.TIMEOUT, Kind.GARBLE])
async def test_accepted_and_the_answer_lost(line: Line, kind: Kind) -> None:
    line.fault(kind, group="medium", times=1)
    assert await line.send() == Ambiguous()
    assert line.taken == [THEIRS]


async def test_accepted_and_answered_too_late(connect: Connect) -> None:
    line = await connect(read=0.2)
    line.fault(Kind.SLOW, group="medium", seconds=60)
    assert await line.send() == Ambiguous()
    assert line.taken == [THEIRS]


async def test_the_sender_that_is_not_ours_is_the_senders_fault(connect: Connect) -> None:
    line = await connect(Settings(numbers=(Number("+16505550101"),)))
    assert await line.send() == Refused("MSG-245", Fault.SENDER)


async def test_a_full_window(connect: Connect) -> None:
    line = await connect(Settings(limits={"medium": 1}))
    assert isinstance(await line.send(), Accepted)
    assert await line.send() == Throttled("medium", 60)


async def test_nothing_begins_after_its_time(line: Line) -> None:
    assert await line.gateway.probe()
    late = line.order(within=0)
    assert (await line.gateway.send(late)).outcome == NotBegun()
    line.clock.ahead += 5
    await line.gateway.probe()
    assert (await line.gateway.send(line.order(within=-1))).outcome == NotBegun()
    assert line.asked("medium") == []


async def test_what_rested_on_a_login_does_not_begin_late(line: Line) -> None:
    """The time is looked at after the login and after the connection, not before."""
    line.fault(Kind.LATENCY, group="auth", seconds=30)
    order = line.order()
    sending = asyncio.create_task(line.gateway.send(order))
    await line.theirs.waiters()
    line.clock.ahead += 6
    line.theirs.advance(30)
    assert (await sending).outcome == NotBegun()
    assert line.asked("medium") == []


async def test_ringcentral_gone_after_the_login(line: Line) -> None:
    assert isinstance(await line.send(), Accepted)
    await line.simulator.stop()
    assert await line.send() == Unreached()
    assert not await line.gateway.probe()


async def test_twenty_at_once_with_one_login(line: Line) -> None:
    phones = [f"+121255501{n:02}" for n in range(20)]
    outcomes = await asyncio.gather(*map(line.send, phones))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert sorted(line.taken) == phones
    assert line.asked("auth") == [200]


async def test_a_cancelled_send_goes_on_and_closing_waits_for_it(line: Line) -> None:
    await line.gateway.probe()
    line.fault(Kind.LATENCY, group="medium", seconds=3)
    sending = asyncio.create_task(line.gateway.send(line.order()))
    await line.theirs.waiters()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    closing = asyncio.create_task(line.gateway.close())
    assert not (await asyncio.wait({closing}, timeout=0.05))[0]
    assert line.taken == []
    line.theirs.advance(3)
    await closing
    assert line.taken == [THEIRS]


async def test_our_numbers_and_which_of_them_may_send(connect: Connect) -> None:
    able = [Number(f"+165055501{n:02}") for n in range(10, 99)] * 2
    others = (
        Number("+16505550101", features=("CallerId",)),
        Number("+16505550102", status="Disabled"),
        Number("101"),
    )
    line = await connect(Settings(numbers=(*others, *able)))
    senders = await line.gateway.senders()
    assert len(line.asked("light")) == 2
    assert [sender for sender in senders if not sender.enabled] == [
        Sender("+16505550101", enabled=False),
        Sender("+16505550102", enabled=False),
    ]
    assert {sender.number for sender in senders if sender.enabled} == {n.phone for n in able}


async def test_numbers_that_do_not_come_are_no_refusal(line: Line) -> None:
    """Nobody has anything to mend: it is asked again."""
    line.fault(Kind.DROP, group="light", times=1)
    with pytest.raises(LoginUnreachableError):
        await line.gateway.senders()
    assert await line.gateway.senders()


async def test_a_probe_is_one_light_request(line: Line) -> None:
    assert await line.gateway.probe()
    assert (line.asked("auth"), line.asked("light")) == ([200], [200])
    line.fault(Kind.REFUSE, group="light", status=503, times=1)
    assert not await line.gateway.probe()
    assert await line.gateway.probe()
