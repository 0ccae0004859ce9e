"""Several processes' worth of gateways on one database, and one simulator for all of them."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from dispatcher.edge.ringcentral.gateway import RingCentralGateway
from dispatcher.edge.ringcentral.login import Login
from dispatcher.edge.ringcentral.sdk import Sdk
from dispatcher.edge.ringcentral.threads import Threads
from dispatcher.simulator.clock import ManualClock
from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.pool import Database
from support.ringcentral import ShiftedClock, account
from support.shelf import DatedShelf, pool

NAME = "the-one-login"


class WatchedClock(ShiftedClock):
    """Says when somebody waits for time to pass."""

    def __init__(self) -> None:
        self.waiting = asyncio.Event()

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        self.waiting.set()
        return await super().wait(event, seconds)


@dataclass
class Office:
    """Makes what a process has of its own: gateway or login, and a pool of connections."""

    dsn: str
    stack: AsyncExitStack
    clock: WatchedClock = field(default_factory=WatchedClock)
    theirs: ManualClock = field(default_factory=ManualClock)
    simulator: Simulator = field(init=False)

    async def open(self, settings: Settings) -> None:
        self.simulator = await start(settings, clock=self.theirs)
        self.stack.push_async_callback(self.simulator.stop)

    async def database(self) -> Database:
        return await self.stack.enter_async_context(pool(self.dsn, size=1))

    async def shelf(self) -> DatedShelf:
        return DatedShelf(await self.database(), NAME)

    async def gateways(self, count: int) -> list[RingCentralGateway]:
        return [await self._gateway() for _ in range(count)]

    async def _gateway(self) -> RingCentralGateway:
        shelf = await self.shelf()
        gateway = RingCentralGateway(account(self.simulator.url), self.clock, shelf)
        self.stack.push_async_callback(gateway.close)
        return gateway

    async def login(self, database: Database | None = None, **changed: Any) -> Login:
        ours, shelf = account(self.simulator.url, **changed), await self.shelf()
        if database:
            shelf = DatedShelf(database, NAME)
        sdk, threads = Sdk(ours, self.clock, 1), Threads(self.clock, 1, ours.longest)
        login = Login(ours, sdk, threads, self.clock, shelf)
        self.stack.callback(sdk.close)
        self.stack.push_async_callback(threads.close)
        self.stack.push_async_callback(login.close)
        return login

    async def later(self, seconds: float) -> None:
        """Let time pass for all of us and for the database, not for the simulator."""
        self.clock.ahead += seconds
        await (await self.shelf()).age(seconds)

    def fault(self, kind: Kind, **more: object) -> None:
        self.simulator.add_fault(Fault.parse({"kind": kind, **more}))

    @property
    def logins(self) -> list[int]:
        """The statuses of all logins so far."""
        return [r.status for r in self.simulator.ledger.requests if r.group == "auth"]


async def renewed() -> None:
    """Return once no login is under way in the background."""
    under_way = {each for each in asyncio.all_tasks() if each.get_name() == "login"}
    if under_way:
        await asyncio.wait(under_way)
