"""All that the simulator remembers, in one place that the routes are handed."""

from dataclasses import dataclass, field

from dispatcher.simulator.clock import Clock
from dispatcher.simulator.faults import Faults
from dispatcher.simulator.ledger import Ledger
from dispatcher.simulator.limits import Limits
from dispatcher.simulator.settings import Settings
from dispatcher.simulator.store import Store
from dispatcher.simulator.sync import Syncs
from dispatcher.simulator.tokens import Sessions


@dataclass
class World:
    """*settings* are scaled already. *base_url* is known once the server listens."""

    settings: Settings
    clock: Clock
    base_url: str = ""
    ledger: Ledger = field(default_factory=Ledger)
    limits: Limits = field(init=False)
    sessions: Sessions = field(init=False)
    store: Store = field(init=False)
    syncs: Syncs = field(init=False)
    faults: Faults = field(init=False)

    def __post_init__(self) -> None:
        self.limits = Limits(self.settings.window, self.settings.penalty, self.settings.limit)
        self.sessions = Sessions(self.settings)
        self.store = Store(self.settings)
        self.syncs = Syncs(self.settings, self.store)
        self.faults = Faults(self.settings.faults, self.settings.seed)
