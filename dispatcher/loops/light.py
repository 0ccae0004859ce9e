"""The line for look-ups: RingCentral's group Light is one for all processes of a login."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import ParamSpec, TypeVar

from dispatcher.core.alerts import Alert
from dispatcher.core.errors import DispatcherError
from dispatcher.loops import reporting
from dispatcher.loops.engine import Engine
from dispatcher.loops.login_watch import LIGHT
from dispatcher.ports import LimitedError, LoginUnreachableError, TokenRefusedError
from dispatcher.store import alerts, login

P = ParamSpec("P")
R = TypeVar("R")

LONGEST_WAIT = timedelta(seconds=15)
RECORD, CONSENTS = "record_unreadable", "consents_unreadable"
"""The alerts that hold while RingCentral does not let us look."""


async def asked(
    engine: Engine,
    unreadable: str,
    ask: Callable[P, Awaitable[R]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R | None:
    """Return RingCentral's answer to a look-up in our turn, or None if it can't be had now.

    *unreadable* is RECORD or CONSENTS.
    """
    if not await turn(engine, LIGHT, LONGEST_WAIT):
        return None
    mine = [Alert(unreadable, engine.settings.login)]
    try:
        answer = await ask(*args, **kwargs)
    except TokenRefusedError:
        raise  # no refusal to let us look
    except LimitedError as limit:
        await throttled(engine, LIGHT, limit)
        return None
    except LoginUnreachableError:
        return None  # the login's own alerts tell
    except DispatcherError:
        raised = await engine.database.run(alerts.raise_all, mine)
        reporting.alerts(engine.telemetry, raised)
        return None
    reporting.alerts(engine.telemetry, await engine.database.run(alerts.clear_all, mine))
    return answer


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


async def throttled(engine: Engine, group: str, limit: LimitedError) -> None:
    """Stop the *group* that we asked in, or the login, for everybody."""
    stopped = group if limit.group else None
    wait = timedelta(seconds=limit.seconds)
    await engine.database.run(login.throttle, engine.settings.login, stopped, wait)
    engine.telemetry.limit_hit(limit.group, limit.seconds)
