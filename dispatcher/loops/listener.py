"""Listens for hints of the database on a connection of its own; polling goes on without it."""

import asyncio

from dispatcher.core.privacy import Sentence
from dispatcher.loops.engine import Engine
from dispatcher.store.listening import (
    CHANGES,
    CONSENTS,
    QUEUE,
    RECEIPTS,
    SUBSCRIPTION,
    TOLD,
    DeafError,
    listen,
)
from dispatcher.store.pool import DatabaseLostError

RETRY_SECONDS = 2.0
PROBE_EACH_SECONDS = 20.0
DEAF_RETRY_SECONDS = 60.0  # it is how the database is reached, which seldom changes


class Listener:
    """Wakes the claim when rows come, the reader of receipts, and the reader of the record."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until *stop* is set; a listener that died is made again, and says so once."""
        engine = self._engine
        hints = {
            QUEUE: engine.hint,
            RECEIPTS: engine.receipts_came.set,
            CHANGES: engine.record_changed.set,
            CONSENTS: engine.consents_changed.set,
            SUBSCRIPTION: engine.subscription_due.set,
            TOLD: engine.untold.set,
        }
        lost_at: float | None = None
        while not stop.is_set():
            try:
                async with listen(engine.database, hints) as alive:
                    if lost_at is not None:
                        engine.telemetry.listener_back(engine.clock.monotonic() - lost_at)
                        lost_at = None
                    engine.listening = True
                    engine.hint()  # what came while nobody listened
                    while not await engine.clock.wait(stop, PROBE_EACH_SECONDS):
                        await alive()
            except DeafError as error:
                engine.listening = False
                lost_at = engine.clock.monotonic() if lost_at is None else lost_at
                engine.telemetry.listener_deaf(Sentence(str(error)))
                await engine.clock.wait(stop, DEAF_RETRY_SECONDS)
            except DatabaseLostError:
                engine.listening = False
                lost_at = engine.clock.monotonic() if lost_at is None else lost_at
                engine.telemetry.listener_lost()
                await engine.clock.wait(stop, RETRY_SECONDS)
