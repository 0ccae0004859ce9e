"""The server as Prometheus and a load balancer meet it: over real HTTP."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from support.events import SAMPLES
from support.watch import Watched, watched

from dispatcher.core.errors import DispatcherError
from dispatcher.edge.http import HttpServer, NoPortError, Readiness, claims_fresh


class World:
    """What the checks see."""

    def __init__(self) -> None:
        self.database = Readiness(ok=True, note="it answers")
        self.claim_age: float | None = 0.2

    def ask_database(self) -> Readiness:
        return self.database


@pytest.fixture
def world() -> World:
    """A world in order."""
    return World()


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Watched]:
    """What the server counts, and what is logged meanwhile by whomever."""
    with watched(tmp_path / "log") as seen, seen.telemetry.libraries_routed():
        yield seen


@pytest.fixture
async def url(seen: Watched, world: World) -> AsyncIterator[str]:
    """Where a server listens."""
    checks = {
        "database": world.ask_database,
        "claims": claims_fresh(lambda: world.claim_age, at_most=5),
    }
    server = HttpServer(seen.telemetry, checks, port=0)
    yield f"http://127.0.0.1:{await server.start()}"
    await server.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client."""
    async with aiohttp.ClientSession() as session:
        yield session


async def test_metrics_are_those_of_the_registry(
    url: str, http: aiohttp.ClientSession, seen: Watched
) -> None:
    seen.telemetry.attempt_settled(**SAMPLES["attempt_settled"])
    async with http.get(f"{url}/metrics") as answer:
        text = await answer.text()
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert text == seen.telemetry.exposition().decode()
    assert 'sms_dispatcher_send_attempts_total{outcome="accepted"} 1.0' in text


async def test_alive_whatever_else_is_wrong(
    url: str, http: aiohttp.ClientSession, world: World
) -> None:
    world.database = Readiness(ok=False, note="it does not answer")
    async with http.get(f"{url}/healthz") as answer:
        assert (answer.status, await answer.json()) == (200, {"alive": True})


async def test_ready(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/readyz") as answer:
        said = await answer.json()
    assert answer.status == 200
    assert said == {
        "ready": True,
        "checks": {
            "database": {"ok": True, "note": "it answers"},
            "claims": {"ok": True, "note": "0.2 s ago, at most 5 s"},
        },
    }


async def test_not_ready_without_the_database_and_again_with_it(
    url: str, http: aiohttp.ClientSession, world: World
) -> None:
    world.database = Readiness(ok=False, note="it does not answer")
    async with http.get(f"{url}/readyz") as answer:
        said = await answer.json()
    assert (answer.status, said["ready"]) == (503, False)
    assert said["checks"]["database"] == {"ok": False, "note": "it does not answer"}
    assert said["checks"]["claims"]["ok"]
    world.database = Readiness(ok=True, note="it answers")
    async with http.get(f"{url}/readyz") as answer:
        assert answer.status == 200


@pytest.mark.parametrize(("age", "status"), [(None, 503), (5.0, 200), (5.1, 503)])
async def test_ready_as_long_as_claims_are_fresh(
    age: float | None, status: int, url: str, http: aiohttp.ClientSession, world: World
) -> None:
    world.claim_age = age
    async with http.get(f"{url}/readyz") as answer:
        assert answer.status == status


async def test_a_note_shows_no_number_and_a_broken_check_is_not_ready(
    seen: Watched, http: aiohttp.ClientSession
) -> None:
    def broken() -> Readiness:
        raise ValueError("for +12125550123")

    def talkative() -> Readiness:
        return Readiness(ok=True, note="at +12125550123")

    server = HttpServer(seen.telemetry, {"login": broken, "sender": talkative}, port=0)
    async with http.get(f"http://127.0.0.1:{await server.start()}/readyz") as answer:
        said = await answer.json()
    await server.stop()
    assert answer.status == 503
    assert said["checks"]["login"] == {"ok": False, "note": "ValueError"}
    assert said["checks"]["sender"]["note"] == "at +1212***0123"


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
async def test_head_is_get_without_a_body_and_nothing_else_is_allowed(
    path: str, url: str, http: aiohttp.ClientSession, seen: Watched
) -> None:
    async with http.head(url + path) as head, http.get(url + path) as got:
        assert (head.status, await head.read()) == (200, b"")
        assert head.headers["Content-Length"] == str(len(await got.read()))
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        async with http.request(method, url + path) as answer:
            assert answer.status == 405
            assert answer.headers["Allow"] == "GET,HEAD"
    assert seen.text() == ""


@pytest.mark.parametrize("path", ["/", "/metrics/", "/metrics/../x", "/admin", "/%2e%2e/etc"])
async def test_there_is_nothing_else(
    path: str, url: str, http: aiohttp.ClientSession, seen: Watched
) -> None:
    async with http.get(url + path) as answer:
        assert answer.status == 404
    assert seen.text() == ""


async def test_what_is_not_http_is_refused_and_nobody_is_told(url: str, seen: Watched) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(b"\x16\x03\x01 +12125550123\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.0 400")
    writer.close()
    assert "12125550123" not in seen.text()


async def test_it_listens_on_this_machine_only_by_default(seen: Watched) -> None:
    server = HttpServer(seen.telemetry, {})
    assert (server.host, server.port) == ("127.0.0.1", 9464)


async def test_a_port_in_use_is_one_sentence(url: str, seen: Watched) -> None:
    port = int(url.rpartition(":")[2])
    server = HttpServer(seen.telemetry, {}, port=port)
    with pytest.raises(NoPortError) as refused:
        await server.start()
    await server.stop()
    assert isinstance(refused.value, DispatcherError)
    assert str(refused.value) == (
        f"metrics and health cannot be served on 127.0.0.1:{port} (Address already in use): "
        "end the program that listens there or set another address or port"
    )


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
async def test_an_address_of_another_machine_is_one_sentence(host: str, seen: Watched) -> None:
    with pytest.raises(NoPortError, match=rf"^metrics and health .* {host}:9464 \(.+\): end"):
        await HttpServer(seen.telemetry, {}, host=host).start()


async def test_stop_waits_for_nobody_and_frees_the_port(seen: Watched) -> None:
    server = HttpServer(seen.telemetry, {}, port=0)
    port = await server.start()
    idle = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(5):
        await server.stop()
        await server.stop()
    idle[1].close()
    again = HttpServer(seen.telemetry, {}, port=port)
    assert await again.start() == port
    await again.stop()


@pytest.mark.needs_host
async def test_promtool_finds_nothing_to_say(
    url: str, http: aiohttp.ClientSession, seen: Watched
) -> None:
    promtool = shutil.which("promtool")
    assert promtool, "install promtool (Debian: apt install prometheus)"
    for method in ("daemon_started", "attempt_settled", "snapshot_taken", "database_lost"):
        getattr(seen.telemetry, method)(**SAMPLES[method])
    async with http.get(f"{url}/metrics") as answer:
        text = await answer.read()
    ran = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True)  # noqa: ASYNC221, PLW1510  # short; its code is asserted
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
