"""Takes what RingCentral calls us with to the database, all that came meanwhile in one go."""

import asyncio
from dataclasses import dataclass, field

from dispatcher.core.notice import Heard, Notice
from dispatcher.loops.engine import Engine
from dispatcher.store import webhooks
from dispatcher.store.pool import CrossedError, DatabaseLostError

PATIENCE_SECONDS = 0.8
"""RingCentral waits for three seconds; a proxy or a slow network may need the rest."""

MOST_AT_ONCE = 100
MOST_WAITING = 1000


@dataclass(eq=False)
class _Waiting:
    notice: Notice
    result: Heard = Heard.UNAVAILABLE
    known: asyncio.Event = field(default_factory=asyncio.Event)
    given_up: bool = False


class Hearing:
    """Calls wait in a line until they are on the disk, or for so long."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._line: list[_Waiting] = []
        self._came = asyncio.Event()
        self._ended = False

    async def take(self, notice: Notice) -> Heard:
        """Return what became of *notice*, within a second whatever the database does."""
        if len(self._line) >= MOST_WAITING:
            return Heard.UNAVAILABLE
        waiting = _Waiting(notice)
        self._line.append(waiting)
        self._came.set()
        waiting.given_up = not await self._engine.clock.wait(waiting.known, PATIENCE_SECONDS)
        return waiting.result

    def end(self) -> None:
        """Let `run` return once nobody waits any more."""
        self._ended = True
        self._came.set()

    async def run(self) -> None:
        """Store what comes until the end."""
        while not self._ended or self._line:
            await self._came.wait()
            self._came.clear()
            while batch := self._next():
                await self._store(batch)

    def _next(self) -> list[_Waiting]:
        self._line = [each for each in self._line if not each.given_up]
        batch, self._line = self._line[:MOST_AT_ONCE], self._line[MOST_AT_ONCE:]
        return batch

    async def _store(self, batch: list[_Waiting]) -> None:
        engine = self._engine
        notices = [each.notice for each in batch]
        began = engine.clock.monotonic()
        try:
            believed = await engine.database.run(webhooks.hear, engine.settings.login, notices)
        except CrossedError:
            self._line[:0] = batch  # it was undone by others: once more
        except DatabaseLostError as error:
            for each in batch:
                each.known.set()
            await engine.outage(error)
        else:
            engine.database_wrote(began)
            for each, is_ours in zip(batch, believed, strict=True):
                each.result = Heard.STORED if is_ours else Heard.STRANGE
                each.known.set()
