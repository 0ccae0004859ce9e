"""Looks at the whole: raises and clears alerts, and keeps the gauges of the database."""

import asyncio

from dispatcher.loops import reporting
from dispatcher.loops.engine import Engine
from dispatcher.store import alerts, snapshot
from dispatcher.store.pool import DatabaseLostError

SNAPSHOT_SECONDS = 15.0
SNAPSHOT_SHARE = (
    20.0  # a long queue takes long to count: at most so much of our time goes into it
)


class Lookout:
    """Follows the alerts each heartbeat, or at once when one is likely; counts less often."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._next_snapshot = float("-inf")

    async def run(self, stop: asyncio.Event) -> None:
        """Look until *stop* is set."""
        engine = self._engine
        while not stop.is_set():
            try:
                await self._round()
            except DatabaseLostError as error:
                await engine.outage(error)
            else:
                await engine.clock.wait(engine.alarmed, engine.settings.heartbeat)
                engine.alarmed.clear()

    async def _round(self) -> None:
        engine = self._engine
        changed = await engine.database.run(alerts.follow, engine.day.day)
        reporting.alerts(engine.telemetry, changed)
        started = engine.clock.monotonic()
        if started >= self._next_snapshot:
            engine.telemetry.snapshot_taken(
                await engine.database.run(snapshot.take, engine.day.day)
            )
            took = engine.clock.monotonic() - started
            self._next_snapshot = started + max(SNAPSHOT_SECONDS, SNAPSHOT_SHARE * took)
