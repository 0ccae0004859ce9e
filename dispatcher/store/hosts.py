"""Finds, among the hosts of an address, the server that takes writes."""

import asyncio
import re
from typing import Any

import asyncpg
from asyncpg.connect_utils import SessionAttribute

from dispatcher.store.database import Connection

HEAD_START_SECONDS = 0.5

_PARTS = re.compile(r"(\w+://(?:[^@/?#]*@)?)([^@/?#]*)(.*)", re.DOTALL)


async def connect(dsn: str | None = None, **options: Any) -> Connection:  # noqa: ANN401  # asyncpg's own
    """Connect to the one of *dsn*'s hosts that takes writes, whatever *dsn* itself asks for.

    The next host is tried when the one before has failed, or has said nothing for a moment:
    a machine that is off answers nothing, and asyncpg would wait for it as long as it may.
    While we wait for one, those that failed are asked again: a standby may be promoted.
    """
    named = addresses(dsn or "")
    ahead, failed = list(named), set[str]()
    racing: dict[asyncio.Task[Connection], str] = {}
    try:
        while True:
            if ahead:
                address = ahead.pop(0)
                racing[asyncio.create_task(_connect(address, options))] = address
            head_start = HEAD_START_SECONDS if ahead or failed else None
            ended, _ = await asyncio.wait(
                racing, timeout=head_start, return_when=asyncio.FIRST_COMPLETED
            )
            for each in sorted(ended, key=lambda each: bool(each.exception())):
                failed.add(racing.pop(each))
                if not each.exception() or failed.issuperset(named):
                    return each.result()
            if not ended and not ahead:
                ahead = [address for address in failed if address not in racing.values()]
    finally:
        for each in racing:
            each.cancel()
            each.add_done_callback(_hang_up)


def addresses(dsn: str) -> list[str]:
    """Return an address for each of the hosts that stand before the name of the database."""
    if not (parts := _PARTS.fullmatch(dsn)):
        return [dsn]
    before, hosts, after = parts.groups()
    return [f"{before}{host}{after}" for host in hosts.split(",")]


async def _connect(address: str, options: dict[str, Any]) -> Connection:
    return await asyncpg.connect(
        address, target_session_attrs=SessionAttribute.read_write, **options
    )


def _hang_up(late: "asyncio.Task[Connection]") -> None:
    if not late.cancelled() and not late.exception():
        late.result().terminate()
