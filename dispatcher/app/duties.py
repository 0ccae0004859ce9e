"""What one process does for all processes of its login."""

from dispatcher.app.wiring import hook_of
from dispatcher.config import Config
from dispatcher.loops.closing import Closing
from dispatcher.loops.consents import Consents
from dispatcher.loops.engine import Engine
from dispatcher.loops.leader import Duty
from dispatcher.loops.reaper import Reaper
from dispatcher.loops.reconciler import Reconciler
from dispatcher.loops.rollup import Rollup
from dispatcher.loops.spam import SpamWatch
from dispatcher.loops.subscription import Subscriptions
from dispatcher.loops.sync import Sync
from dispatcher.loops.telling import Telling


def duties_of(engine: Engine, config: Config) -> list[Duty]:
    """Return the leader's duties."""
    return [
        Reaper(engine),
        Reconciler(engine),
        Sync(engine),
        Closing(engine),
        SpamWatch(engine),
        Consents(engine),
        Telling(engine),
        Rollup(engine),
        Subscriptions(engine, hook_of(config)),
    ]
