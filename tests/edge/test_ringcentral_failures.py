"""The SDK over connections that fail in each way that they can."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from requests.exceptions import ConnectTimeout
from support.raw_http import CUT, RawServer, Torn, answer, raw_server
from support.ringcentral import TEXT, ShiftedClock, account

from dispatcher.core.outcome import Ambiguous, NotBegun, Unreached
from dispatcher.edge.ringcentral.failures import SdkFailedError, behind, failure
from dispatcher.edge.ringcentral.journey import Journey, TooLateError
from dispatcher.edge.ringcentral.sdk import Reply, Request, Sdk, Token
from dispatcher.edge.ringcentral.threads import Threads
from dispatcher.ports import NO_FAILPOINTS

pytestmark = pytest.mark.usefixtures("watched")

SEND = Request("POST", "/restapi/v1.0/account/~/extension/~/sms", body={"text": TEXT})
TOKEN = Token("bearer-of-nothing", 0, 0, 1)
Ask = Callable[..., object]


class Caller:
    """An SDK with its threads, as the gateway has them."""

    def __init__(self, url: str, **changed: object) -> None:
        settings = account(url, **changed)
        self.clock = ShiftedClock()
        self.sdk = Sdk(settings, self.clock, 2)
        self.threads = Threads(self.clock, 2, settings.longest)

    async def ask(self, request: Request = SEND, within: float = 5.0) -> object:
        def work(journey: Journey) -> object:
            return self.sdk.call(journey, request, TOKEN)

        result = await self.threads.run("sms", work, self.clock.monotonic() + within)
        return result.status if isinstance(result, Reply) else result


@asynccontextmanager
async def calling(url: str, **changed: object) -> AsyncIterator[Caller]:
    caller = Caller(url, **changed)
    try:
        yield caller
    finally:
        await caller.threads.close()
        caller.sdk.close()


@asynccontextmanager
async def called(*answers: bytes, **changed: object) -> AsyncIterator[tuple[Caller, RawServer]]:
    async with raw_server(answers) as server, calling(server.url, **changed) as caller:
        yield caller, server


def closed_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


async def test_nobody_listens() -> None:
    async with calling(f"http://127.0.0.1:{closed_port()}") as caller:
        assert await caller.ask() == Unreached()


async def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    async with calling("https://ringcentral.invalid") as caller:
        assert await caller.ask() == Unreached()


async def test_no_tls_on_the_other_side() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, calling(f"https://127.0.0.1:{port}") as caller:
        assert await caller.ask() == Unreached()


async def test_cut_in_the_handshake() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, calling(f"https://127.0.0.1:{port}") as caller:
        assert await caller.ask() == Unreached()


async def test_a_handshake_that_takes_too_long() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with calling(f"https://127.0.0.1:{port}", connect=0.2) as caller:
            assert await caller.ask() == Unreached()


async def test_the_connection_is_kept() -> None:
    async with called(answer(200), answer(200)) as (caller, server):
        assert [await caller.ask(), await caller.ask()] == [200, 200]
        assert server.connections == 1


async def test_cut_on_a_kept_connection_after_the_request_was_read() -> None:
    async with called(answer(200), CUT) as (caller, server):
        assert [await caller.ask(), await caller.ask()] == [200, Ambiguous()]
        assert len(server.requests) == 2, "it was read, and not sent again"


async def test_a_kept_connection_that_the_server_closed_is_replaced() -> None:
    async with called(answer(200), answer(200)) as (caller, server):
        await caller.ask()
        await server.hang_up()
        assert await caller.ask() == 200
        assert (server.connections, len(server.requests)) == (2, 2)


async def test_a_connection_that_rested_too_long_is_not_trusted() -> None:
    async with called(answer(200), answer(200)) as (caller, server):
        await caller.ask()
        caller.clock.ahead += 16
        assert await caller.ask() == 200
        assert server.connections == 2


async def test_no_answer_within_the_read_time_out() -> None:
    async with called(read=0.2) as (caller, server):
        assert await caller.ask() == Ambiguous()
        assert len(server.requests) == 1


async def test_no_request_lasts_longer_than_the_longest() -> None:
    """A byte now and then would keep every time-out of the socket from ending it."""
    async with called(read=60, longest=0.1) as (caller, server):
        assert await caller.ask(within=1.0) == Ambiguous()
        assert len(server.requests) == 1


async def test_an_answer_that_breaks_off_keeps_its_status() -> None:
    whole = answer(429, b'{"errorCode"')
    async with called(Torn(whole.replace(b"Length: 12", b"Length: 999"))) as (caller, _):
        assert await caller.ask() == 429


async def test_an_answer_is_read_up_to_a_bound() -> None:
    async with called(answer(200, b" " * 3_000_000), answer(200)) as (caller, _):
        assert await caller.ask() == 200
        assert await caller.ask() == 200


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(status: int) -> None:
    async with raw_server() as other, called(answer(status, Location=other.url)) as (caller, _):
        assert await caller.ask() == status
        assert other.connections == 0


async def test_nonsense_instead_of_http() -> None:
    async with called(b"SSH-2.0-OpenSSH\r\n\r\n") as (caller, _):
        assert await caller.ask() == Ambiguous()


async def test_cookies_are_not_kept() -> None:
    async with called(answer(200, Set_Cookie="a=b; Path=/"), answer(200)) as (caller, server):
        await caller.ask()
        await caller.ask()
        assert b"ookie" not in server.requests[1]


async def test_a_query_is_encoded() -> None:
    query = {"phoneNumber": "+12125550123", "dateFrom": "2026-01-05T15:00:00Z", "odd": "a&b#c"}
    async with called(answer(200)) as (caller, server):
        await caller.ask(Request("GET", "/restapi/v1.0/x", query=query))
        line = server.requests[0].split(b"\r\n")[0].decode()
    assert "phoneNumber=%2B12125550123&dateFrom=2026-01-05T15%3A00%3A00Z&odd=a%26b%23c " in line


async def test_the_environment_is_asked_only_if_told_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with called(answer(200)) as (caller, server):
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
        monkeypatch.setenv("no_proxy", "")
        assert await caller.ask() == 200
        async with calling(server.url, environment=True) as proxied:
            assert await proxied.ask() == Unreached()


async def test_cut_by_a_proxy_after_the_request_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with raw_server([CUT]) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        async with calling("http://ringcentral.invalid", environment=True) as caller:
            assert await caller.ask() == Ambiguous()
        assert len(proxy.requests) == 1


async def test_what_was_called_off_never_begins() -> None:
    journey = Journey("sms", ShiftedClock(), float("inf"), NO_FAILPOINTS)
    assert journey.call_off()
    with pytest.raises(TooLateError):
        journey.begin(None)
    assert journey.failed() == NotBegun()


async def test_what_has_begun_cannot_be_called_off() -> None:
    journey = Journey("sms", ShiftedClock(), float("inf"), NO_FAILPOINTS)
    journey.begin(None)
    assert not journey.call_off()
    assert journey.failed() == Ambiguous()


def test_others_have_their_turn_before_the_last_look_at_the_time() -> None:
    """A thread that was interrupted after it could be frozen there, and write when it wakes."""
    done: list[str] = []

    class Told(ShiftedClock):
        def give_way(self) -> None:
            done.append("gave way")

        def monotonic(self) -> float:
            done.append("looked")
            return super().monotonic()

    Journey("sms", Told(), float("inf"), NO_FAILPOINTS).begin(None)
    assert done == ["gave way", "looked"]


def test_unreached_has_to_be_proved() -> None:
    """Where no connection of ours was opened, even a time-out to connect proves nothing."""
    journey = Journey("sms", ShiftedClock(), float("inf"), NO_FAILPOINTS)
    assert failure(ConnectTimeout(), journey) == Ambiguous()
    journey.connecting()
    assert failure(ConnectTimeout(), journey) == Unreached()


async def test_a_bug_is_let_through_without_its_words() -> None:
    unserialisable = Request("POST", "/restapi/v1.0/x", body={"text": TEXT, "at": object()})
    async with calling("http://127.0.0.1:1") as caller:
        with pytest.raises(SdkFailedError, match="raised TypeError in default") as caught:
            await caller.ask(unserialisable)
    assert behind(caught.value) == [caught.value]
