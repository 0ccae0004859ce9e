"""Where RingCentral calls us: one path, on a port of its own, open to whoever finds it.

Nothing of what is said here is believed before a token has shown that RingCentral says it, and
no answer is 200 before what was said is on the disk.
"""

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from dispatcher.core import notice
from dispatcher.core.notice import Heard, Notice
from dispatcher.edge.http import listening
from dispatcher.telemetry import Telemetry

MOST_BYTES: Final = 64 * 1024
MOST_CONNECTIONS: Final = 200

# A connection may take so long between two requests, and for the head of one.
_IDLE_SECONDS = 15.0
_BODY_SECONDS = 3.0  # RingCentral itself gives up by then
_LINGER_SECONDS = 0.5
_FAREWELL_SECONDS = 3.0

_TOKENS = ("Verification-Token", "Validation-Token")
_ECHOED = re.compile(r"[!-~](?:[ -~]{0,254}[!-~])?")


Hear = Callable[[Notice], Awaitable[Heard]]
_NOT_HEARD = {
    Heard.STRANGE: (403, "wrong_subscription"),
    Heard.UNAVAILABLE: (503, "unavailable"),
}


class _Refused(Exception):  # noqa: N818 - an answer, not an error
    def __init__(self, status: int, result: str) -> None:
        self.status, self.result = status, result


@dataclass(frozen=True)
class Door:
    """Where it is, and what RingCentral shows there. Port 0 is any free one."""

    path: str = field(repr=False)
    token: str = field(repr=False)
    host: str
    port: int


class _Bounded(web.Server):
    """Takes so many connections at once; a further one is cut before it says anything."""

    def connection_made(self, handler: Any, transport: asyncio.Transport) -> None:  # noqa: ANN401 - as aiohttp's
        super().connection_made(handler, transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()


class WebhookServer:
    """Answers POST at the door's path. *hear* is told what came."""

    def __init__(self, telemetry: Telemetry, hear: Hear, door: Door) -> None:
        self._telemetry, self._hear = telemetry, hear
        self._door, self._token = door, door.token.encode()
        self._runner: web.ServerRunner | None = None

    async def start(self) -> int:
        """Begin to listen and return the port."""
        server = _Bounded(
            self._answer,
            access_log=None,
            keepalive_timeout=_IDLE_SECONDS,
            lingering_time=_LINGER_SECONDS,
            auto_decompress=False,
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=_FAREWELL_SECONDS)
        return await listening(self._runner, self._door.host, self._door.port, "webhooks")

    async def stop(self) -> None:
        """Take nothing new, answer what is being stored, then end. Twice is as good."""
        runner, self._runner = self._runner, None
        if runner:
            await runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        if request.path != self._door.path:
            return _response(404)
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        try:
            result, echo = await self._take(request)
        except _Refused as refused:
            self._telemetry.webhook_answered(refused.result)
            return _response(refused.status)
        self._telemetry.webhook_answered(result)
        return _response(200, echo)

    async def _take(self, request: web.BaseRequest) -> tuple[str, str | None]:
        """Return what it came to, and the Validation-Token that it wants to see again."""
        echo = _wanted(request)
        self._look_at_head(request)
        if not request.body_exists:
            if echo is None:
                raise _Refused(400, "nonsense")
            return "handshake", echo
        told = notice.read(await _body(request))
        if told is None:
            raise _Refused(400, "nonsense")
        heard = await self._hear(told)
        if heard in _NOT_HEARD:
            raise _Refused(*_NOT_HEARD[heard])
        counted = told.what.value if told.what in _COUNTED else "other"
        return counted, echo

    def _look_at_head(self, request: web.BaseRequest) -> None:
        """Refuse what need not be read."""
        if (request.content_length or 0) > MOST_BYTES:
            raise _Refused(413, "too_large")
        encoded = "Content-Encoding" in request.headers
        if request.body_exists and (request.content_type != "application/json" or encoded):
            raise _Refused(415, "wrong_type")
        if not self._is_ringcentral(request):
            raise _Refused(401, "wrong_token")

    def _is_ringcentral(self, request: web.BaseRequest) -> bool:
        """Say whether it shows our token, under either of the names that are documented.

        The handshake of a new subscription need not: it is a random word that we say back.
        """
        shown = [request.headers[name] for name in _TOKENS if name in request.headers]
        right = [
            hmac.compare_digest(each.encode("utf-8", "surrogateescape"), self._token)
            for each in shown
        ]
        handshake = not request.body_exists and "Verification-Token" not in request.headers
        return any(right) or handshake


_COUNTED = (notice.What.INBOUND, notice.What.CHANGED)


def _wanted(request: web.BaseRequest) -> str | None:
    echo = request.headers.get("Validation-Token")
    if echo is not None and not _ECHOED.fullmatch(echo):
        raise _Refused(400, "nonsense")
    return echo


async def _body(request: web.BaseRequest) -> bytes:
    """Return the body; no more of it is read than we take, and not for ever."""
    read = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.content.iter_any():
                read += chunk
                if len(read) > MOST_BYTES:
                    raise _Refused(413, "too_large")
    except TimeoutError:
        raise _Refused(408, "nonsense") from None
    return bytes(read)


def _response(status: int, echo: str | None = None) -> web.Response:
    # RingCentral wants a type also where there is no body.
    headers = {"Content-Type": "application/json"} | (
        {"Validation-Token": echo} if echo else {}
    )
    answer = web.Response(status=status, headers=headers)
    if status not in {200, 503}:
        answer.force_close()  # nobody who is known need come again on this connection
    return answer
