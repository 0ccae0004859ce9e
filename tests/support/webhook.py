"""An address that notifications are brought to: it remembers them, and answers as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Reply = Callable[[web.Request], Coroutine[Any, Any, web.StreamResponse]]


def echo(request: web.Request, status: int = 200, **more: Any) -> web.Response:
    token = request.headers.get("Validation-Token")
    headers = {"Validation-Token": token} if token else {}
    return web.Response(status=status, headers=headers, content_type="application/json", **more)


async def agrees(request: web.Request) -> web.StreamResponse:
    return echo(request)


@dataclass(frozen=True)
class Told:
    """One request that came: its headers and what it said."""

    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass
class Webhook:
    """*told* are the notifications, *handshakes* what asked whether it wants any.

    *shakes* answers handshakes and *replies* notifications; both say yes unless changed.
    """

    url: str
    shakes: Reply = agrees
    replies: Reply = agrees
    told: list[Told] = field(default_factory=list)
    handshakes: list[Told] = field(default_factory=list)
    _more: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def heard(self, count: int) -> list[dict[str, Any]]:
        """Return what was said once so many notifications have come."""
        async with asyncio.timeout(10), self._more:
            await self._more.wait_for(lambda: len(self.told) >= count)
        return [one.json for one in self.told]

    async def shaken(self, count: int) -> None:
        """Return once so many handshakes have come."""
        async with asyncio.timeout(10), self._more:
            await self._more.wait_for(lambda: len(self.handshakes) >= count)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        one = Told(dict(request.headers), body)
        async with self._more:
            (self.told if body else self.handshakes).append(one)
            self._more.notify_all()
        return await (self.replies(request) if body else self.shakes(request))


@asynccontextmanager
async def webhook() -> AsyncIterator[Webhook]:
    """Listen on this machine."""
    hook = Webhook("")
    app = web.Application()
    app.router.add_post("/hook", hook.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        hook.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        yield hook
    finally:
        await runner.cleanup()
