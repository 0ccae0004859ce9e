"""Brings webhooks what they get: the handshake and each notification, over plain HTTP."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
from yarl import URL

from dispatcher.simulator.clock import Clock
from dispatcher.simulator.errors import refused
from dispatcher.simulator.waiting import until_first

AGENT = "RingCentral-Webhook/8.3"
ADDRESS = "deliveryMode.address"
MAX_ECHO = 1024


@dataclass(frozen=True)
class Response:
    """What an address answered. *size* counts its head and its body, up to MAX_ECHO or so."""

    status: int
    reason: str
    headers: Mapping[str, str]
    size: int


class UndeliveredError(Exception):
    """Nothing came back. *code* is what a handshake then answers; the message says why."""

    def __init__(self, reason: str, code: str = "SUB-521") -> None:
        super().__init__(f"I/O operation is failed. Details: [{reason}]")
        self.code = code


class Courier:
    """Waits *timeout* seconds of *clock* for each answer, and for none once it is closed."""

    def __init__(self, timeout: float, clock: Clock) -> None:
        self._timeout = timeout
        self._clock = clock
        self._closing = asyncio.Event()
        self._http: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        self._closing.set()
        if self._http is not None:
            await self._http.close()

    async def shake_hands(self, address: str, verification: str | None) -> None:
        """Ask whether *address* wants to be told; RefusedError if it does not say so."""
        token = secrets.token_hex(16)
        try:
            response = await self._post(address, verification, {"Validation-Token": token}, b"")
        except UndeliveredError as error:
            raise refused(error.code, parameter=ADDRESS) from None
        if response.status != HTTPStatus.OK:
            raise refused("SUB-522", parameter=ADDRESS, value=response.status)
        if response.headers.get("Validation-Token") != token:
            raise refused("SUB-520", parameter=ADDRESS)
        if response.size > MAX_ECHO or "Content-Type" not in response.headers:
            raise refused("SUB-525", parameter=ADDRESS)

    async def notify(self, address: str, verification: str | None, body: bytes) -> str | None:
        """Bring a notification; return why it counts as a failure, None if it is none."""
        kind = {"Content-Type": "application/json; charset=UTF-8"}
        try:
            response = await self._post(address, verification, kind, body)
        except UndeliveredError as error:
            return str(error)
        if response.status == HTTPStatus.OK:
            return None
        return f"Webhook responses with code: [{response.status}], reason: [{response.reason}]"

    async def _post(
        self, address: str, verification: str | None, headers: Mapping[str, str], body: bytes
    ) -> Response:
        if self._closing.is_set():
            raise UndeliveredError("Connection refused")
        verified = {} if verification is None else {"Verification-Token": verification}
        exchange = asyncio.ensure_future(
            self._exchange(address, {"User-Agent": AGENT, **verified, **headers}, body)
        )
        await until_first(exchange, self._clock.wait(self._timeout), self._closing.wait())
        if exchange.cancelled():
            raise UndeliveredError("Read timed out")
        return exchange.result()

    async def _exchange(
        self, address: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        if self._http is None:
            self._http = _session()
        try:
            # A redirect would lead who knows where: it is an answer like another.
            async with self._http.post(
                URL(address), data=body, headers=headers, allow_redirects=False
            ) as response:
                return Response(
                    response.status,
                    response.reason or "",
                    response.headers,
                    await _size(response),
                )
        except aiohttp.ClientSSLError:
            raise UndeliveredError("Certificate is not valid", "SUB-524") from None
        except aiohttp.ClientConnectorError:
            raise UndeliveredError("Connection refused") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise UndeliveredError("Connection reset") from None


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type"),
        timeout=aiohttp.ClientTimeout(),  # ours is counted by the simulator's clock
    )


async def _size(response: aiohttp.ClientResponse) -> int:
    size = len(f"HTTP/1.1 {response.status} {response.reason}\r\n\r\n")
    size += sum(len(name) + len(value) + 4 for name, value in response.raw_headers)
    async for part in response.content.iter_chunked(MAX_ECHO):
        size += len(part)
        if size > MAX_ECHO:
            break
    return size
