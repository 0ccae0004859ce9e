"""What the server may lose is seen by the daemon's lesser role, and told."""

import asyncpg
import pytest

from dispatcher.core.durability import FSYNC_OFF, STANDBY_BEHIND, Durability, risks
from dispatcher.edge.postgres import PrivateServer
from dispatcher.store.database import Connection
from dispatcher.store.durability import look


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (Durability(fsync=True, waits=False, standbys=0), []),
        (Durability(fsync=True, waits=True, standbys=2), []),
        (Durability(fsync=False, waits=False, standbys=0), [FSYNC_OFF]),
        (Durability(fsync=True, waits=False, standbys=1), [STANDBY_BEHIND]),
        (Durability(fsync=False, waits=False, standbys=1), [FSYNC_OFF, STANDBY_BEHIND]),
    ],
)
def test_what_could_be_lost_is_named(seen: Durability, told: list[str]) -> None:
    assert risks(seen) == told


@pytest.mark.parametrize(
    ("application", "follows", "standbys"),
    [
        ("walreceiver", "true", 1),
        ("pg_receivewal", "true", 0),
        ("pg_basebackup", "true", 0),
        ("subscriber", "database", 0),
    ],
)
async def test_who_follows_the_server_and_is_a_standby(
    daemon: Connection, server: PrivateServer, application: str, follows: str, standbys: int
) -> None:
    """The tests' server does not sync, and has nobody to wait for."""
    settings = {"replication": follows, "application_name": application}
    follower = await asyncpg.connect(server.dsn(), server_settings=settings)
    assert await look(daemon) == Durability(fsync=False, waits=False, standbys=standbys)
    await follower.close()
