"""Reads RingCentral's list of opt-outs each night: what we were not told, it tells."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from dispatcher.core.consents import Consent, ConsentPage
from dispatcher.loops import light, reporting
from dispatcher.loops.engine import Engine
from dispatcher.store import consent_reads
from dispatcher.store.leases import Lead

NIGHTLY = timedelta(hours=24)
AT_START = timedelta(hours=1)
HINTED = timedelta(minutes=15)
"""Each STOP that RingCentral hears changes its list, and the whole of it is read."""
LOOK_SECONDS = 60.0
SENDERS_AT_ONCE = 20  # RingCentral takes no more


class Consents:
    """A duty of the leader. A reading that breaks off is done again, which harms nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._begun: int | None = None
        self.seconds, self.woken = 0.0, asyncio.Event()

    async def round(self, lead: Lead) -> None:
        """Read the list if it is time: nightly, sooner if a lead begins or the list changed."""
        engine = self._engine
        if not engine.let_in:
            return
        if not self.seconds:
            # The first tokens are for what is urgent: what people wrote, what became of texts.
            self.seconds = min(LOOK_SECONDS, engine.settings.sync)
            return
        hinted = engine.consents_changed.is_set()
        after = HINTED if hinted else NIGHTLY if self._begun == lead.fence else AT_START
        if await engine.database.run(consent_reads.due, lead.login, after):
            engine.consents_changed.clear()
            found = await self._list(lead.login)
            if found is None:
                engine.consents_changed.set()
                return  # not now
            await self._compare(lead, found)
        self._begun = lead.fence

    async def _compare(self, lead: Lead, found: Sequence[Consent]) -> None:
        """Take over what is new to us, each number in a transaction of its own."""
        engine = self._engine
        news = await engine.database.run(consent_reads.news, found)
        for asked in news:
            done = await engine.database.run(consent_reads.adopt, lead, asked)
            reporting.opted_out(engine.telemetry, asked.phone, asked.source, done)
        phones = {consent.phone for consent in found}
        only_ours = await engine.database.run(consent_reads.note, lead, phones, len(news))
        engine.telemetry.consents_compared(len(phones), len(news), only_ours)

    async def _list(self, login: str) -> Sequence[Consent] | None:
        """Return who opted out of any number of ours; None if not to be had.

        Of each number the last opt-out on a program's word, and the last one on any other.
        """
        found: dict[tuple[str, bool], Consent] = {}
        senders = await self._engine.database.run(consent_reads.senders, login)
        for start in range(0, len(senders), SENDERS_AT_ONCE):
            some, asked = senders[start : start + SENDERS_AT_ONCE], None
            page = await self._page(some, None)
            while page:
                for one in page.opted_out:
                    known = found.setdefault((one.phone, one.by_api), one)
                    if known.at < one.at:
                        found[one.phone, one.by_api] = one
                if not page.next or page.next == asked:
                    break
                asked = page.next
                page = await self._page(some, asked)
            if page is None:
                return None
        return list(found.values())

    async def _page(self, senders: list[str], page: str | None) -> ConsentPage | None:
        """Return a page of the list, or None if it can't be had now."""
        engine = self._engine
        return await light.asked(
            engine, light.CONSENTS, engine.gateway.opted_out, senders, page
        )
