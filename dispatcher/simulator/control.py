"""/control: what a test reads and changes from outside. Only this machine is answered."""

import ipaddress
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from aiohttp import web

from dispatcher.simulator.faults import Fault, FaultError
from dispatcher.simulator.settings import LIMITS
from dispatcher.simulator.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def is_loopback(host: str | None) -> bool:
    """Tell whether *host*, an address or a name, can only be this machine."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


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
        return app

    async def texts(self, request: web.Request) -> web.Response:
        """All texts, or with `?to=` those to one number; here a bare `+` does no harm."""
        ledger, to = self._world.ledger, request.query.get("to")
        texts = ledger.texts if to is None else ledger.to(f"+{to.strip().lstrip('+')}")
        return _json([_entry(text) for text in texts])

    async def requests(self, request: web.Request) -> web.Response:
        group = request.query.get("group")
        return _json(
            [
                _entry(arrival)
                for arrival in self._world.ledger.requests
                if group in (None, arrival.group)
            ]
        )

    async def counts(self, _: web.Request) -> web.Response:
        ledger, window = self._world.ledger, self._world.settings.window
        return _json(
            {
                "texts": len(ledger.texts),
                "requests": len(ledger.requests),
                "to": ledger.per_number(),
                "minutes": ledger.per_minute(),
                "busiest": {group: ledger.busiest(group, window) for group in LIMITS},
            }
        )

    async def clear_ledger(self, _: web.Request) -> web.Response:
        self._world.ledger.clear()
        return _done()

    async def faults(self, _: web.Request) -> web.Response:
        return _json(
            [{"id": fault_id, **asdict(fault)} for fault_id, fault in self._world.faults]
        )

    async def add_faults(self, request: web.Request) -> web.Response:
        """Take one fault or a list of them: all are put in force, or none."""
        given = await _body(request)
        scale = self._world.settings.scale
        try:
            many = given if isinstance(given, list) else [given]
            faults = [Fault.parse(one).scaled(scale) for one in many]
        except FaultError as error:
            return _json({"error": str(error)}, status=400)
        return _json({"ids": [self._world.faults.add(fault) for fault in faults]}, status=201)

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._world.faults.clear()
        return _done()

    async def remove_fault(self, request: web.Request) -> web.Response:
        return _found(self._world.faults.remove(int(request.match_info["id"])))

    async def delete_message(self, request: web.Request) -> web.Response:
        """Delete a record as a person does in the app; with `?purge=true` for good."""
        message_id, purge = int(request.match_info["id"]), request.query.get("purge") == "true"
        return _found(
            self._world.store.delete(message_id, self._world.clock.now(), purge=purge)
        )

    async def change_limits(self, request: web.Request) -> web.Response:
        given = await _body(request)
        if not isinstance(given, dict) or not all(
            group in LIMITS and type(allowed) is int and allowed > 0
            for group, allowed in given.items()
        ):
            return _json({"error": f"wanted: a number for each of {list(LIMITS)}"}, status=400)
        for group, allowed in given.items():
            self._world.limits.change(group, allowed)
        return _done()

    async def forget_limits(self, _: web.Request) -> web.Response:
        self._world.limits.forget()
        return _done()

    async def forget_sessions(self, _: web.Request) -> web.Response:
        self._world.sessions.forget()
        return _done()

    async def forget_sync_tokens(self, _: web.Request) -> web.Response:
        self._world.syncs.forget()
        return _done()


def _entry(thing: Any) -> dict[str, Any]:  # noqa: ANN401 - a Text or an Arrival
    return {**asdict(thing), "at": thing.at.isoformat()}


async def _body(request: web.Request) -> object:
    try:
        return await request.json()
    except ValueError:
        return None


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(status=status, text=json.dumps(body), content_type="application/json")


def _done() -> web.Response:
    return web.Response(status=204)


def _found(found: bool) -> web.Response:  # noqa: FBT001 - the answer to one question
    return web.Response(status=204 if found else 404)
