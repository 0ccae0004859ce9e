"""Ends what nobody hears of any more, and forgets receipts that have done their part."""

import asyncio

from dispatcher.loops.engine import Engine
from dispatcher.store import closing
from dispatcher.store.leases import Lead

EACH_SECONDS = 300.0
BATCH = 1000


class Closing:
    """A duty of the leader."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.seconds, self.woken = EACH_SECONDS, asyncio.Event()

    async def round(self, lead: Lead) -> None:
        """Close texts whose end did not come in time, then clear away, in small steps."""
        engine, s = self._engine, self._engine.settings
        ended = BATCH
        while ended == BATCH:
            ended = await engine.database.run(
                closing.end_unconfirmed, lead, s.unconfirmed, BATCH
            )
            if ended:
                engine.telemetry.texts_unconfirmed(ended)
        given_up = BATCH
        while given_up == BATCH:
            given_up = await engine.database.run(closing.give_up, lead, s.unconfirmed, BATCH)
            if given_up:
                engine.telemetry.receipts_applied({"foreign": given_up}, 0)
        gone = BATCH
        while gone == BATCH:
            gone = await engine.database.run(closing.forget, lead, s.receipts_kept, BATCH)
