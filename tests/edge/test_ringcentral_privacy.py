import asyncio
import logging
import traceback
from collections.abc import Iterator

import pytest
from support.ringcentral import ACCOUNT, PRIVATE, Connect, Line
from support.ringcentral import order as an_order

from dispatcher.core.errors import DispatcherError
from dispatcher.edge.clock import SystemClock
from dispatcher.edge.ringcentral.failures import behind
from dispatcher.edge.ringcentral.gateway import RingCentralGateway
from dispatcher.edge.ringcentral.sdk import Reply, Token
from dispatcher.ports import Sender
from dispatcher.simulator.faults import Kind


@pytest.fixture
def talkative() -> Iterator[None]:
    """The loop prints every call with its arguments."""
    loop = asyncio.get_event_loop_policy().get_event_loop()
    slow = loop.slow_callback_duration
    loop.set_debug(True)
    loop.slow_callback_duration = 0
    yield
    loop.set_debug(False)
    loop.slow_callback_duration = slow


@pytest.mark.usefixtures("talkative")
@pytest.mark.parametrize(
    "kind", [Kind.DROP, Kind.CUT, Kind.TIMEOUT, Kind.GARBLE, Kind.THROTTLE]
)
async def test_nothing_private_is_logged(
    line: Line, kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    """The fixture `watched`, under `line`, looks for it."""
    await line.gateway.senders()
    line.fault(kind, group="medium", times=1)
    answer = await line.gateway.send(line.order())
    for thing in (line.gateway, line.order(), answer, Sender("+16505550100", enabled=True)):
        logging.getLogger("test").info("%r %s", thing, thing)
    assert "dispatcher.simulator" in caplog.text
    assert "asyncio" in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"jwt": "another-jwt"},
        {"client_secret": "another-secret"},
        {"server_url": "http://127.0.0.1:1"},
    ],
)
async def test_nothing_private_is_in_an_error(connect: Connect, wrong: dict[str, str]) -> None:
    line = await connect(**{key: value for key, value in wrong.items() if key != "server_url"})
    gateway = line.gateway
    if "server_url" in wrong:
        gateway = RingCentralGateway(ACCOUNT, line.clock, line.shelf)
    with pytest.raises(DispatcherError) as caught:
        await gateway.senders()
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert [private for private in (*PRIVATE, *wrong.values()) if private in shown] == []
    assert behind(caught.value) == [caught.value], "nothing is chained to it"
    await gateway.close()


def test_nothing_private_is_in_a_repr() -> None:
    things = (
        ACCOUNT,
        an_order(SystemClock()),
        Token("simulated-jwt", 1, 2, 3),
        Reply(200, {"a": PRIVATE[0]}, PRIVATE[4].encode()),
    )
    assert [private for private in PRIVATE if private in repr(things)] == []
