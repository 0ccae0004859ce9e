"""Listens for RingCentral's calls beside the loops, a little longer than they run."""

import asyncio
from collections.abc import Coroutine

from dispatcher.config import Config, addresses
from dispatcher.edge.webhooks import Door, WebhookServer
from dispatcher.loops.engine import Engine
from dispatcher.loops.hearing import Hearing


async def serve(
    engine: Engine, config: Config, stop: asyncio.Event
) -> list[Coroutine[None, None, None]]:
    """Begin to listen if there is an address; return the loops that take what comes."""
    if not config.webhook_url:
        return []
    hearing = Hearing(engine)
    door = Door(
        addresses.hook_path(config.webhook_url),
        config.webhook_token.get_secret_value(),
        config.webhook_host,
        config.webhook_port,
    )
    server = WebhookServer(engine.telemetry, hearing.take, door)
    await server.start()
    return [hearing.run(), _until(stop, server, hearing)]


async def _until(stop: asyncio.Event, server: WebhookServer, hearing: Hearing) -> None:
    try:
        await stop.wait()
    finally:
        await server.stop()  # who has called already gets an answer
        hearing.end()
