"""What the subscribers are told, and in which words."""

from collections.abc import Sequence
from typing import Any

from dispatcher.simulator import render
from dispatcher.simulator.changes import Change
from dispatcher.simulator.consents import Consent
from dispatcher.simulator.filters import EventFilter, Topic
from dispatcher.simulator.records import Record
from dispatcher.simulator.settings import User
from dispatcher.simulator.subscriptions import Subscription
from dispatcher.simulator.times import milliseconds
from dispatcher.simulator.world import World


def tell_inbound(world: World, user: User, record: Record) -> None:
    """Tell of a text that came in: the whole of it."""
    now = world.clock.now()
    for subscription, asked in world.subscriptions.listening(Topic.INSTANT, now):
        if asked.extension == str(user.extension_id):
            body = render.instant(world, user, record, now)
            world.delivery.tell(subscription, asked.event, body)


def tell_consent(world: World, consent: Consent) -> None:
    for subscription, asked in world.subscriptions.listening(Topic.CONSENTS, world.clock.now()):
        world.delivery.tell(subscription, asked.event, {"records": [render.consent(consent)]})


def tell_changes_until_now(world: World) -> None:
    """Tell of what came to be or changed in the message store: how many, not which."""
    now = world.clock.now()
    changes = world.changes.occurred(now)
    for subscription, asked in world.subscriptions.listening(Topic.STORE, now):
        meant = [
            one
            for one in changes
            if asked.extension == str(one.record.user) and asked.takes(one.record.direction)
        ]
        if meant:
            world.delivery.tell(subscription, asked.event, _counted(asked, meant, world))


def _counted(asked: EventFilter, changes: Sequence[Change], world: World) -> dict[str, Any]:
    new = [change.record.id for change in changes if change.is_new]
    updated = {change.record.id for change in changes} - set(new)
    counted: dict[str, Any] = {"type": "SMS"}
    if new:
        counted |= {"newCount": len(new), "newMessageIds": new}
    if updated:
        counted["updatedCount"] = len(updated)
    return {
        "accountId": asked.account,
        "extensionId": asked.extension,
        "lastUpdated": milliseconds(world.clock.now()),
        "changes": [counted],
    }


def tell_reminder(world: World, subscription: Subscription, asked: EventFilter) -> None:
    body = render.subscription(world, subscription, world.clock.now())
    world.delivery.tell(subscription, asked.event, body)
