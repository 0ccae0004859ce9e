"""Reads the evidence of consent as short facts that a test can name."""

from typing import Any

from dispatcher.store.database import Connection

EVENTS = """
SELECT event, source, words, why, decided_by, subscriber_id, phone, at, inbound_id, proof, recorded_by
  FROM newsletter.consent_events ORDER BY id
"""


async def events(conn: Connection, *columns: str) -> list[Any]:
    """Return what was recorded, in the order of writing: *columns* of each, else event and source."""
    names = columns or ("event", "source")
    return [tuple(row[name] for name in names) for row in await conn.fetch(EVENTS)]
