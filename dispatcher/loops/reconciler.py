"""Finds out the fate of unknown texts: looks into RingCentral's record, and looks again."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from dispatcher.core import reconcile
from dispatcher.core.alerts import Alert
from dispatcher.core.errors import DispatcherError
from dispatcher.core.reconcile import Record
from dispatcher.loops import reporting
from dispatcher.loops.engine import Engine
from dispatcher.loops.login_watch import LIGHT
from dispatcher.ports import LimitedError, LoginUnreachableError
from dispatcher.store import alerts, login, reconciling
from dispatcher.store.alerts import Changed
from dispatcher.store.leases import Lead
from dispatcher.store.reconciling import Due

LONGEST_WINDOW = timedelta(hours=1)
LONGEST_WAIT_SECONDS = 5.0


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
            if not await self._may_ask():
                return None
            try:
                answer = await self._engine.gateway.outbound(since, until, page)
            except LimitedError as limit:
                await self._throttled(limit)
                return None
            except LoginUnreachableError:
                return None  # the login's own alerts tell
            except DispatcherError:
                await self._readable(alerts.raise_all)
                return None
            records.extend(answer.records)
            pages = answer.pages
        await self._readable(alerts.clear_all)
        return records

    async def _readable(self, change: Callable[..., Awaitable[Changed]]) -> None:
        """Raise or clear the alert about a record that we may not read."""
        engine = self._engine
        mine = [Alert("record_unreadable", engine.settings.login)]
        reporting.alerts(engine.telemetry, await engine.database.run(change, mine))

    async def _may_ask(self) -> bool:
        """Take a token of the group Light, waiting a little for one."""
        engine = self._engine
        wait = await engine.database.run(login.take_token, engine.settings.login, LIGHT)
        if 0 < wait <= LONGEST_WAIT_SECONDS:
            await engine.clock.wait(asyncio.Event(), wait)
            wait = await engine.database.run(login.take_token, engine.settings.login, LIGHT)
        return wait == 0

    async def _throttled(self, limit: LimitedError) -> None:
        engine = self._engine
        group = LIGHT if limit.group else None
        wait = timedelta(seconds=limit.seconds)
        await engine.database.run(login.throttle, engine.settings.login, group, wait)
        engine.telemetry.limit_hit(limit.group, limit.seconds)
