"""/control: what a test reads and changes from outside. Only this machine is answered."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict

from aiohttp import web

from dispatcher.simulator.control_people import People
from dispatcher.simulator.control_replies import (
    answer,
    body_of,
    done,
    entry,
    found,
    many_of,
    wrong,
)
from dispatcher.simulator.faults import Fault, FaultError
from dispatcher.simulator.loopback import is_loopback
from dispatcher.simulator.settings import LIMITS
from dispatcher.simulator.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    # The connection's own peer: a header that claims another is not looked at.
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not peer or not is_loopback(peer[0]):
        raise web.HTTPForbidden
    return await handler(request)


class Control:
    """The handlers of /control."""

    def __init__(self, world: World) -> None:
        self._world = world

    def application(self) -> web.Application:
        app = web.Application(middlewares=[local_only])
        app.router.add_get("/texts", self.texts)
        app.router.add_get("/requests", self.requests)
        app.router.add_get("/counts", self.counts)
        app.router.add_delete("/ledger", self.clear_ledger)
        app.router.add_get("/faults", self.faults)
        app.router.add_post("/faults", self.add_faults)
        app.router.add_delete("/faults", self.clear_faults)
        app.router.add_delete("/faults/{id:[0-9]+}", self.remove_fault)
        app.router.add_delete("/messages/{id:[0-9]+}", self.delete_message)
        app.router.add_put("/limits", self.change_limits)
        app.router.add_delete("/limits", self.forget_limits)
        app.router.add_delete("/sessions", self.forget_sessions)
        app.router.add_delete("/sync-tokens", self.forget_sync_tokens)
        People(self._world).add_to(app.router)
        return app

    async def texts(self, request: web.Request) -> web.Response:
        """All texts, or with `?to=` those to one number; here a bare `+` does no harm."""
        ledger, to = self._world.ledger, request.query.get("to")
        texts = ledger.texts if to is None else ledger.to(f"+{to.strip().lstrip('+')}")
        return answer([entry(text) for text in texts])

    async def requests(self, request: web.Request) -> web.Response:
        group = request.query.get("group")
        return answer(
            [
                entry(arrival)
                for arrival in self._world.ledger.requests
                if group in (None, arrival.group)
            ]
        )

    async def counts(self, _: web.Request) -> web.Response:
        ledger, window = self._world.ledger, self._world.settings.window
        return answer(
            {
                "texts": len(ledger.texts),
                "inbound": len(ledger.inbound),
                "requests": len(ledger.requests),
                "to": ledger.per_number(),
                "minutes": ledger.per_minute(),
                "busiest": {group: ledger.busiest(group, window) for group in LIMITS},
            }
        )

    async def clear_ledger(self, _: web.Request) -> web.Response:
        self._world.ledger.clear()
        return done()

    async def faults(self, _: web.Request) -> web.Response:
        return answer(
            [{"id": fault_id, **asdict(fault)} for fault_id, fault in self._world.faults]
        )

    async def add_faults(self, request: web.Request) -> web.Response:
        """Take one fault or a list of them: all are put in force, or none."""
        scale = self._world.settings.scale
        try:
            faults = [Fault.parse(one).scaled(scale) for one in await many_of(request)]
        except FaultError as error:
            return wrong(error)
        return answer({"ids": [self._world.faults.add(fault) for fault in faults]}, status=201)

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._world.faults.clear()
        return done()

    async def remove_fault(self, request: web.Request) -> web.Response:
        return found(self._world.faults.remove(int(request.match_info["id"])))

    async def delete_message(self, request: web.Request) -> web.Response:
        """Delete a record as a person does in the app; with `?purge=true` for good."""
        message_id, purge = int(request.match_info["id"]), request.query.get("purge") == "true"
        return found(self._world.store.delete(message_id, self._world.clock.now(), purge=purge))

    async def change_limits(self, request: web.Request) -> web.Response:
        given = await body_of(request)
        if not isinstance(given, dict) or not all(
            group in LIMITS and type(allowed) is int and allowed > 0
            for group, allowed in given.items()
        ):
            return wrong(f"wanted: a number for each of {list(LIMITS)}")
        for group, allowed in given.items():
            self._world.limits.change(group, allowed)
        return done()

    async def forget_limits(self, _: web.Request) -> web.Response:
        self._world.limits.forget()
        return done()

    async def forget_sessions(self, _: web.Request) -> web.Response:
        self._world.sessions.forget()
        return done()

    async def forget_sync_tokens(self, _: web.Request) -> web.Response:
        self._world.syncs.forget()
        return done()
