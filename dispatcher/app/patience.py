"""Repeats what the start needs of the database until it is there, or the stop comes first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_exponential

from dispatcher.core.privacy import Sentence
from dispatcher.ports import Clock
from dispatcher.store.pool import DatabaseLostError, DatabaseRefusedError
from dispatcher.telemetry import Telemetry

P = ParamSpec("P")
R = TypeVar("R")


class Patience:
    """Tells an outage once, and its end. *pause* waits so long or until *stop* is set.

    *why* says what is waited for; it is empty if nothing is.
    """

    def __init__(
        self,
        telemetry: Telemetry,
        clock: Clock,
        stop: asyncio.Event,
        pause: Callable[[float], Awaitable[None]],
    ) -> None:
        self._telemetry, self._clock = telemetry, clock
        self.why = ""
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
        started = self._clock.monotonic()
        done: R = await self._retrying(work, *args, **kwargs)
        self._telemetry.database_back(self._clock.monotonic() - started)
        self.why = ""
        return done

    def _tell(self, state: RetryCallState) -> None:
        """Say why we wait. Behind the first reason may be one that somebody has to mend."""
        error = state.outcome and state.outcome.exception()
        why = Sentence(error)
        if self.why not in {"", why} and isinstance(error, DatabaseRefusedError):
            self._telemetry.warning_raised(why)
        self._telemetry.database_lost(why)
        self.why = why
