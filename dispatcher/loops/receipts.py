"""Applies what RingCentral told of texts, in every process: they work side by side."""

import asyncio
from datetime import timedelta

from dispatcher.loops import reporting
from dispatcher.loops.engine import Engine
from dispatcher.store import alone, applying
from dispatcher.store.applying import Applied, Terms
from dispatcher.store.pool import DatabaseLostError

BATCH = 500
YOUNG = timedelta(minutes=10)
"""How long our own answer to a text may take to be stored, mostly: looked for each round."""
LOOK_AGAIN_SECONDS = 60.0


class Receipts:
    """One loop in each process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._terms = Terms(engine.settings.unfit_for, engine.settings.replies)
        self._look_at_all = float("-inf")

    async def run(self, stop: asyncio.Event) -> None:
        """Apply until *stop* is set."""
        engine = self._engine
        while not stop.is_set():
            try:
                await self._round(stop)
            except DatabaseLostError as error:
                await engine.outage(error)
                continue
            await engine.clock.wait(engine.receipts_came, engine.poll)
            engine.receipts_came.clear()

    async def _round(self, stop: asyncio.Event) -> None:
        """Apply what is new, then what was early and has its attempt by now."""
        database, younger = self._engine.database, self._younger()
        new, found = await database.run(applying.waits, younger)
        while new and not stop.is_set():
            done = await database.run(applying.apply_new, BATCH, self._terms)
            went_on = await self._finish(done)
            new = done.taken == BATCH and went_on
            found = found or done.early > 0
        while found and not stop.is_set():
            done = await database.run(applying.apply_early, BATCH, younger, self._terms)
            found = await self._finish(done) and done.taken == BATCH

    def _younger(self) -> timedelta:
        """Return how long those have waited at most that are looked at again this time."""
        now = self._engine.clock.monotonic()
        if now < self._look_at_all:
            return YOUNG
        self._look_at_all = now + LOOK_AGAIN_SECONDS
        return self._engine.settings.unconfirmed

    async def _finish(self, done: Applied) -> bool:
        """Apply what goes alone, and tell of all; say whether anything came of it.

        If not, all of it waits for who holds its people, and so do we.
        """
        engine = self._engine
        went_on = bool(done.verdicts) or done.early > 0
        engine.telemetry.receipts_applied(done.verdicts, done.early)
        for number, code in done.rested:
            engine.telemetry.sender_stopped(number, code)
        for receipt in done.alone:
            one = await engine.database.run(alone.apply_alone, receipt, self._terms)
            reporting.applied_alone(engine.telemetry, one)
            went_on = went_on or bool(one.done.verdicts)
        if done.alone:
            engine.untold.set()  # the database hints too, but not through every pooler
        if done.rested or done.alone:
            engine.alarmed.set()
        return went_on
