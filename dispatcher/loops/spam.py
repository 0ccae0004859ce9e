"""Pauses campaigns whose texts carriers take for spam: more of them would cost the number."""

import asyncio

from dispatcher.loops import reporting
from dispatcher.loops.engine import Engine
from dispatcher.store import closing
from dispatcher.store.leases import Lead

EACH_SECONDS = 30.0


class SpamWatch:
    """A duty of the leader."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.seconds, self.woken = EACH_SECONDS, asyncio.Event()

    async def round(self, lead: Lead) -> None:
        """Judge the campaigns that send."""
        engine = self._engine
        paused, changed = await engine.database.run(
            closing.pause_filtered, lead, engine.settings.spam
        )
        for each in paused:
            engine.telemetry.campaign_filtered(each.campaign, each.texts, each.filtered)
        reporting.alerts(engine.telemetry, changed)
