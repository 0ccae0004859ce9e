"""A daemon whose webhook RingCentral can call, and what both know of the subscription."""

import asyncio
import json
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp

from dispatcher.simulator.server import Simulator
from dispatcher.simulator.subscriptions import Subscription
from dispatcher.store.database import Connection
from support.daemon import PATIENCE_SECONDS, Running, daemon, until

TOKEN = "a-token-that-is-as-long-as-it-must-be"  # noqa: S105 - it opens nothing
THEIRS, OURS = "+12125550123", "+16505550100"
TEXT = "Could you keep the corner table for us"
NAMED = range(20_000, 32_000)  # below what Linux, macOS and Windows give away
LISTENED = ("sms_dispatcher_changes", "sms_dispatcher_consents")


def free_port() -> int:
    """Return a port at which nobody listens: not one of those that a system gives to who names none.

    Else another connection of another test may have it before the daemon listens there.
    """
    while True:
        port = secrets.choice(NAMED)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@dataclass
class Hook:
    """The address at which RingCentral calls; a daemon listens at its port."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def settings(self) -> dict[str, str]:
        return {
            "webhook_url": self.url,
            "webhook_port": str(self.port),
            "webhook_token": TOKEN,
        }


@asynccontextmanager
async def called(
    dsn: str, simulator: Simulator, hook: Hook, first: str = "subscription.created", **more: str
) -> AsyncIterator[Running]:
    """Run a daemon and hand it over once RingCentral calls it."""
    async with daemon(dsn, simulator, first=first, **(hook.settings | more)) as running:
        yield running


def ours(simulator: Simulator, hook: Hook) -> list[Subscription]:
    return [each for each in simulator.world.subscriptions if each.address == hook.url]


async def look(owner: Connection) -> None:
    """Let the leader look at its subscription, as RingCentral's reminder does."""
    await owner.execute("SELECT pg_notify('sms_dispatcher_subscription', '')")


async def looked(owner: Connection) -> None:
    """Return once the leader has looked, after this was called."""
    before = await owner.fetchval("SELECT checked_at FROM newsletter.sms_subscriptions")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (
            await owner.fetchval("SELECT checked_at FROM newsletter.sms_subscriptions")
            == before
        ):
            await look(owner)
            await owner.execute("SELECT pg_sleep(0.05)")


def told(subscription: Subscription, provider_id: int, **changed: Any) -> bytes:
    """Return what RingCentral calls with when a text comes in."""
    owner = str(subscription.user.extension_id)
    body = {"id": str(provider_id), "direction": "Inbound", "subject": TEXT}
    whole = {
        "uuid": str(provider_id),
        "event": f"/restapi/v1.0/account/1/extension/{owner}/message-store/instant?type=SMS",
        "timestamp": "2026-01-05T18:12:45.034Z",
        "subscriptionId": subscription.id,
        "ownerId": owner,
        "body": body,
    }
    return json.dumps(whole | changed).encode()


async def call(http: aiohttp.ClientSession, url: str, data: bytes, token: str = TOKEN) -> int:
    headers = {"Verification-Token": token, "Content-Type": "application/json"}
    async with http.post(url, data=data, headers=headers) as answer:
        await answer.read()
        return answer.status


async def stored(owner: Connection, count: int) -> None:
    """Return once so many inbound texts lie there as they came."""
    await until(
        owner, "count(*) >= $1 FROM newsletter.sms_receipts WHERE source = 'webhook'", count
    )


class Ears:
    """Hears what is told to the processes."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._more = asyncio.Event()

    async def listen(self, conn: Connection) -> None:
        for channel in LISTENED:
            await conn.add_listener(channel, self._hear)

    def _hear(self, _conn: object, _pid: int, channel: str, _said: object) -> None:
        self.heard.append(channel)
        self._more.set()

    async def hears(self, channel: str) -> None:
        """Return once *channel* was used since the last time that this was asked."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while channel not in self.heard:
                self._more.clear()
                await self._more.wait()
        self.heard.clear()
