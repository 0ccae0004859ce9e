"""The line for look-ups: RingCentral's group Light is one for all processes of a login."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from dispatcher.core.alerts import Alert
from dispatcher.loops import reporting
from dispatcher.loops.engine import Engine
from dispatcher.loops.login_watch import LIGHT
from dispatcher.ports import LimitedError
from dispatcher.store import login
from dispatcher.store.alerts import Changed

LONGEST_WAIT_SECONDS = 5.0


async def may_ask(engine: Engine) -> bool:
    """Take a token of the group, waiting a little for one."""
    wait = await engine.database.run(login.take_token, engine.settings.login, LIGHT)
    if 0 < wait <= LONGEST_WAIT_SECONDS:
        await engine.clock.wait(asyncio.Event(), wait)
        wait = await engine.database.run(login.take_token, engine.settings.login, LIGHT)
    return wait == 0


async def throttled(engine: Engine, limit: LimitedError) -> None:
    """Stop the group, or the login, for everybody."""
    group = LIGHT if limit.group else None
    wait = timedelta(seconds=limit.seconds)
    await engine.database.run(login.throttle, engine.settings.login, group, wait)
    engine.telemetry.limit_hit(limit.group, limit.seconds)


async def readable(engine: Engine, change: Callable[..., Awaitable[Changed]]) -> None:
    """Raise or clear the alert about a record that we may not read."""
    mine = [Alert("record_unreadable", engine.settings.login)]
    reporting.alerts(engine.telemetry, await engine.database.run(change, mine))
