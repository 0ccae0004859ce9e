"""Waiting for whatever comes first."""

import asyncio
from collections.abc import Awaitable


async def until_first(*awaited: Awaitable[object]) -> None:
    """Return once one is done; the others are cancelled, and over when this returns."""
    tasks = [asyncio.ensure_future(one) for one in awaited]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
