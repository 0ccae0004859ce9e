"""Several hosts: the one that takes writes is found, and none that is off holds it up."""

import asyncio
import socket
from urllib.parse import urlsplit

import pytest
from support.relay import relayed
from support.standby import pair

from dispatcher.edge.postgres import PrivateServer
from dispatcher.edge.postgres_binaries import Binaries
from dispatcher.store import hosts


@pytest.mark.parametrize(
    ("dsn", "found"),
    [
        ("postgresql://a:5432/n", ["postgresql://a:5432/n"]),
        (
            "postgres://u:p@a:1,[::1]:2/n?x=y,z",
            ["postgres://u:p@a:1/n?x=y,z", "postgres://u:p@[::1]:2/n?x=y,z"],
        ),
        ("postgresql:///n?host=a,b", ["postgresql:///n?host=a,b"]),
        ("", [""]),
    ],
)
def test_an_address_for_each_host(dsn: str, found: list[str]) -> None:
    assert hosts.addresses(dsn) == found


async def test_a_host_that_says_nothing_holds_nobody_up(server: PrivateServer) -> None:
    """It accepts, as a machine does whose PostgreSQL is frozen, or not even that."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        named = f"127.0.0.1:{silent.getsockname()[1]},127.0.0.1:{server.port}"
        async with asyncio.timeout(3):
            conn = await hosts.connect(f"postgresql://postgres@{named}/postgres", timeout=60)
        assert await conn.fetchval("SELECT 7") == 7
        await conn.close()


async def test_the_last_host_that_fails_says_why() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        closed = probe.getsockname()[1]
    with pytest.raises(OSError, match=str(closed)):
        await hosts.connect(f"postgresql://127.0.0.1:{closed},127.0.0.1:{closed}/x", timeout=5)


async def test_a_standby_is_passed_by_whatever_the_address_asks_for(binaries: Binaries) -> None:
    with pair(binaries) as servers:
        assert servers.standby
        named = f"127.0.0.1:{servers.standby.port},127.0.0.1:{servers.primary.port}"
        conn = await hosts.connect(
            f"postgresql://postgres@{named}/postgres?target_session_attrs=any", timeout=5
        )
        assert not await conn.fetchval("SELECT pg_is_in_recovery()")
        await conn.close()


async def test_a_silent_host_does_not_keep_us_from_one_that_is_promoted(
    binaries: Binaries,
) -> None:
    """The primary's machine is off; the standby has said no once, and takes its place later."""
    with pair(binaries) as servers, socket.create_server(("127.0.0.1", 0)) as silent:
        assert servers.standby
        async with relayed(servers.standby.dsn()) as relay, asyncio.timeout(15):
            named = f"127.0.0.1:{silent.getsockname()[1]},127.0.0.1:{urlsplit(relay.dsn).port}"
            connecting = asyncio.create_task(
                hosts.connect(f"postgresql://postgres@{named}/postgres", timeout=60)
            )
            await relay.ended.wait()
            await asyncio.to_thread(servers.standby.promote)
            conn = await connecting
            assert not await conn.fetchval("SELECT pg_is_in_recovery()")
            await conn.close()


async def test_hosts_that_say_nothing_are_not_waited_for_again_and_again() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as two,
    ):
        named = ",".join(f"127.0.0.1:{each.getsockname()[1]}" for each in (one, two))
        async with asyncio.timeout(4) as patience:
            with pytest.raises(TimeoutError):
                await hosts.connect(f"postgresql://u@{named}/x", timeout=1)
        assert not patience.expired()
