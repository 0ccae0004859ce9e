"""A TCP relay in front of PostgreSQL, which can keep to itself what is said and what has ended."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

SSL_REQUEST = (80877103).to_bytes(4)


@dataclass
class Line:
    """A connection; once it is *silent* what either side says is lost."""

    silent: bool = False


@dataclass
class Relay:
    """*dsn* leads through it; *ended* is set once the server has ended a connection.

    The first connection on which the client says *mute_at* falls silent with these words. While
    *refusal* is the code of an error, whoever connects is told that, as a pooler would.
    """

    dsn: str
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    mute_at: bytes = b""
    muted: asyncio.Event = field(default_factory=asyncio.Event)
    refusal: str = ""
    lines: list[Line] = field(default_factory=list)

    def swallow(self) -> None:
        """Leave every connection half-open; those that are made from now on are served."""
        for line in self.lines:
            line.silent = True

    def overhear(self, line: Line, said: bytes) -> None:
        if self.mute_at and self.mute_at in said:
            self.mute_at, line.silent = b"", True
            self.muted.set()


@asynccontextmanager
async def relayed(dsn: str, *, deaf: bool = False) -> AsyncIterator[Relay]:
    """Pass on every byte; a *deaf* one does not pass on that somebody has hung up."""
    address = urlsplit(dsn)
    writers: list[asyncio.StreamWriter] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if relay.refusal:
            await _refuse(reader, writer, relay.refusal)
            return
        theirs, ours = await asyncio.open_connection(address.hostname, address.port)
        writers.extend((writer, ours))
        relay.lines.append(line := Line())
        async with asyncio.TaskGroup() as group:
            group.create_task(_pass(reader, ours, line, relay.overhear, deaf=deaf))
            await _pass(theirs, writer, line, lambda *_: None, deaf=deaf)
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


async def _refuse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, code: str
) -> None:
    while (await reader.read(65536))[4:8] == SSL_REQUEST:
        writer.write(b"N")
    fields = f"SFATAL\0VFATAL\0C{code}\0Mgo away\0\0".encode()
    writer.write(b"E" + (4 + len(fields)).to_bytes(4) + fields)
    writer.close()


async def _pass(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    line: Line,
    overhear: Callable[[Line, bytes], None],
    *,
    deaf: bool,
) -> None:
    try:
        while data := await reader.read(65536):
            overhear(line, data)
            if not line.silent:
                writer.write(data)
                await writer.drain()
    except ConnectionError:
        pass
    if not (deaf or line.silent):
        writer.close()
