"""Reads RingCentral's record on: what changed since the last time, and what was missed."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar

from dispatcher.loops import light
from dispatcher.loops.engine import Engine
from dispatcher.ports import TokenRefusedError
from dispatcher.store import syncs
from dispatcher.store.leases import Lead
from dispatcher.store.syncs import Gap, Standing

P = ParamSpec("P")
R = TypeVar("R")

PAGES_AT_ONCE = 5


class Sync:
    """A duty of the leader. What it stores is applied by whoever comes first."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._follow = engine.settings.unconfirmed
        self._news = 0  # of the gap that is being read
        self.seconds, self.woken = engine.settings.sync, engine.record_changed

    async def round(self, lead: Lead) -> None:
        """Read on with the token; where it leads no further, the list tells what it would have.

        The new token comes first: what changes while the list is read, it tells.
        """
        if not self._engine.let_in:
            return
        at = await self._standing(lead)
        if at.token is None or not await self._read_on(lead, at.token):
            if not await self._begin_anew(lead, at):
                return  # not now; the gap only becomes longer
            at = await self._standing(lead)
        if at.gap:
            await self._read_gap(lead, at.gap)

    async def _standing(self, lead: Lead) -> Standing:
        return await self._engine.database.run(syncs.standing, lead.login, self._follow)

    async def _read_on(self, lead: Lead, token: str) -> bool:
        """Store what changed, if it can be had now; False: the token leads no further."""
        engine = self._engine
        try:
            found = await self._asked(engine.gateway.changes, token)
        except TokenRefusedError:
            return False
        if found:
            news = await engine.database.run(syncs.move, lead, token, found)
            engine.telemetry.record_read(news)
        return True

    async def _begin_anew(self, lead: Lead, at: Standing) -> bool:
        engine = self._engine
        then = await self._asked(engine.gateway.new_token, at.earliest)
        if then is None:
            return False
        await engine.database.run(syncs.open_gap, lead, at.known, then, self._follow)
        return True

    async def _read_gap(self, lead: Lead, gap: Gap) -> None:
        """Read some of the list of the gap's time, from the page on where it was left."""
        engine = self._engine
        for _ in range(PAGES_AT_ONCE):
            page = await self._asked(engine.gateway.history, gap.since, gap.until, gap.page)
            if page is None:
                return  # the next round goes on here
            last = gap.page >= page.pages
            self._news += await engine.database.run(
                syncs.turn_page, lead, gap, page.raws, last=last
            )
            if last:
                engine.telemetry.gap_filled(gap.since, gap.until, gap.page, self._news)
                self._news = 0
                return
            gap = replace(gap, page=gap.page + 1)
        self.woken.set()  # the rest follows, once it is known what changed meanwhile

    async def _asked(
        self, ask: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R | None:
        return await light.asked(self._engine, light.RECORD, ask, *args, **kwargs)
