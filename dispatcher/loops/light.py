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

LONGEST_WAIT = timedelta(seconds=15)


async def may_ask(engine: Engine) -> bool:
    """Stand in line for a token of the group, for a little while."""
    return await turn(engine, LIGHT, LONGEST_WAIT)


async def turn(engine: Engine, group: str, longest: timedelta) -> bool:
    """Stand in line for a token of *group*; False if there is none in so long.

    Who asks in a penalty begins it anew: it may have come while we stood there.
    """
    name = engine.settings.login
    wait = await engine.database.run(login.stand_in_line, name, group, longest)
    if wait is None:
        return False
    await engine.clock.wait(asyncio.Event(), wait)
    return not (wait and await engine.database.run(login.is_stopped, name, group))


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
