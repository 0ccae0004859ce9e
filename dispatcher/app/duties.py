"""What one process does for all processes of its login."""

from dispatcher.loops.closing import Closing
from dispatcher.loops.consents import Consents
from dispatcher.loops.engine import Engine
from dispatcher.loops.leader import Duty
from dispatcher.loops.reaper import Reaper
from dispatcher.loops.reconciler import Reconciler
from dispatcher.loops.spam import SpamWatch
from dispatcher.loops.sync import Sync


def duties_of(engine: Engine) -> list[Duty]:
    """Return the leader's duties."""
    return [
        Reaper(engine),
        Reconciler(engine),
        Sync(engine),
        Closing(engine),
        SpamWatch(engine),
        Consents(engine),
    ]
