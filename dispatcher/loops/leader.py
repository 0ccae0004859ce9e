"""One process does for all what need not be done by each: by a lease, with a fence."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from dispatcher.loops.engine import Engine
from dispatcher.store import leases
from dispatcher.store.leases import DeposedError, Lead
from dispatcher.store.pool import DatabaseLostError

RENEWALS = 3  # in the life of a lease: one may fail


class Duty(Protocol):
    """Work of the leader. Each of its writes names the lead; two at once would do no harm.

    A round comes every *seconds* at least (0: a few times in the life of the lease), and at
    once when *woken* is set.
    """

    seconds: float
    woken: asyncio.Event

    async def round(self, lead: Lead) -> None:
        """Do what is due. DeposedError: another leads now."""
        ...


class Leader:
    """Leads if nobody else does, and takes over within a lease from one that is gone."""

    def __init__(self, engine: Engine, duties: Sequence[Duty]) -> None:
        self._engine = engine
        self._duties = duties
        self._lead: Lead | None = None
        self._lasts = engine.settings.lead
        self._often = self._lasts.total_seconds() / RENEWALS

    async def run(self, stop: asyncio.Event) -> None:
        """Stand by or lead until *stop* is set; then let the next one lead at once."""
        async with asyncio.TaskGroup() as all_at_once:
            all_at_once.create_task(self._hold(stop))
            all_at_once.create_task(self._wake_all(stop))
            for duty in self._duties:
                all_at_once.create_task(self._serve(duty, stop))
        await self._resign()

    async def _hold(self, stop: asyncio.Event) -> None:
        """Take or renew the lease in time, however long a duty takes."""
        engine = self._engine
        while not stop.is_set():
            try:
                lead = await engine.database.run(
                    leases.lead, engine.settings.login, engine.process, self._lasts
                )
                self._note(lead)
            except DatabaseLostError as error:
                await engine.outage(error)
                continue
            await engine.clock.wait(stop, self._often)

    async def _serve(self, duty: Duty, stop: asyncio.Event) -> None:
        """Do one duty again and again while the lease is ours; none waits for another."""
        engine = self._engine
        while not stop.is_set():
            try:
                if self._lead:
                    await duty.round(self._lead)
            except DeposedError:
                self._note(None)
            except DatabaseLostError as error:
                await engine.outage(error)
                continue
            await engine.clock.wait(duty.woken, duty.seconds or self._often)
            duty.woken.clear()

    async def _wake_all(self, stop: asyncio.Event) -> None:
        await stop.wait()
        for duty in self._duties:
            duty.woken.set()

    def _note(self, lead: Lead | None) -> None:
        if lead and lead != self._lead:
            self._engine.telemetry.lead_gained()
            for duty in self._duties:  # some come seldom; none is due without a lead
                duty.woken.set()
        if self._lead and not lead:
            self._engine.telemetry.lead_lost()
        self._lead = lead

    async def _resign(self) -> None:
        engine = self._engine
        if not self._lead:
            return
        try:
            await engine.database.run(leases.resign, engine.process, self._lead)
        except DatabaseLostError as error:
            engine.away.note(error)  # the lease ends by itself
