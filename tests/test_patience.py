"""At the start a database is waited for, and asked for often enough to be there soon after it."""

import asyncio
from pathlib import Path

from support.watch import watched

from dispatcher.app.patience import Patience
from dispatcher.edge.clock import SystemClock
from dispatcher.loops.outage import Outage
from dispatcher.store.pool import DatabaseLostError

TRIES = 30


async def test_a_database_that_is_long_away_is_asked_for_every_two_seconds(
    tmp_path: Path,
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async def work() -> int:
        if len(pauses) < TRIES:
            raise DatabaseLostError("It is away.")
        return 7

    with watched(tmp_path / "log") as seen:
        outage = Outage(seen.telemetry, SystemClock())
        patiently = Patience(outage, asyncio.Event(), pause)
        assert await patiently(work) == 7
    assert pauses[0] < 0.5
    assert max(pauses) == 2
    assert seen.events() == ["database.lost", "database.regained"]
