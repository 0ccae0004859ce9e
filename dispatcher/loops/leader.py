"""One process does for all what need not be done by each: by a lease, with a fence."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from dispatcher.core.privacy import Sentence
from dispatcher.loops.engine import Engine
from dispatcher.store import leases
from dispatcher.store.leases import DeposedError
from dispatcher.store.pool import DatabaseLostError

RENEWALS = 3  # in the life of a lease: one may fail


class Duty(Protocol):
    """Work of the leader. Each of its writes names the fence; two at once would do no harm."""

    async def round(self, fence: int) -> None:
        """Do what is due. DeposedError: another leads now."""
        ...


class Leader:
    """Leads if nobody else does, and takes over within a lease from one that is gone."""

    def __init__(self, engine: Engine, duties: Sequence[Duty]) -> None:
        self._engine = engine
        self._duties = duties
        self._fence: int | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Stand by or lead until *stop* is set; then let the next one lead at once."""
        engine = self._engine
        while not stop.is_set():
            try:
                await self._round()
            except DeposedError:
                self._note(None)
            except DatabaseLostError as error:
                await engine.outage(error)
                continue
            await engine.clock.wait(stop, engine.settings.lead.total_seconds() / RENEWALS)
        await self._resign()

    async def _round(self) -> None:
        engine = self._engine
        for duty in self._duties:
            # Renewed before each: a look into RingCentral's record may take its time.
            fence = await engine.database.run(leases.lead, engine.process, engine.settings.lead)
            self._note(fence)
            if fence is None:
                return
            await duty.round(fence)

    def _note(self, fence: int | None) -> None:
        if fence is not None and fence != self._fence:
            self._engine.telemetry.lead_gained()
        if fence is None and self._fence is not None:
            self._engine.telemetry.lead_lost()
        self._fence = fence

    async def _resign(self) -> None:
        engine = self._engine
        if self._fence is None:
            return
        try:
            await engine.database.run(leases.resign, engine.process, self._fence)
        except DatabaseLostError as error:
            engine.telemetry.database_lost(Sentence(error))  # the lease ends by itself
