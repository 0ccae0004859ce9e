import asyncio

import pytest
from support.raw_http import answer, raw_server
from support.ringcentral import Connect, Line, ShiftedClock, account, order
from support.shelf import DatedShelf

from dispatcher.core.outcome import Accepted, Fault, Refused, Unreached
from dispatcher.edge.ringcentral.gateway import RingCentralGateway
from dispatcher.edge.ringcentral.login import Login, LoginRefusedError
from dispatcher.edge.ringcentral.sdk import Sdk
from dispatcher.edge.ringcentral.threads import Threads
from dispatcher.ports import LoginUnreachableError
from dispatcher.simulator.faults import Kind
from dispatcher.simulator.settings import Settings


async def test_one_forced_login_for_all_whose_token_was_killed(line: Line) -> None:
    await line.send()
    line.simulator.world.sessions.forget()
    phones = [f"+121255501{n:02}" for n in range(12)]
    outcomes = await asyncio.gather(*map(line.send, phones))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert line.asked("auth") == [200, 200]
    assert sorted(line.taken[1:]) == phones


async def test_a_token_that_was_replaced_is_not_replaced_again(line: Line) -> None:
    """The second 401 of an old token may come long after the first."""
    settings = account(line.simulator.url)
    sdk, threads = Sdk(settings, line.clock, 1), Threads(line.clock, 1, settings.longest)
    login = Login(settings, sdk, threads, line.clock, line.shelf)
    old = await login.token()
    new = await login.instead_of(old)
    assert await login.instead_of(old) is new is not old
    assert await login.token() is new
    assert line.asked("auth") == [200, 200]
    await threads.close()
    sdk.close()


async def test_an_expired_token_is_renewed_and_the_text_sent_once(connect: Connect) -> None:
    line = await connect(Settings(access_ttl=600))
    await line.send()
    line.theirs.advance(601)  # by our own clock it is still good
    assert isinstance(await line.send(), Accepted)
    assert line.asked("medium") == [200, 401, 200]
    assert len(line.taken) == 2


async def test_a_second_401_is_the_logins_fault(line: Line) -> None:
    line.fault(Kind.REFUSE, group="medium", code="OAU-213")
    assert await line.send() == Refused("OAU-213", Fault.LOGIN)
    assert line.asked("auth") == [200, 200]
    assert line.asked("medium") == [401, 401]


async def test_the_token_is_renewed_early_and_nobody_waits_for_it(connect: Connect) -> None:
    line = await connect(Settings(access_ttl=1000))
    await line.send()
    await line.later(790)
    await line.send()
    assert line.asked("auth") == [200]
    await line.later(20)
    line.fault(Kind.LATENCY, group="auth", seconds=1)
    assert isinstance(await line.send(), Accepted)
    await line.theirs.waiters()
    line.theirs.advance(1)
    await line.simulator.ledger.reached(requests=5)
    assert line.asked("medium") == [200, 200, 200]
    assert len(line.asked("auth")) == 2


async def test_a_renewal_that_fails_leaves_the_old_token_in_use(connect: Connect) -> None:
    line = await connect(Settings(access_ttl=1000))
    await line.send()
    line.fault(Kind.REFUSE, group="auth", status=503)
    await line.later(810)
    for _ in range(3):
        assert isinstance(await line.send(), Accepted)
    await line.simulator.ledger.reached(requests=6)
    assert line.asked("medium") == [200] * 4
    assert len(line.asked("auth")) == 2, "it rests after a failure"


async def test_a_wrong_jwt_is_asked_about_once(connect: Connect) -> None:
    line = await connect(jwt="wrong-jwt")
    for _ in range(3):
        assert await line.send() == Refused("OAU-140", Fault.LOGIN)
        assert not await line.gateway.probe()
    with pytest.raises(LoginRefusedError, match=r"\(OAU-140\)\. RingCentral refuses the JWT"):
        await line.gateway.senders()
    assert line.asked("auth") == [400]
    await line.later(60)
    assert not await line.gateway.probe()
    assert line.asked("auth") == [400, 400]


async def test_a_wrong_secret(connect: Connect) -> None:
    line = await connect(client_secret="wrong-secret")  # noqa: S106
    assert await line.send() == Refused("OAU-146", Fault.LOGIN)


async def test_never_more_than_five_logins_a_minute(connect: Connect) -> None:
    line = await connect(Settings(limits={"auth": 50}))
    for _ in range(8):
        await line.send()
        line.simulator.world.sessions.forget()
    assert line.asked("auth") == [200] * 5
    assert await line.send() == Unreached()
    with pytest.raises(LoginUnreachableError, match="five a minute"):
        await line.gateway.senders()
    await line.later(60)
    assert isinstance(await line.send(), Accepted)


async def test_a_throttled_login_waits_as_long_as_it_is_told(line: Line) -> None:
    line.fault(Kind.THROTTLE, group="auth", retry_after=90, times=1)
    assert await line.send() == Unreached()
    await line.later(85)
    assert await line.send() == Unreached()
    assert line.asked("auth") == [429]
    await line.later(10)
    assert isinstance(await line.send(), Accepted)


@pytest.mark.parametrize("kind", [Kind.DROP, Kind.CUT, Kind.GARBLE, Kind.TIMEOUT])
async def test_a_login_without_an_answer_is_tried_again_later(line: Line, kind: Kind) -> None:
    line.fault(kind, group="auth", times=1)
    assert await line.send() == Unreached()
    assert await line.send() == Unreached()
    assert len(line.asked("auth")) == 1
    await line.later(11)
    assert isinstance(await line.send(), Accepted)


async def test_all_who_wait_share_one_failure(line: Line) -> None:
    line.fault(Kind.REFUSE, group="auth", status=500)
    outcomes = await asyncio.gather(*(line.send() for _ in range(20)))
    assert outcomes == [Unreached()] * 20
    assert line.asked("auth") == [500]


async def test_who_gives_up_waiting_does_not_end_the_login(line: Line) -> None:
    line.fault(Kind.LATENCY, group="auth", seconds=1)
    impatient, patient = (asyncio.create_task(line.send()) for _ in range(2))
    await line.theirs.waiters()
    impatient.cancel()
    line.theirs.advance(1)
    assert isinstance(await patient, Accepted)
    assert impatient.cancelled()
    assert (line.asked("auth"), len(line.taken)) == ([200], 1)


@pytest.mark.usefixtures("watched")
async def test_refresh_tokens_are_left_alone(shelf: DatedShelf) -> None:
    body = b'{"access_token": "abc", "expires_in": 600, "refresh_token": "r", "refresh_token_expires_in": 9000}'
    token = answer(200, body, Content_Type="application/json")
    async with raw_server([token, answer(200), token, answer(200)]) as server:
        clock = ShiftedClock()
        gateway = RingCentralGateway(account(server.url), clock, shelf)
        assert await gateway.probe()
        clock.ahead += 601
        await shelf.age(601)
        assert await gateway.probe()
        await gateway.close()
    assert [b"jwt-bearer&assertion=" in request for request in server.requests] == [
        True,
        False,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "token",
    [
        b"{}",
        b"[]",
        b'"token"',
        b'{"access_token": 7}',
        b'{"access_token": "two\\r\\nlines"}',
        b'{"access_token": ""}',
        b'{"access_token": "abc", "expires_in": null}',
        b"\xff",
    ],
)
@pytest.mark.usefixtures("watched")
async def test_a_token_that_is_none(shelf: DatedShelf, token: bytes) -> None:
    async with raw_server([answer(200, token, Content_Type="application/json")]) as server:
        clock = ShiftedClock()
        gateway = RingCentralGateway(account(server.url), clock, shelf)
        assert (await gateway.send(order(clock))).outcome == Unreached()
        await gateway.close()
        assert len(server.requests) == 1


@pytest.mark.usefixtures("watched")
async def test_a_login_page_of_somebody_else(shelf: DatedShelf) -> None:
    page = answer(403, b"<html>", Content_Type="text/html")
    async with raw_server([page]) as server:
        gateway = RingCentralGateway(account(server.url), ShiftedClock(), shelf)
        with pytest.raises(LoginRefusedError, match="check the server's URL and any proxy"):
            await gateway.senders()
        await gateway.close()


@pytest.mark.parametrize("life", [b"0", b"-5", b"true"])
@pytest.mark.usefixtures("watched")
async def test_a_token_with_no_word_on_its_life_is_used_for_a_short_one(
    shelf: DatedShelf, life: bytes
) -> None:
    body = b'{"access_token": "abc", "expires_in": %s}' % life
    token = answer(200, body, Content_Type="application/json")
    async with raw_server([token, *[answer(200)] * 2, token, answer(200)]) as server:
        clock = ShiftedClock()
        gateway = RingCentralGateway(account(server.url), clock, shelf)
        for ahead in (0, 400, 201):
            clock.ahead += ahead
            await shelf.age(ahead)
            assert await gateway.probe()
        await gateway.close()
    assert [b"oauth" in request for request in server.requests] == [
        True,
        False,
        False,
        True,
        False,
    ]
