"""The address that RingCentral calls, as RingCentral and everybody else meets it: over real HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.settings import TOKEN
from support.watch import Watched, watched

from dispatcher.core.notice import Heard, Notice, What
from dispatcher.edge import webhooks
from dispatcher.edge.http import NoPortError
from dispatcher.edge.webhooks import Door, WebhookServer

SUBSCRIPTION, OWNER = "dd2f0ff2-580e-4581-a277-76f9c9a54bc9", "256440016"
PATH = "/hooks/ringcentral"
INSTANT = f"/restapi/v1.0/account/1/extension/{OWNER}/message-store/instant?type=SMS"
STORE = f"/restapi/v1.0/account/1/extension/{OWNER}/message-store?type=SMS"
RIGHT = {"Verification-Token": TOKEN, "Content-Type": "application/json; charset=UTF-8"}
TEXT = "Could you keep the corner table for us"


def told(event: str = STORE, body: Any = None, **changed: Any) -> bytes:
    whole = {
        "uuid": "6242343638330007102",
        "event": event,
        "timestamp": "2026-01-05T18:12:45.034Z",
        "subscriptionId": SUBSCRIPTION,
        "ownerId": OWNER,
        "body": body or {"changes": [{"type": "SMS", "updatedCount": 1}]},
    }
    return json.dumps(whole | changed).encode()


def inbound(provider_id: int = 1, **changed: Any) -> bytes:
    body = {
        "id": str(provider_id),
        "direction": "Inbound",
        "subject": TEXT,
        "messageStatus": "Received",
    }
    return told(INSTANT, body | changed)


@dataclass
class Ear:
    """What hears, and what it makes of what it hears; while *frozen* it does not answer."""

    answer: Heard = Heard.STORED
    notices: list[Notice] = field(default_factory=list)
    frozen: asyncio.Event | None = None
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, notice: Notice) -> Heard:
        self.notices.append(notice)
        self.came.set()
        if self.frozen:
            await self.frozen.wait()
        return self.answer


@pytest.fixture
def ear() -> Ear:
    """An ear that stores everything."""
    return Ear()


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Watched]:
    """What is counted, and what is logged meanwhile by whomever: nothing private."""
    with watched(tmp_path / "log") as seen, seen.telemetry.libraries_routed():
        yield seen
        assert [private for private in (TOKEN, TEXT, PATH) if private in seen.text()] == []


@pytest.fixture
async def server(seen: Watched, ear: Ear) -> AsyncIterator[WebhookServer]:
    """A server that has not begun."""
    made = WebhookServer(seen.telemetry, ear.hear, Door(PATH, TOKEN, "127.0.0.1", 0))
    yield made
    await made.stop()


@pytest.fixture
async def port(server: WebhookServer) -> int:
    """Where it listens."""
    return await server.start()


_SPELLED = {"word": "Validation-Token", "shown": "Verification-Token"}


@dataclass
class Caller:
    """Who calls."""

    http: aiohttp.ClientSession
    url: str
    seen: Watched

    async def post(
        self, data: Any = b"", path: str = PATH, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        named = {_SPELLED.get(name, name): value for name, value in headers.items()}
        async with self.http.post(self.url + path, data=data, headers=named) as answer:
            return answer.status, dict(answer.headers), await answer.text()

    async def status(self, data: Any = b"", headers: dict[str, str] = RIGHT) -> int:
        return (await self.post(data, **headers))[0]

    def counted(self) -> dict[str, int]:
        return {
            name.partition('"')[2].rstrip('"}'): int(float(value))
            for name, value in self.seen.samples().items()
            if name.startswith("webhook_requests_total") and float(value)
        }


@pytest.fixture
async def caller(port: int, seen: Watched) -> AsyncIterator[Caller]:
    """A caller who adds no header of its own."""
    skip = ("Content-Type", "User-Agent")
    async with aiohttp.ClientSession(skip_auto_headers=skip) as http:
        yield Caller(http, f"http://127.0.0.1:{port}", seen)


async def test_a_handshake_is_echoed(caller: Caller, ear: Ear) -> None:
    status, headers, body = await caller.post(word="a random word")
    assert (status, body) == (200, "")
    assert headers["Validation-Token"] == "a random word"
    assert headers["Content-Type"] == "application/json"
    assert sum(len(f"{k}: {v}\r\n") for k, v in headers.items()) < 1024
    assert ear.notices == []
    assert caller.counted() == {"handshake": 1}


async def test_a_handshake_may_show_our_token(caller: Caller) -> None:
    status, headers, _ = await caller.post(word="word", shown=TOKEN)
    assert (status, headers["Validation-Token"]) == (200, "word")


@pytest.mark.parametrize("word", ["", "x" * 257, "wörd", "a\tb", "x" * 5000])
async def test_what_is_echoed_is_short_and_printable(caller: Caller, word: str) -> None:
    status, headers, _ = await caller.post(word=word)
    assert status == 400
    assert "Validation-Token" not in headers
    assert caller.counted() == {"nonsense": 1}


async def test_nobody_can_put_a_header_of_theirs_into_our_answer(
    caller: Caller, port: int
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nValidation-Token: a\rSet-Cookie: b\r\n\r\n".encode()
    )
    answer = await reader.read()
    assert answer.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert b"et-Cookie: b\r\n" not in answer
    writer.close()
    assert caller.counted() == {}


@pytest.mark.parametrize(
    "name", ["Verification-Token", "Validation-Token", "verification-token"]
)
async def test_either_name_may_carry_the_token(caller: Caller, ear: Ear, name: str) -> None:
    assert await caller.status(told(), {name: TOKEN, "Content-Type": "application/json"}) == 200
    assert [n.what for n in ear.notices] == [What.CHANGED]


async def test_a_word_to_echo_beside_a_body(caller: Caller, ear: Ear) -> None:
    """What is said counts all the same."""
    status, headers, _ = await caller.post(inbound(), **RIGHT, word="word")
    assert (status, headers["Validation-Token"]) == (200, "word")
    assert [n.what for n in ear.notices] == [What.INBOUND]


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"Verification-Token": TOKEN[:-1]},
        {"Verification-Token": TOKEN.lower()},
        {"Verification-Token": ""},
        {"Verification-Token": "ä" * 40},
        {"Validation-Token": "word"},
        {"Authorization": TOKEN},
    ],
)
@pytest.mark.parametrize("body", [told(), b"not JSON"])
async def test_a_wrong_token(
    caller: Caller, ear: Ear, shown: dict[str, str], body: bytes
) -> None:
    assert await caller.status(body, {"Content-Type": "application/json", **shown}) == 401
    assert ear.notices == []
    assert caller.counted() == {"wrong_token": 1}


async def test_a_handshake_for_somebody_elses_token(caller: Caller) -> None:
    status, headers, _ = await caller.post(word="word", shown="theirs")
    assert status == 401
    assert "Validation-Token" not in headers


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"1",
        b"{",
        b"null",
        b"{}",
        b'{"event": 5}',
        b'{"event": ""}',
        b"\xff",
        b"[" * 60_000,
        b"NaN1",
    ],
)
async def test_nonsense(caller: Caller, ear: Ear, body: bytes) -> None:
    assert await caller.status(body) == 400
    assert ear.notices == []
    assert caller.counted() == {"nonsense": 1}


async def test_nothing_at_all_is_nonsense(caller: Caller) -> None:
    assert await caller.status(b"") == 400
    assert await caller.status(b"", {}) == 400
    assert caller.counted() == {"nonsense": 2}


@pytest.mark.parametrize(
    "type_", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", None]
)
async def test_another_type(caller: Caller, ear: Ear, type_: str | None) -> None:
    headers = {"Verification-Token": TOKEN} | ({"Content-Type": type_} if type_ else {})
    assert await caller.status(told(), headers) == 415
    assert ear.notices == []
    assert caller.counted() == {"wrong_type": 1}


async def test_a_body_that_would_have_to_be_unpacked(caller: Caller) -> None:
    assert await caller.status(told(), RIGHT | {"Content-Encoding": "gzip"}) == 415


async def test_a_body_that_is_as_large_as_may_be(caller: Caller) -> None:
    body = told()
    assert await caller.status(body + b" " * (webhooks.MOST_BYTES - len(body))) == 200


async def test_too_large_a_body_is_not_read(caller: Caller, port: int) -> None:
    """It is refused before its first byte has come."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    size = webhooks.MOST_BYTES + 1
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Verification-Token: {TOKEN}\r\n\r\n".encode())
    assert b" 413 " in await reader.readline()
    writer.close()
    assert caller.counted() == {"too_large": 1}


async def test_a_body_that_grows_too_large(caller: Caller, ear: Ear) -> None:
    """Its length is not known beforehand; once enough is read it goes no further."""
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 1000:
            sent += 1
            yield b"x" * 65_536

    try:
        status = await caller.status(parts())
    except aiohttp.ClientConnectionError:
        status = 413  # the line was cut while we still wrote
    assert status == 413
    assert sent < 1000
    assert ear.notices == []
    assert caller.counted() == {"too_large": 1}


async def test_no_other_path_or_method(caller: Caller, ear: Ear) -> None:
    for path in ("/", "/metrics", f"{PATH}/", f"{PATH}/more", "/hooks"):
        assert (await caller.post(told(), path, **RIGHT))[0] == 404
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        async with caller.http.request(method, caller.url + PATH, headers=RIGHT) as answer:
            assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert ear.notices == []
    assert caller.counted() == {}


@pytest.mark.parametrize(
    ("heard", "status", "result"),
    [(Heard.STRANGE, 403, "wrong_subscription"), (Heard.UNAVAILABLE, 503, "unavailable")],
)
async def test_what_is_not_stored_is_not_answered_with_200(
    caller: Caller, ear: Ear, heard: Heard, status: int, result: str
) -> None:
    ear.answer = heard
    assert await caller.status(inbound()) == status
    assert caller.counted() == {result: 1}
    assert caller.seen.samples()["webhook_last_received_timestamp_seconds"] == "0.0"


async def test_nothing_is_answered_before_it_is_stored(caller: Caller, ear: Ear) -> None:
    ear.frozen = asyncio.Event()
    asked = asyncio.create_task(caller.status(inbound()))
    await ear.came.wait()
    done, _ = await asyncio.wait({asked}, timeout=0.1)
    assert not done
    ear.frozen.set()
    assert await asked == 200


async def test_what_came_is_counted(caller: Caller) -> None:
    for body in (inbound(), told(), told("/restapi/v2/accounts/~/sms/consents"), told("/else")):
        assert await caller.status(body) == 200
    assert caller.counted() == {"inbound": 1, "changed": 1, "other": 2}
    assert float(caller.seen.samples()["webhook_last_received_timestamp_seconds"]) > 0


@pytest.mark.parametrize(
    "said",
    [
        b"",
        f"POST {PATH} HTTP/1.1\r\nHost".encode(),
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nVerification-Token: {TOKEN}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{{".encode(),
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nValidation-Token: word\r\n\r\n".encode(),
    ],
    ids=["nothing", "half a head", "half a body", "between two"],
)
async def test_who_dawdles_is_let_go(
    server: WebhookServer, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(webhooks, "_IDLE_SECONDS", 0.2)
    monkeypatch.setattr(webhooks, "_BODY_SECONDS", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", await server.start())
    writer.write(said)
    async with asyncio.timeout(10):
        await reader.read()  # to its end
    writer.close()


async def test_only_so_many_connections_at_once(
    port: int, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST_CONNECTIONS", 3)
    held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    with pytest.raises(aiohttp.ClientConnectionError):
        await caller.status(told())
    held.pop()[1].close()
    async with asyncio.timeout(10):
        while await _refused(caller):
            pass
    for _, writer in held:
        writer.close()


async def _refused(caller: Caller) -> bool:
    try:
        return await caller.status(told()) != 200
    except aiohttp.ClientConnectionError:
        return True


async def test_at_the_end_who_has_called_is_answered(
    server: WebhookServer, caller: Caller, ear: Ear
) -> None:
    ear.frozen = asyncio.Event()
    asked = asyncio.create_task(caller.status(inbound()))
    await ear.came.wait()
    ending = asyncio.create_task(server.stop())
    ear.frozen.set()
    assert await asked == 200
    await ending
    with pytest.raises(aiohttp.ClientConnectionError):
        await caller.status(inbound())


async def test_a_port_that_is_taken(
    server: WebhookServer, port: int, seen: Watched, ear: Ear
) -> None:
    second = WebhookServer(seen.telemetry, ear.hear, Door(PATH, TOKEN, "127.0.0.1", port))
    with pytest.raises(NoPortError, match="webhooks cannot be served"):
        await second.start()
    assert server
