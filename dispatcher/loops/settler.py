"""Settles attempts in batches: what RingCentral answered, written down once."""

import asyncio

from dispatcher.core import fate, outcome
from dispatcher.loops import reporting
from dispatcher.loops.engine import Engine
from dispatcher.loops.login_watch import LoginWatch
from dispatcher.loops.sender import Answered
from dispatcher.ports import Answer
from dispatcher.store import settling
from dispatcher.store.opening import Attempt
from dispatcher.store.pool import DatabaseLostError
from dispatcher.store.settling import Settled, Settlement


class Settler:
    """Writes *answers* down, however long the database is away.

    An answer that is lost would leave a text of which nobody knows whether it went out.
    """

    def __init__(
        self, engine: Engine, watch: LoginWatch, answers: "asyncio.Queue[Answered | None]"
    ) -> None:
        self._engine = engine
        self._watch = watch
        self._answers = answers

    async def run(self) -> None:
        """Settle until the answers end."""
        more = True
        while more:
            batch, more = await self._gather()
            if batch:
                await self._settle(batch)

    async def _gather(self) -> tuple[list[Answered], bool]:
        """Return what was answered within a moment, and whether more may come."""
        batch: list[Answered] = []
        settings, clock = self._engine.settings, self._engine.clock
        item = await self._answers.get()
        deadline = clock.monotonic() + settings.settle_after
        while item is not None:
            batch.append(item)
            left = deadline - clock.monotonic()
            if left <= 0 or len(batch) >= settings.batch:
                return batch, True
            if not self._answers.empty():  # no timer for what is there
                item = self._answers.get_nowait()
                continue
            try:
                async with asyncio.timeout(left):
                    item = await self._answers.get()
            except TimeoutError:
                return batch, True
        return batch, False

    async def _settle(self, batch: list[Answered]) -> None:
        settlements = [self._decide(attempt, answer) for attempt, answer in batch]
        done = await self._until_done(batch, settlements)
        for settlement, (attempt, answer) in zip(settlements, batch, strict=True):
            reporting.settled(self._engine.telemetry, attempt, settlement, answer)
        for settlement in done.late:
            self._engine.telemetry.answer_delayed(
                settlement.key.message, settlement.key.attempt, settlement.outcome
            )
        self._engine.ended(len(batch))

    def _decide(self, attempt: Attempt, answer: Answer) -> Settlement:
        settings, result = self._engine.settings, answer.outcome
        code = getattr(result, "code", None)
        decided = fate.of(
            result,
            attempt.facts.attempts + 1,
            settings.max_attempts,
            settings.backoff,
            self._engine.clock.chance(),
        )
        return Settlement(attempt.key, result.word, code, _sentence(result, code), decided)

    async def _until_done(
        self, batch: list[Answered], settlements: list[Settlement]
    ) -> Settled:
        """Stop what has to be stopped, then settle; both may be done again after an outage."""
        drawn = 0
        while True:
            try:
                for attempt, answer in batch[drawn:]:
                    await self._watch.draw(attempt, answer)
                    drawn += 1
                return await self._engine.database.run(settling.settle, settlements)
            except DatabaseLostError as error:
                await self._engine.outage(error)


def _sentence(result: outcome.Outcome, code: str | None) -> str:
    if code:
        return outcome.sentence(code)
    return fate.SENTENCES.get(type(result), "")
