"""A TCP relay in front of PostgreSQL, which can keep the end of a connection to itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Relay:
    """*dsn* leads through it; *ended* is set once the server has ended a connection."""

    dsn: str
    ended: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def deaf_relay(dsn: str) -> AsyncIterator[Relay]:
    """Pass on every byte, but not that the server has hung up."""
    address = urlsplit(dsn)
    writers: list[asyncio.StreamWriter] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection(address.hostname, address.port)
        writers.extend((writer, ours))
        async with asyncio.TaskGroup() as group:
            group.create_task(_pass(reader, ours))
            await _pass(theirs, writer)
            relay.ended.set()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    relay = Relay(address._replace(netloc=f"{address.username}@127.0.0.1:{port}").geturl())
    try:
        yield relay
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await server.wait_closed()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        return
