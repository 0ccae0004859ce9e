"""Times as RingCentral reads them."""

from datetime import UTC, datetime


def moment(at: datetime) -> str:
    """Return *at* in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
