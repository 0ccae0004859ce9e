"""Plays systemd: a real datagram socket that hears what a service tells."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

PATIENCE_SECONDS = 20


@dataclass
class Listening:
    """*name* is what `NOTIFY_SOCKET` has to hold."""

    name: str
    socket: socket.socket

    async def heard(self) -> str:
        """Return the next line."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return (await asyncio.get_running_loop().sock_recv(self.socket, 4096)).decode()

    async def until(self, line: str) -> list[str]:
        """Return what came before *line*."""
        before: list[str] = []
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (said := await self.heard()) != line:
                before.append(said)
        return before

    def rest(self) -> list[str]:
        """Return what has come already."""
        lines: list[str] = []
        with suppress(BlockingIOError):
            while True:
                lines.append(self.socket.recv(4096).decode())
        return lines


@contextmanager
def notify_socket(folder: Path, *, abstract: bool = False) -> Iterator[Listening]:
    """Listen at a file in *folder*, or at an abstract name."""
    name = f"@sms-dispatcher-{uuid4()}" if abstract else str(folder / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0" + name[1:] if abstract else name)
        listening.setblocking(False)  # noqa: FBT003  # the standard library's own signature
        yield Listening(name, listening)
