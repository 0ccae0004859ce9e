"""Sync tokens: each remembers whose it is, what was asked for and when it was answered."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatcher.simulator.errors import refused
from dispatcher.simulator.records import Record
from dispatcher.simulator.settings import Settings
from dispatcher.simulator.store import Filter, Store

EVERYTHING = ("Alive", "Deleted", "Purged")


@dataclass(frozen=True)
class Position:
    """Where a sync stands."""

    user: int
    wanted: Filter
    at: datetime


class Syncs:
    """The tokens that were given out and are still good."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._ttl = timedelta(seconds=settings.sync_token_ttl)
        self._overlap = timedelta(seconds=settings.overlap)
        self._store = store
        self._positions: dict[str, Position] = {}

    def full(self, user: int, wanted: Filter, now: datetime) -> tuple[list[Record], str]:
        return self._store.find(user, wanted, now), self._issue(Position(user, wanted, now))

    def further(self, user: int, token: str, now: datetime) -> tuple[list[Record], str]:
        """Return what changed since *token*, and what changed just before it once more."""
        position = self._positions.get(token)
        if position is None or position.user != user or now >= position.at + self._ttl:
            raise refused("MSG-333", parameter="syncToken")
        changed_since = position.at - self._overlap
        # A deletion is a change, so what is not there any more is shown too.
        wanted = replace(position.wanted, availability=EVERYTHING)
        records = self._store.changed(user, wanted, changed_since, now)
        return records, self._issue(replace(position, at=now))

    def forget(self) -> None:
        self._positions.clear()

    def _issue(self, position: Position) -> str:
        oldest = position.at - self._ttl
        self._positions = {
            token: issued for token, issued in self._positions.items() if issued.at > oldest
        }
        token = secrets.token_urlsafe(24)
        self._positions[token] = position
        return token
