"""Repeats what the start needs of the database until it is there, or the stop comes first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

from dispatcher.loops.outage import Outage
from dispatcher.store.pool import DatabaseLostError

P = ParamSpec("P")
R = TypeVar("R")


class Patience:
    """Waits through an *outage*. *pause* waits so long or until *stop* is set."""

    def __init__(
        self,
        outage: Outage,
        stop: asyncio.Event,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._outage = outage
        self._retrying = AsyncRetrying(
            retry=retry_if_exception_type(DatabaseLostError),
            wait=wait_exponential(multiplier=0.2, max=2),
            sleep=pause,
            before_sleep=self._tell,
            stop=lambda _: stop.is_set(),
            reraise=True,
        )

    async def __call__(
        self, work: Callable[P, Awaitable[R]], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Return what *work* does; DatabaseLostError means that the stop came first."""
        done: R = await self._retrying(work, *args, **kwargs)
        self._outage.over(began=float("inf"))  # nothing else was under way
        return done

    def _tell(self, state: RetryCallState) -> None:
        error = state.outcome and state.outcome.exception()
        if isinstance(error, DatabaseLostError):
            self._outage.note(error)
