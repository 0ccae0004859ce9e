"""/control: what other people do, and what is told to whom."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from dispatcher.simulator import inbound, render
from dispatcher.simulator.control_replies import (
    answer,
    body_of,
    done,
    entry,
    found,
    many_of,
    wrong,
)
from dispatcher.simulator.faults import FaultError
from dispatcher.simulator.notification_faults import NotificationFault
from dispatcher.simulator.subscriptions import Subscription
from dispatcher.simulator.world import World


class People:
    """The handlers for texts that come in, consents and subscriptions."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_to(self, router: web.UrlDispatcher) -> None:
        router.add_get("/inbound", self.inbound)
        router.add_post("/inbound", self.receive)
        router.add_get("/consents", self.consents)
        router.add_post("/consents", self.decide)
        router.add_delete("/consents", self.clear_consents)
        router.add_get("/subscriptions", self.subscriptions)
        router.add_delete("/subscriptions/{id}", self.remove)
        router.add_post("/subscriptions/{id}/blacklist", self.blacklist)
        router.add_post("/subscriptions/{id}/expire", self.expire)
        router.add_get("/notification-faults", self.faults)
        router.add_post("/notification-faults", self.add_faults)
        router.add_delete("/notification-faults", self.clear_faults)
        router.add_delete("/notification-faults/{id:[0-9]+}", self.remove_fault)

    async def inbound(self, _: web.Request) -> web.Response:
        return answer([entry(text) for text in self._world.ledger.inbound])

    async def receive(self, request: web.Request) -> web.Response:
        """Let one text come in, or a list of them: all, or none if one makes no sense."""
        try:
            texts = [inbound.read_text(self._world, one) for one in await many_of(request)]
        except inbound.SenselessError as error:
            return wrong(error)
        records = [inbound.receive(self._world, *text) for text in texts]
        return answer({"ids": [record.id for record in records]}, status=201)

    async def consents(self, _: web.Request) -> web.Response:
        return answer([render.consent(one) for one in self._world.consents.find()])

    async def decide(self, request: web.Request) -> web.Response:
        """Put one consent in force, or a list of them: all, or none."""
        try:
            wishes = [inbound.read_wish(self._world, one) for one in await many_of(request)]
        except inbound.SenselessError as error:
            return wrong(error)
        for wish in wishes:
            inbound.decide(self._world, *wish)
        return done()

    async def clear_consents(self, _: web.Request) -> web.Response:
        self._world.consents.clear()
        return done()

    async def subscriptions(self, _: web.Request) -> web.Response:
        return answer([self._shown(one) for one in self._world.subscriptions])

    async def remove(self, request: web.Request) -> web.Response:
        """Lose a subscription, as nobody was told."""
        return found(self._world.subscriptions.remove(request.match_info["id"]))

    async def blacklist(self, request: web.Request) -> web.Response:
        subscription = self._world.subscriptions.get(request.match_info["id"])
        given = await body_of(request)
        reason = given.get("reason") if isinstance(given, dict) else None
        if subscription is not None:
            now = self._world.clock.now()
            subscription.blacklist(now, str(reason or "Webhook responses with code: [404]"))
        return found(subscription is not None)

    async def expire(self, request: web.Request) -> web.Response:
        subscription = self._world.subscriptions.get(request.match_info["id"])
        if subscription is not None:
            subscription.expires_at = self._world.clock.now()
        return found(subscription is not None)

    async def faults(self, _: web.Request) -> web.Response:
        return answer(
            [{"id": id_, **asdict(fault)} for id_, fault in self._world.notification_faults]
        )

    async def add_faults(self, request: web.Request) -> web.Response:
        """Take one fault or a list of them: all are put in force, or none."""
        scale = self._world.settings.scale
        try:
            faults = [
                NotificationFault.parse(one).scaled(scale) for one in await many_of(request)
            ]
        except FaultError as error:
            return wrong(error)
        ids = [self._world.notification_faults.add(fault) for fault in faults]
        return answer({"ids": ids}, status=201)

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._world.notification_faults.clear()
        return done()

    async def remove_fault(self, request: web.Request) -> web.Response:
        return found(self._world.notification_faults.remove(int(request.match_info["id"])))

    def _shown(self, one: Subscription) -> dict[str, Any]:
        shown = render.subscription(self._world, one, self._world.clock.now())
        owner = str(one.user.extension_id)
        return {**shown, "owner": owner, "delivered": one.delivered, "failures": one.failures}
