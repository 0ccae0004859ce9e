"""A day of a campaign with very many texts, and how long its figures take to count."""

import time

from stage import filled

from dispatcher.store import rollups
from dispatcher.store.database import Connection
from dispatcher.store.pool import SET_UP

DAY = """
INSERT INTO newsletter.campaigns (id, name, channel, status, content) VALUES (md5('day')::uuid, 'bench', 'SMS', 'SENDING', 'x');
INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content, created_at)
  SELECT md5('day')::uuid, '+19165550100', 'Hello', '2026-06-01 12:00+00' FROM generate_series(1, {rows});
INSERT INTO newsletter.sms_attempts (message_id, campaign_id, category, phone, sender, text_hash, fence, process_id, opened_at, send_by,
  segment_price, segments_reserved, cents_reserved, outcome, settled_at, provider_id, segments_billed, cents_billed)
  SELECT gen_random_uuid(), md5('day')::uuid, 'promotion', '+19165550100', '+16505550100', sha256(i::text::bytea), 1, 1, '2026-06-01 12:00+00',
         '2026-06-01 12:01+00', 1.19, 1, 1.19, 'accepted', '2026-06-01 12:00+00'::timestamptz + i * interval '0.1 s', i, 1, 1.19
    FROM generate_series(1, {rows}) i;
INSERT INTO newsletter.sms_delivery_events (campaign_id, phone_number, message_sid, attempt_id, status, closed_at)
  SELECT campaign_id, phone, provider_id, id, 'DELIVERED', now() FROM newsletter.sms_attempts;
"""


async def make(conn: Connection, rows: int) -> None:
    """Write the day, and make it count for the first time."""
    await conn.execute(filled(DAY, rows))
    await conn.execute("VACUUM (ANALYZE)")
    await conn.execute(SET_UP)  # as the daemon's connections are
    while (rolled := await rollups.roll(conn)) and rolled.left:
        pass


async def count(conn: Connection) -> float:
    """Return the seconds that the day takes when something of it has changed."""
    await conn.execute(
        "INSERT INTO newsletter.rollup_stale (campaign_id, at) VALUES (md5('day')::uuid, '2026-06-01 12:00+00')"
    )
    return await count_nothing(conn)


async def count_nothing(conn: Connection) -> float:
    """Return the seconds of one round."""
    start = time.perf_counter()
    await rollups.roll(conn)
    return time.perf_counter() - start
