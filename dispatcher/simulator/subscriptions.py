"""The subscriptions to events: each belongs to a user and an application."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatcher.simulator.filters import EventFilter, Topic
from dispatcher.simulator.settings import User


@dataclass(frozen=True)
class Disabled:
    """A filter that the user may not have, and the code that says why."""

    filter: EventFilter
    code: str
    missing: str


@dataclass(frozen=True)
class Blacklisting:
    """Since when nothing is sent any more, and why."""

    at: datetime
    reason: str


@dataclass
class Subscription:
    """One subscription. *ttl* is what a renewal gives it anew, in seconds of the clock.

    *delivered* counts what its address took, *failures* what it did not take since then.
    """

    id: str
    user: User
    client: str
    address: str
    verification: str | None
    filters: tuple[EventFilter, ...]
    disabled: tuple[Disabled, ...]
    created_at: datetime
    ttl: timedelta
    expires_at: datetime = field(init=False)
    blacklisting: Blacklisting | None = None
    reminded_at: datetime | None = None
    delivered: int = 0
    failures: int = 0

    def __post_init__(self) -> None:
        self.expires_at = self.created_at + self.ttl

    def status(self, now: datetime) -> str:
        if now >= self.expires_at:
            return "Expired"
        return "Blacklisted" if self.blacklisting else "Active"

    def renew(self, now: datetime, ttl: timedelta | None = None) -> None:
        self.ttl = ttl or self.ttl
        self.expires_at = now + self.ttl

    def blacklist(self, now: datetime, reason: str) -> None:
        self.blacklisting = self.blacklisting or Blacklisting(now, reason)


class Subscriptions:
    """All of them, the oldest first. RingCentral shows nobody what has expired."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, Subscription] = {}

    def __iter__(self) -> Iterator[Subscription]:
        return iter(tuple(self._subscriptions.values()))

    def add(self, subscription: Subscription) -> None:
        self._subscriptions[subscription.id] = subscription

    def get(self, subscription_id: str) -> Subscription | None:
        return self._subscriptions.get(subscription_id)

    def remove(self, subscription_id: str) -> bool:
        return self._subscriptions.pop(subscription_id, None) is not None

    def of(self, user: User, client: str, now: datetime) -> list[Subscription]:
        """Return what this user and application have, and see."""
        return [
            one
            for one in self
            if (one.user, one.client) == (user, client) and one.status(now) != "Expired"
        ]

    def gets(self, subscription: Subscription, now: datetime) -> bool:
        """Tell whether anything may be sent to *subscription*."""
        return self.get(subscription.id) is subscription and (
            subscription.status(now) == "Active"
        )

    def listening(
        self, topic: Topic, now: datetime
    ) -> Iterator[tuple[Subscription, EventFilter]]:
        """Yield who asks to be told of *topic*, and by which filter."""
        for subscription in self:
            for asked in subscription.filters:
                if asked.topic is topic and self.gets(subscription, now):
                    yield subscription, asked
