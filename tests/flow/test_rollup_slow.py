"""A day that takes too long to count is no outage of the database."""

import asyncio
from pathlib import Path
from typing import Any

from support.host import connected
from support.watch import watched

from dispatcher.edge.clock import SystemClock
from dispatcher.loops.rollup import SHARE, Rollup
from dispatcher.store.database import Connection
from dispatcher.store.leases import Lead
from dispatcher.store.pool import Database

SECONDS = 0.5


class Engine:
    """What of an engine it needs, with a database that is real and little patience."""

    def __init__(self, database: Database, telemetry: Any) -> None:
        self.database, self.clock, self.telemetry = database, SystemClock(), telemetry
        self.settings: Any = self
        self.metrics_seconds, self.metrics_zone = 0.1, "America/New_York"


async def test_it_is_left_for_a_while(database: str, owner: Connection, tmp_path: Path) -> None:
    ours = database.replace("owner@", "app_daemon@")
    made = Database(ours, size=2, seconds=SECONDS, statement_cache=100)
    await made.open()
    with watched(tmp_path / "log") as seen:
        duty: Any = Rollup(Engine(made, seen.telemetry))  # type: ignore[arg-type]
        await duty.round(Lead("shop", 1))
        await owner.execute("INSERT INTO newsletter.rollup_stale (at) VALUES (now())")
        async with asyncio.timeout(30), connected(database) as conn, conn.transaction():
            await conn.execute("LOCK newsletter.campaign_metrics_daily")
            await duty.round(Lead("shop", 1))
        assert duty.seconds >= SHARE * SECONDS
        assert not duty.woken.is_set()
        await duty.round(Lead("shop", 1))
        assert duty.seconds < SHARE * SECONDS
    await made.close()
    assert not await owner.fetchval("SELECT count(*) FROM newsletter.rollup_stale")
