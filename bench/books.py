"""What the part `verify` looks at: sound books, made by SQL alone, and how long a plain scan takes.

Of a hundred texts 97 are accepted, two refused and one is unknown; a tenth had a 429 before.
"""

import time

from stage import filled

from dispatcher.store import verify
from dispatcher.store.database import Connection

# The triggers would book each row: the books are written afterwards, from the ledger.
BOOKS = """
SET session_replication_role = replica;
INSERT INTO newsletter.campaigns (id, name, channel, status, content)
  SELECT md5('campaign' || i)::uuid, 'bench', 'SMS', 'SENDING', 'x' FROM generate_series(0, {campaigns} - 1) i;
CREATE TEMP TABLE texts AS
  SELECT i, md5('text' || i)::uuid AS id, md5('campaign' || i % {campaigns})::uuid AS campaign, md5('person' || i)::uuid AS person,
         '+1' || 201 + i % 700 || '555' || lpad((i / 700 % 10000)::text, 4, '0') AS phone, sha256(i::text::bytea) AS hash,
         CASE WHEN i % 100 < 97 THEN 'accepted' WHEN i % 100 < 99 THEN 'refused' ELSE 'ambiguous' END AS outcome
    FROM generate_series(1, {rows}) i;
INSERT INTO newsletter.sms_attempts (message_id, campaign_id, subscriber_id, category, phone, sender, text_hash, fence, process_id, opened_at,
  send_by, segment_price, segments_reserved, cents_reserved, outcome, settled_at, provider_id, segments_billed, cents_billed)
  SELECT id, campaign, person, 'promotion', phone, '+16505550100', hash, 1, 1, now(), now() + interval '5 s', 1.19, 1, 1.19, o.outcome, now(),
         CASE WHEN o.outcome = 'accepted' THEN 9000000000 + i END, CASE WHEN o.outcome = 'accepted' THEN 1 END,
         CASE WHEN o.outcome = 'accepted' THEN 1.19 END
    FROM texts t CROSS JOIN LATERAL (SELECT 'throttled' AS outcome WHERE i % 10 = 0 UNION ALL SELECT t.outcome) o ORDER BY i, o.outcome DESC;
INSERT INTO newsletter.sms_send_queue (id, campaign_id, subscriber_id, phone_number, message_content, status, sent_at, fence, attempt_id,
  unknown_at, provider_id, segments, reason)
  SELECT t.id, campaign, person, t.phone, 'Hello, a table for two is free on Friday at five. Reply STOP to opt out of these texts. ' || i,
         (CASE t.outcome WHEN 'accepted' THEN 'sent' WHEN 'refused' THEN 'failed' ELSE 'sending' END)::public.sms_queue_status,
         CASE WHEN t.outcome = 'accepted' THEN now() END, 1, a.id, CASE WHEN t.outcome = 'ambiguous' THEN now() END, a.provider_id, 1,
         CASE WHEN t.outcome = 'refused' THEN 'refused' END
    FROM texts t JOIN newsletter.sms_attempts a ON a.message_id = t.id AND a.outcome = t.outcome ORDER BY i;
INSERT INTO newsletter.sms_delivery_events (campaign_id, subscriber_id, phone_number, message_sid, attempt_id, segments, cost_exact)
  SELECT campaign_id, subscriber_id, phone, provider_id, id, 1, 1.19 FROM newsletter.sms_attempts WHERE outcome = 'accepted' ORDER BY id;
SET session_replication_role = origin;
INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) SELECT id, 0 FROM newsletter.campaigns;
INSERT INTO newsletter.account_days (day, budget_cents, spent_exact, reserved_exact)
  SELECT account_day, 0, sum(cents_billed), sum(cents_reserved) FILTER (WHERE outcome = 'ambiguous') FROM newsletter.sms_attempts GROUP BY 1;
"""
SETTLED = "VACUUM (ANALYZE) newsletter.sms_attempts, newsletter.sms_send_queue, newsletter.sms_delivery_events"
SCAN = """
SELECT (SELECT count(*) FROM newsletter.sms_send_queue WHERE message_content <> ''), (SELECT count(*) FROM newsletter.sms_attempts WHERE phone <> ''),
       (SELECT count(*) FROM newsletter.sms_delivery_events WHERE phone_number <> '')
"""


async def make(conn: Connection, rows: int) -> None:
    """Write sound books of so many texts."""
    await conn.execute(filled(BOOKS, rows))
    await conn.execute(SETTLED)


async def look(conn: Connection, rows: int) -> tuple[float, float]:
    """Return the seconds that `verify` takes, and those of a plain scan of the same tables."""
    start = time.perf_counter()
    await conn.execute(SCAN)
    scanned = time.perf_counter()
    found = await verify.look(conn)
    ended = time.perf_counter()
    if found.findings or found.rows != rows:
        raise ValueError(f"the books of the bench are not sound: {found}")
    return ended - scanned, scanned - start
