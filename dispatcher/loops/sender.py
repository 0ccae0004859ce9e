"""Paces claims, opens their attempts, and hands the texts to RingCentral."""

import asyncio

from aiolimiter import AsyncLimiter

from dispatcher.core.message import Claim
from dispatcher.loops import reporting
from dispatcher.loops.engine import Engine
from dispatcher.ports import Answer, Order
from dispatcher.store import claims, opening, unheard
from dispatcher.store.opening import Attempt
from dispatcher.store.pool import DatabaseLostError

Answered = tuple[Attempt, Answer]


class Sender:
    """Takes claims from *line* in their order; answers go into *answers*, which ends with None.

    The wait for the rate is here, before an attempt is opened: no attempt waits for its turn.
    """

    def __init__(
        self,
        engine: Engine,
        pace: AsyncLimiter,
        line: "asyncio.Queue[Claim | None]",
        answers: "asyncio.Queue[Answered | None]",
    ) -> None:
        self._engine = engine
        self._pace = pace
        self._line = line
        self._answers = answers

    async def run(self, stop: asyncio.Event) -> None:
        """Send until the line ends; once *stop* is set, hand back what is left in it.

        Returns when every request in flight was answered.
        """
        async with asyncio.TaskGroup() as flights:
            while held := await self._next(stop):
                if stop.is_set():
                    await self._hand_back(held)
                    continue
                for attempt, begin_by in await self._open(held, stop):
                    flights.create_task(self._send(attempt, begin_by))
                self._engine.let_go(held)
        self._answers.put_nowait(None)

    async def _next(self, stop: asyncio.Event) -> list[Claim]:
        """Return the claims whose turn it is, all that the pace allows at once."""
        held: list[Claim] = []
        while not held or (not self._line.empty() and self._pace.has_capacity()):
            claim = await self._line.get()
            if claim is None:
                self._line.put_nowait(None)  # for the next look: the line stays ended
                break
            held.append(claim)
            if not stop.is_set():
                await self._pace.acquire()
        return held

    async def _open(
        self, held: list[Claim], stop: asyncio.Event
    ) -> list[tuple[Attempt, float]]:
        """Open attempts, each with the moment after which its request must not begin."""
        engine = self._engine
        # Taken before the transaction: our own limit is never later than the ledger's.
        begin_by = engine.clock.monotonic() + engine.settings.send_by.total_seconds()
        try:
            opened = await engine.database.run(
                opening.open_attempts, held, engine.judge, engine.terms()
            )
        except DatabaseLostError as error:
            await self._give_up(held, stop, error)
            return []
        reporting.opened(engine.telemetry, opened)
        if opened.exceeded or opened.day_exceeded:
            engine.alarmed.set()
        engine.ended(len(held) - len(opened.attempts))
        return [(attempt, begin_by) for attempt in opened.attempts]

    async def _send(self, attempt: Attempt, begin_by: float) -> None:
        # No connection is held here: a slow provider must not drain the pool.
        facts = attempt.facts
        order = Order(attempt.claim.sender, facts.phone or "", facts.text, begin_by)
        self._answers.put_nowait((attempt, await self._engine.gateway.send(order)))

    async def _give_up(
        self, held: list[Claim], stop: asyncio.Event, lost: DatabaseLostError
    ) -> None:
        """Put *held* back as soon as the database is there, and meanwhile open nothing.

        They may have been opened after all; no request was begun.
        """
        engine, back = self._engine, False
        while not back and not stop.is_set():
            await engine.outage(lost)
            try:
                await engine.database.run(unheard.give_up, held)
            except DatabaseLostError:
                continue
            back = True
        engine.ended(len(held))

    async def _hand_back(self, held: list[Claim]) -> None:
        self._engine.ended(len(held))
        try:
            await self._engine.database.run(claims.hand_back, held)
        except DatabaseLostError as error:  # their lease gives them back
            self._engine.away.note(error)
