"""Finds out the fate of unknown texts: looks into RingCentral's record, and looks again."""

import asyncio
from datetime import datetime, timedelta

from dispatcher.core import reconcile
from dispatcher.core.reconcile import Record
from dispatcher.loops import light, reporting
from dispatcher.loops.engine import Engine
from dispatcher.store import reconciling
from dispatcher.store.leases import Lead
from dispatcher.store.reconciling import Due

LONGEST_WINDOW = timedelta(hours=1)


class Reconciler:
    """A duty of the leader."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.seconds, self.woken = 0.0, asyncio.Event()

    async def round(self, lead: Lead) -> None:
        """Look for what is due, then end what was held for long enough."""
        engine, s = self._engine, self._engine.settings
        due = await engine.database.run(reconciling.due, s.login, s.waits)
        for since, until, doubts in reconcile.windows([d.doubt for d in due], LONGEST_WINDOW):
            records = await self._record(since, until)
            if records is None:
                break  # not now; what is due stays due
            wanted = {d.attempt for d in doubts}
            await self._conclude(lead, [d for d in due if d.doubt.attempt in wanted], records)
        ended = await engine.database.run(
            reconciling.end_held, lead, s.if_absent, s.rules.lifetime, s.waits.presume
        )
        reporting.reconciled(engine.telemetry, ended)

    async def _conclude(self, lead: Lead, due: list[Due], records: list[Record]) -> None:
        engine = self._engine
        ours, in_flight = await engine.database.run(reconciling.known, records, due)
        seen = reconcile.look([d.doubt for d in due], records, ours, in_flight)
        done = await engine.database.run(
            reconciling.write, lead, due, seen, engine.settings.if_absent
        )
        reporting.reconciled(engine.telemetry, done)
        if done.decided:
            engine.hint()  # what is sent once more, and what waited for this
        if done.held:
            engine.alarmed.set()

    async def _record(self, since: datetime, until: datetime) -> list[Record] | None:
        """Return RingCentral's record of that time, or None if it can't be had now."""
        records: list[Record] = []
        page, pages = 0, 1
        while page < pages:
            page += 1
            answer = await light.asked(
                self._engine, light.RECORD, self._engine.gateway.outbound, since, until, page
            )
            if answer is None:
                return None
            records.extend(answer.records)
            pages = answer.pages
        return records
