"""Runs loops side by side; the first error ends them all."""

import asyncio
from collections.abc import Coroutine, Sequence

from dispatcher.core.errors import DispatcherError


async def together(loops: Sequence[Coroutine[None, None, None]]) -> None:
    """Return when all have; what a person has to mend leaves as one DispatcherError."""
    try:
        async with asyncio.TaskGroup() as group:
            for loop in loops:
                group.create_task(loop)
    except* DispatcherError as found:
        error: BaseException = found
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None  # a sentence for people, not a group of groups
