"""All that the simulator remembers, in one place that the routes are handed."""

import asyncio
from dataclasses import dataclass, field

from dispatcher.simulator.changes import Changes
from dispatcher.simulator.clock import Clock
from dispatcher.simulator.consents import Consents
from dispatcher.simulator.courier import Courier
from dispatcher.simulator.delivery import Delivery
from dispatcher.simulator.faults import Faults
from dispatcher.simulator.ledger import Ledger
from dispatcher.simulator.limits import Limits
from dispatcher.simulator.notification_faults import NotificationFaults
from dispatcher.simulator.settings import Settings
from dispatcher.simulator.store import Store
from dispatcher.simulator.subscriptions import Subscriptions
from dispatcher.simulator.sync import Syncs
from dispatcher.simulator.tokens import Sessions


@dataclass
class World:
    """*settings* are scaled already. *base_url* is known once the server listens.

    *stirred* is set by whatever may give the watch something to tell.
    """

    settings: Settings
    clock: Clock
    base_url: str = ""
    ledger: Ledger = field(default_factory=Ledger)
    consents: Consents = field(default_factory=Consents)
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    limits: Limits = field(init=False)
    sessions: Sessions = field(init=False)
    changes: Changes = field(init=False)
    store: Store = field(init=False)
    syncs: Syncs = field(init=False)
    faults: Faults = field(init=False)
    notification_faults: NotificationFaults = field(init=False)
    courier: Courier = field(init=False)
    delivery: Delivery = field(init=False)

    def __post_init__(self) -> None:
        settings = self.settings
        self.limits = Limits(settings.window, settings.penalty, settings.limit)
        self.sessions = Sessions(settings)
        self.changes = Changes(self.stirred)
        self.store = Store(settings, self.changes)
        self.syncs = Syncs(settings, self.store)
        self.faults = Faults(settings.faults, settings.seed)
        self.notification_faults = NotificationFaults(
            settings.notification_faults, settings.seed
        )
        self.courier = Courier(settings.webhook_timeout, self.clock)
        self.delivery = Delivery(
            settings, self.clock, self.subscriptions, self.notification_faults, self.courier
        )
