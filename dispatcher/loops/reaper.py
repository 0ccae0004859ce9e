"""Takes back what dead processes held: unsent to the queue, perhaps sent to the unknown."""

import asyncio

from dispatcher.loops import reporting
from dispatcher.loops.engine import Engine
from dispatcher.store import reaping
from dispatcher.store.leases import Lead


class Reaper:
    """A duty of the leader."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.seconds, self.woken = 0.0, asyncio.Event()

    async def round(self, lead: Lead) -> None:
        """Reap once."""
        engine = self._engine
        reaped = await engine.database.run(reaping.reap, lead, engine.settings.dead_after)
        if not reaped:
            return
        engine.telemetry.claims_reaped(reaped.returned, reaped.unknown, reaped.held)
        for message, campaign in reaped.poisoned:
            engine.telemetry.message_failed(message, campaign, "poison", None)
        reporting.alerts(engine.telemetry, reaped.alerts)
        if reaped.returned:
            engine.hint()
        engine.alarmed.set()
