"""Sliding windows, judged by arrival, with the penalty that every request in it restarts."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

GROUPS = ("light", "medium", "heavy", "auth")


class Key(NamedTuple):
    """Whose requests are counted together."""

    user: str
    app: str
    group: str


@dataclass(frozen=True)
class Verdict:
    """What one arrival met; *retry_after* is None if it was let in."""

    allowed: int
    remaining: int
    retry_after: float | None = None


@dataclass
class Window:
    """Counts only what it lets in: what it refuses leaves nothing but the penalty."""

    seconds: float
    penalty: float
    _arrivals: deque[float] = field(default_factory=deque)
    _blocked_until: float | None = None

    def arrive(self, now: float, allowed: int) -> Verdict:
        while self._arrivals and self._arrivals[0] <= now - self.seconds:
            self._arrivals.popleft()
        blocked = self._blocked_until is not None and now < self._blocked_until
        if blocked or len(self._arrivals) >= allowed:
            self._blocked_until = now + self.penalty
            return Verdict(allowed, 0, self.penalty)
        self._arrivals.append(now)
        return Verdict(allowed, allowed - len(self._arrivals))


class Limits:
    """A window for each key. *allowed* is asked at each arrival, so a limit may change."""

    def __init__(self, seconds: float, penalty: float, allowed: Callable[[str], int]) -> None:
        self._seconds = seconds
        self._penalty = penalty
        self._allowed = allowed
        self._windows: dict[Key, Window] = {}
        self._changed: dict[str, int] = {}

    def arrive(self, key: Key, now: float) -> Verdict:
        window = self._windows.setdefault(key, Window(self._seconds, self._penalty))
        return window.arrive(now, self._changed.get(key.group) or self._allowed(key.group))

    def change(self, group: str, allowed: int) -> None:
        self._changed[group] = allowed

    def forget(self) -> None:
        """Drop every count and penalty; changed limits stay."""
        self._windows.clear()
