"""Each notification on its way: what befalls it, in which order it goes, who is blacklisted."""

import asyncio
import json
import secrets
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Any

from dispatcher.simulator.clock import Clock
from dispatcher.simulator.courier import Courier
from dispatcher.simulator.notification_faults import Mishap, NotificationFaults
from dispatcher.simulator.settings import Settings
from dispatcher.simulator.subscriptions import Subscription, Subscriptions
from dispatcher.simulator.times import milliseconds

_WRONG: dict[Mishap, dict[str, Any]] = {
    Mishap.WRONG_TOKEN: {"verification": "a-token-of-somebody-else"},
    Mishap.WRONG_SUBSCRIPTION: {"subscription": "00000000-0000-4000-8000-000000000000"},
    Mishap.WRONG_OWNER: {"owner": "1"},
}


@dataclass(frozen=True)
class Notification:
    """What one webhook is told, once or twice."""

    event: str
    body: dict[str, Any]
    timestamp: str
    subscription: str
    owner: str
    verification: str | None
    uuid: str

    def written(self) -> bytes:
        envelope = {
            "uuid": self.uuid,
            "event": self.event,
            "timestamp": self.timestamp,
            "subscriptionId": self.subscription,
            "ownerId": self.owner,
            "body": self.body,
        }
        return json.dumps(envelope).encode()


class Delivery:
    """Brings every notification at most once, those of one subscription one after the other."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        subscriptions: Subscriptions,
        faults: NotificationFaults,
        courier: Courier,
    ) -> None:
        self._blacklist_after = settings.blacklist_after
        self._clock = clock
        self._subscriptions = subscriptions
        self._faults = faults
        self._courier = courier
        self._lines: dict[str, deque[Notification]] = {}
        self._held: dict[str, list[Notification]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, subscription: Subscription, event: str, body: dict[str, Any]) -> None:
        """Send *body* on its way, and what befalls it with it."""
        befallen = self._faults.draw(event)
        if Mishap.BLACKLIST in befallen:
            subscription.blacklist(self._clock.now(), "It was asked for")
        if Mishap.DROP in befallen or Mishap.BLACKLIST in befallen:
            return
        notification = self._notification(subscription, event, body)
        for mishap in befallen.keys() & _WRONG.keys():
            notification = replace(notification, **_WRONG[mishap])
        copies = [notification] * (2 if Mishap.DOUBLE in befallen else 1)
        if delay := befallen.get(Mishap.DELAY):
            self._spawn(self._later(delay.seconds, subscription, copies))
        elif Mishap.REORDER in befallen and subscription.id not in self._held:
            self._held[subscription.id] = copies
        else:
            self._line_up(subscription, copies + self._held.pop(subscription.id, []))

    async def all_brought(self) -> None:
        """Return once nothing is on its way; what is held for the next one is not."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """End all that is on its way."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _notification(
        self, subscription: Subscription, event: str, body: dict[str, Any]
    ) -> Notification:
        return Notification(
            event,
            body,
            milliseconds(self._clock.now()),
            subscription.id,
            str(subscription.user.extension_id),
            subscription.verification,
            str(10**18 + secrets.randbelow(8 * 10**18)),
        )

    def _line_up(self, subscription: Subscription, some: list[Notification]) -> None:
        if subscription.id in self._lines:
            self._lines[subscription.id].extend(some)
        else:
            self._lines[subscription.id] = deque(some)
            self._spawn(self._bring(subscription))

    async def _later(
        self, seconds: float, subscription: Subscription, some: list[Notification]
    ) -> None:
        await self._clock.wait(seconds)
        self._line_up(subscription, some)

    async def _bring(self, subscription: Subscription) -> None:
        line = self._lines[subscription.id]
        try:
            while line:
                await self._bring_one(subscription, line.popleft())
        finally:
            del self._lines[subscription.id]

    async def _bring_one(self, subscription: Subscription, one: Notification) -> None:
        if not self._subscriptions.gets(subscription, self._clock.now()):
            return
        address = subscription.address
        reason = await self._courier.notify(address, one.verification, one.written())
        if reason is None:
            subscription.delivered, subscription.failures = subscription.delivered + 1, 0
            return
        subscription.failures += 1
        if subscription.failures >= self._blacklist_after:
            subscription.blacklist(self._clock.now(), reason)

    def _spawn(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
