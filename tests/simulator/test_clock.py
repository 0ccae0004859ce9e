"""The clock that a test moves."""

import asyncio

import pytest

from dispatcher.simulator.clock import ManualClock


async def test_who_gave_up_waiting_is_not_waited_for() -> None:
    clock = ManualClock()
    waiting = asyncio.ensure_future(clock.wait(5))
    await clock.waiters()
    waiting.cancel()
    await asyncio.wait([waiting])
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await clock.waiters()


async def test_who_waits_is_woken_when_the_time_has_come() -> None:
    clock = ManualClock()
    short, long = (asyncio.ensure_future(clock.wait(seconds)) for seconds in (5, 6))
    await clock.waiters(2)
    clock.advance(5)
    await short
    assert not long.done()
    clock.advance(1)
    await long
