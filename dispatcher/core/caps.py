"""How many promotions one person gets within a stretch of time that ends at any moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from dispatcher.core.law import Cap, NamedCap


def counted(cap: Cap, sent: Sequence[datetime], now: datetime, margin: timedelta) -> int:
    """Count those of *sent* that count against *cap* at *now*.

    *margin* is how much later than its time a text may have arrived.
    """
    return sum(at > now - cap.within - margin for at in sent)


def free_at(cap: Cap, sent: Sequence[datetime], now: datetime, margin: timedelta) -> datetime:
    """Return when *cap* allows one more: *now*, or when enough of *sent* (newest first) end."""
    if counted(cap, sent, now, margin) < cap.most:
        return now
    return sent[cap.most - 1] + cap.within + margin


def last_free(
    caps: Iterable[NamedCap], sent: Sequence[datetime], now: datetime, margin: timedelta
) -> tuple[datetime, NamedCap | None]:
    """Return when all *caps* allow one more, and the cap that makes it so late, if one does."""
    latest, binding = now, None
    for named in caps:
        free = free_at(named.cap, sent, now, margin)
        if free > latest:
            latest, binding = free, named
    return latest, binding
