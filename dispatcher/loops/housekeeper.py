"""Keeps the process alive in the database, the day current, and the campaigns moving."""

import asyncio

from dispatcher.loops.engine import Engine
from dispatcher.store import processes
from dispatcher.store.pool import DatabaseLostError


class Housekeeper:
    """A round each heartbeat."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def run(self, stop: asyncio.Event) -> None:
        """Go round until *stop* is set."""
        engine = self._engine
        while not stop.is_set():
            began = engine.clock.monotonic()
            try:
                await self._round()
            except DatabaseLostError as error:
                await engine.outage(error)
            else:
                engine.database_wrote(began)
                await engine.clock.wait(stop, engine.settings.heartbeat)

    async def _round(self) -> None:
        engine = self._engine
        s = engine.settings
        engine.day = await engine.database.run(
            processes.beat, engine.process, s.zone, s.day_budget
        )
        turned = await engine.database.run(processes.turn_campaigns, s.campaign_quiet)
        for campaign in turned.started + turned.reopened:
            engine.telemetry.campaign_started(campaign)
        for campaign in turned.finished:
            engine.telemetry.campaign_finished(campaign)
        if turned.started or turned.reopened:
            engine.hint()
        engine.telemetry.heart_beaten(engine.database.in_use)
