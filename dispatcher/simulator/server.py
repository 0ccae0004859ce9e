"""Brings the simulator up and down."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from dispatcher.simulator import inbound
from dispatcher.simulator.clock import Clock, SystemClock
from dispatcher.simulator.control import Control, Handler
from dispatcher.simulator.faults import Fault
from dispatcher.simulator.gate import Gate
from dispatcher.simulator.ledger import Ledger
from dispatcher.simulator.loopback import is_loopback
from dispatcher.simulator.notification_faults import NotificationFault
from dispatcher.simulator.records import Record
from dispatcher.simulator.routes import (
    consents,
    numbers,
    oauth,
    sms,
    store,
    subscriptions,
    sync,
)
from dispatcher.simulator.settings import Settings
from dispatcher.simulator.watch import watch
from dispatcher.simulator.world import World

ENDPOINTS = (
    *oauth.ENDPOINTS,
    *sms.ENDPOINTS,
    *numbers.ENDPOINTS,
    *store.ENDPOINTS,
    *sync.ENDPOINTS,
    *consents.ENDPOINTS,
    *subscriptions.ENDPOINTS,
)
MAX_BODY = 10 * 1024 * 1024
_DRAIN_SECONDS = 1.0


class RemoteAddressError(ValueError):
    """The address can be reached from other machines, and nobody allowed that."""

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} can be reached from other machines; --allow-remote allows it")


@dataclass
class Simulator:
    """A simulator that listens. *url* is what a client takes for RingCentral's server."""

    url: str
    world: World
    _runner: web.AppRunner
    _stopping: asyncio.Event
    _watching: asyncio.Task[None]

    @property
    def control_url(self) -> str:
        return f"{self.url}/control"

    @property
    def ledger(self) -> Ledger:
        return self.world.ledger

    def add_fault(self, fault: Fault) -> int:
        """Put *fault* in force, its durations scaled; return the id to remove it by."""
        fault.check()
        return self.world.faults.add(fault.scaled(self.world.settings.scale))

    def remove_fault(self, fault_id: int) -> bool:
        return self.world.faults.remove(fault_id)

    def add_notification_fault(self, fault: NotificationFault) -> int:
        """As add_fault, for what webhooks are told."""
        fault.check()
        return self.world.notification_faults.add(fault.scaled(self.world.settings.scale))

    def remove_notification_fault(self, fault_id: int) -> bool:
        return self.world.notification_faults.remove(fault_id)

    def receive(self, sender: str, to: str, text: str) -> Record:
        """Let a text come in from *sender* to *to*, a number of a user's."""
        return inbound.receive(self.world, sender, to, text)

    def decide(self, ours: str, theirs: str, status: str, source: str = "Recipient") -> None:
        """Put down that *theirs* is OptIn or OptOut for *ours*, without any text."""
        inbound.decide(self.world, ours, theirs, status, source)

    async def all_told(self) -> None:
        """Return once every webhook has answered, or failed to, what it is told so far."""
        await self.world.delivery.all_brought()

    async def stop(self) -> None:
        """Answer what waits at once, tell nobody any more, close; again it does nothing."""
        self._stopping.set()
        self._watching.cancel()
        await self.world.delivery.close()
        await self.world.courier.close()
        await self._runner.cleanup()
        with suppress(asyncio.CancelledError):
            await self._watching  # it ends by itself only with an error


async def start(settings: Settings | None = None, *, clock: Clock | None = None) -> Simulator:
    """Listen as *settings* say; port 0 takes a free one."""
    settings = settings or Settings()
    if not settings.allow_remote and not is_loopback(settings.host):
        raise RemoteAddressError(settings.host)
    world, stopping = World(settings.scaled(), clock or SystemClock()), asyncio.Event()
    # No access log: a query holds full numbers.
    runner = web.AppRunner(
        _application(world, stopping), access_log=None, shutdown_timeout=_DRAIN_SECONDS
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError:
        await runner.cleanup()
        raise
    host, port = runner.addresses[0][:2]
    world.base_url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    watching = asyncio.create_task(watch(world))
    return Simulator(world.base_url, world, runner, stopping, watching)


def _application(world: World, stopping: asyncio.Event) -> web.Application:
    gate = Gate(world, stopping)

    @web.middleware
    async def answer_strays(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as missing:
            if request.path.startswith("/control"):
                raise
            return await gate.stray(request, missing.status)

    app = web.Application(middlewares=[answer_strays], client_max_size=MAX_BODY)
    for endpoint in ENDPOINTS:
        app.router.add_route(endpoint.method, endpoint.path, gate.handler(endpoint))
    app.add_subapp("/control", Control(world).application())
    return app
