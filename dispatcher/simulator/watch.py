"""Watches what time alone brings about: texts that advance, subscriptions that end soon."""

from datetime import datetime, timedelta

from dispatcher.simulator import news
from dispatcher.simulator.filters import EventFilter, Topic
from dispatcher.simulator.subscriptions import Subscription
from dispatcher.simulator.waiting import until_first
from dispatcher.simulator.world import World


async def watch(world: World) -> None:
    """Tell of each thing when it is due, for ever."""
    while True:
        world.stirred.clear()
        now = world.clock.now()
        news.tell_changes_until_now(world)
        for subscription, asked in world.subscriptions.listening(Topic.REMINDER, now):
            at = _reminder_at(world, subscription, asked)
            if at is not None and at <= now:
                subscription.reminded_at = now
                news.tell_reminder(world, subscription, asked)
        await _until_due(world)


async def _until_due(world: World) -> None:
    """Wait for the next thing that anybody wants to hear of; without one, for a stir."""
    now = world.clock.now()
    if (due := _next_due(world, now)) is None:
        await world.stirred.wait()
    else:
        wait = world.clock.wait((due - now).total_seconds())
        await until_first(wait, world.stirred.wait())


def _next_due(world: World, now: datetime) -> datetime | None:
    heard = any(True for _ in world.subscriptions.listening(Topic.STORE, now))
    changes = [world.changes.next_at()] if heard else []
    reminders = [
        _reminder_at(world, subscription, asked)
        for subscription, asked in world.subscriptions.listening(Topic.REMINDER, now)
    ]
    return min((at for at in (*changes, *reminders) if at is not None), default=None)


def _reminder_at(
    world: World, subscription: Subscription, asked: EventFilter
) -> datetime | None:
    """Return when the next reminder is due, None if the subscription ends before."""
    scale, ends = world.settings.scale, subscription.expires_at
    at = ends - timedelta(seconds=asked.threshold * scale)
    if subscription.reminded_at is not None:
        interval = timedelta(seconds=asked.interval * scale)
        at = max(at, subscription.reminded_at + interval)
    return at if at < ends else None
