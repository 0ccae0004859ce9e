"""Subscriptions: made with a handshake, renewed, changed, taken away."""

import uuid

from dispatcher.simulator import news, render
from dispatcher.simulator.bodies import json_object
from dispatcher.simulator.courier import ADDRESS
from dispatcher.simulator.errors import refused
from dispatcher.simulator.exchange import Call, Reply
from dispatcher.simulator.routes.endpoint import Endpoint
from dispatcher.simulator.settings import App, User
from dispatcher.simulator.subscriptions import Subscription
from dispatcher.simulator.wanted import read_address, read_filters, read_ttl
from dispatcher.simulator.world import World

_PATH = "/restapi/v1.0/subscription"


async def create(world: World, user: User, call: Call) -> Reply:
    body, new_id = json_object(call.body), str(uuid.uuid4())
    address, verification = read_address(body, world.settings)
    filters = read_filters(body, world.settings, user, _app(world, call), new_id)
    ttl = read_ttl(body, world.settings, filters.told)
    _require_room(world, user, call)
    await world.courier.shake_hands(address, verification)
    _require_room(world, user, call)  # others may have been faster
    subscription = Subscription(
        new_id,
        user,
        call.client,
        address,
        verification,
        filters.told,
        filters.disabled,
        world.clock.now(),
        ttl,
    )
    news.tell_changes_until_now(world)  # not to this one: it was not there
    world.subscriptions.add(subscription)
    return _shown(world, subscription)


def list_all(world: World, user: User, call: Call) -> Reply:
    now = world.clock.now()
    records = [
        render.subscription(world, one, now)
        for one in world.subscriptions.of(user, call.client, now)
    ]
    return Reply(200, {"uri": f"{world.base_url}{_PATH}", "records": records})


def get_one(world: World, user: User, call: Call) -> Reply:
    return _shown(world, _own(world, user, call))


def update(world: World, user: User, call: Call) -> Reply:
    """Change the filters or the end of a subscription; an empty body renews it."""
    subscription = _own(world, user, call)
    body = json_object(call.body) if call.body else {}
    mode = body.get("deliveryMode")
    if isinstance(mode, dict) and mode.get("address", subscription.address) != (
        subscription.address
    ):
        raise refused("CMN-101", parameter=ADDRESS)
    told, disabled = subscription.filters, subscription.disabled
    if "eventFilters" in body:
        filters = read_filters(body, world.settings, user, _app(world, call), subscription.id)
        told, disabled = filters.told, filters.disabled
    ttl = read_ttl(body, world.settings, told)
    news.tell_changes_until_now(world)
    subscription.filters, subscription.disabled = told, disabled
    subscription.renew(call.now, ttl)
    return _shown(world, subscription)


def renew(world: World, user: User, call: Call) -> Reply:
    subscription = _own(world, user, call)
    subscription.renew(call.now)
    return _shown(world, subscription)


def delete(world: World, user: User, call: Call) -> Reply:
    world.subscriptions.remove(_own(world, user, call).id)
    return Reply(204)


def _own(world: World, user: User, call: Call) -> Subscription:
    for subscription in world.subscriptions.of(user, call.client, call.now):
        if subscription.id == call.params["id"]:
            return subscription
    raise refused("SUB-507", parameter="subscriptionId")


def _require_room(world: World, user: User, call: Call) -> None:
    mine = world.subscriptions.of(user, call.client, world.clock.now())
    if len(mine) >= world.settings.max_subscriptions:
        raise refused("SUB-505")


def _app(world: World, call: Call) -> App:
    return next(app for app in world.settings.apps if app.client_id == call.client)


def _shown(world: World, subscription: Subscription) -> Reply:
    world.stirred.set()  # it may end sooner or later than it did
    return Reply(200, render.subscription(world, subscription, world.clock.now()))


_SCOPES = ("SubscriptionWebhook",)
ENDPOINTS = (
    Endpoint("POST", _PATH, "medium", create, _SCOPES),
    Endpoint("GET", _PATH, "light", list_all, _SCOPES),
    Endpoint("GET", _PATH + "/{id}", "light", get_one, _SCOPES),
    Endpoint("PUT", _PATH + "/{id}", "medium", update, _SCOPES),
    Endpoint("DELETE", _PATH + "/{id}", "medium", delete, _SCOPES),
    Endpoint("POST", _PATH + "/{id}/renew", "light", renew, _SCOPES),
)
