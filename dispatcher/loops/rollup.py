"""Counts the campaigns' figures of the days on which something has changed."""

import asyncio

from dispatcher.core.figures import days_at_once
from dispatcher.loops.engine import Engine
from dispatcher.store import rollups
from dispatcher.store.leases import Lead
from dispatcher.store.pool import DatabaseLostError

SHARE = 20.0  # a day of very many texts takes long to count: at most so much of our time


class Rollup:
    """A duty of the leader; leaders of several logins take turns."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._rezoned = False
        self._days = rollups.DAYS
        self.seconds, self.woken = engine.settings.metrics_seconds, asyncio.Event()

    async def round(self, _lead: Lead) -> None:
        """Count some days; while some are left the next round follows at once.

        A database that is away is told of by who sends. Here it may only be a day of very many
        texts, which is no outage, and would keep the database busy if it were tried at once.
        """
        engine = self._engine
        await self._keep_zone()
        began = engine.clock.monotonic()
        try:
            rolled = await engine.database.run(rollups.roll, self._days)
        except DatabaseLostError:
            self._days = 1  # it may have been too much
            self._rest(began)
            return
        if rolled is None:
            return
        self._days = days_at_once(self._days, self._rest(began), rollups.DAYS)
        engine.telemetry.days_rolled(rolled.days)
        if rolled.left:
            self.woken.set()

    def _rest(self, began: float) -> float:
        """Rest in proportion to how long it took since *began*, and return that."""
        took = self._engine.clock.monotonic() - began
        self.seconds = max(self._engine.settings.metrics_seconds, SHARE * took)
        return took

    async def _keep_zone(self) -> None:
        """Bring our zone in once: two processes that differ must not do it by turns."""
        engine = self._engine
        if self._rezoned:
            return
        new = await engine.database.run(rollups.rezone, engine.settings.metrics_zone)
        self._rezoned = new is not None
        if new:
            engine.telemetry.days_rezoned()
