"""The servers on which failovers are tested: what was committed is on the standby."""

from support.host import connected
from support.standby import pair

from dispatcher.edge.postgres_binaries import Binaries


async def test_a_standby_has_what_was_committed_and_takes_over(binaries: Binaries) -> None:
    with pair(binaries) as servers:
        folders = [servers.primary.folder]
        async with connected(servers.admin_dsn()) as conn:
            assert await conn.fetchval("SHOW fsync") == "on"
            await conn.execute("CREATE TABLE kept AS SELECT 7 AS seven")
            assert await conn.fetchval("SELECT sync_state FROM pg_stat_replication") == "sync"
        servers.restart()
        servers.fail_over()
        folders.append(servers.primary.folder)
        async with connected(servers.admin_dsn()) as conn:
            await conn.execute("INSERT INTO kept VALUES (8)")
            assert await conn.fetchval("SELECT array_agg(seven) FROM kept") == [7, 8]
            assert conn.get_settings().in_hot_standby == "off"
    assert not any(folder.exists() for folder in folders)
