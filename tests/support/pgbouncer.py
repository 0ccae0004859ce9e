"""pgbouncer in front of a server, in transaction mode: what many hosts have."""

import asyncio
import os
import pwd
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

PATIENCE_SECONDS = 20

SETTINGS = """\
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {ours}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = 4
server_login_retry = 1
"""


@asynccontextmanager
async def transaction_pooler(dsn: str, *users: str) -> AsyncIterator[str]:
    """Yield *dsn* as it is through a pooler that knows *users*."""
    address, ours = urlsplit(dsn), _free_port()
    with TemporaryDirectory() as name:
        settings = SETTINGS.format(
            host=address.hostname, port=address.port, ours=ours, folder=name
        )
        _write(Path(name), settings, users)
        # It refuses to be root.
        lesser = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        process = await asyncio.create_subprocess_exec(
            "pgbouncer", f"{name}/settings", user=lesser, stderr=asyncio.subprocess.PIPE
        )
        try:
            await _ready(process)
            yield address._replace(netloc=f"{address.username}@127.0.0.1:{ours}").geturl()
        finally:
            process.kill()
            await process.communicate()


def _write(folder: Path, settings: str, users: Sequence[str]) -> None:
    folder.chmod(0o755)
    (folder / "users").write_text("".join(f'"{user}" ""\n' for user in users), "utf-8")
    (folder / "settings").write_text(settings, "utf-8")


async def _ready(process: asyncio.subprocess.Process) -> None:
    assert process.stderr
    async with asyncio.timeout(PATIENCE_SECONDS):
        while b"process up" not in (line := await process.stderr.readline()):
            assert line, "pgbouncer ended"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
