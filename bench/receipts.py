"""How fast receipts are applied: each text was sent, then delivered, or bounced, or counted anew.

Beside it the floor: the same raw receipts, only stored, in batches of the same size.
"""

import time
from datetime import timedelta

import stage

from dispatcher.core.inbound import Replies
from dispatcher.core.raw import Raw, Source, raw
from dispatcher.edge.postgres import PrivateServer
from dispatcher.loops.receipts import BATCH
from dispatcher.store import applying, receipts
from dispatcher.store.applying import Terms
from dispatcher.store.database import Connection
from dispatcher.store.pool import Database

TERMS = Terms(
    timedelta(days=180), Replies(confirm_opt_out=False, opt_out_text="", help_text="")
)
PEOPLE = 40_000  # as many as have a number of a fictitious exchange
# What a settle leaves of each text.
ACCEPTED = """
INSERT INTO newsletter.account_days (day, budget_cents) VALUES (current_date, 0);
INSERT INTO newsletter.sms_attempts (message_id, campaign_id, subscriber_id, category, phone, sender, text_hash, fence, process_id, opened_at,
    send_by, segment_price, segments_reserved, cents_reserved, outcome, settled_at, provider_id, segments_billed, cents_billed)
  SELECT gen_random_uuid(), md5('campaign' || i % {campaigns})::uuid, p.id, 'promotion', p.phone, '+19165550199',
         sha256(convert_to(i::text, 'UTF8')), 1, 1, now(), now() + interval '5 s', 1.19, 1, 1.19, 'accepted', now(), (i + 1)::text, 1, 1.19
    FROM generate_series(0, {rows} - 1) i JOIN newsletter.subscribers p ON p.id = md5('person' || i % 40000)::uuid;
INSERT INTO newsletter.sms_delivery_events (attempt_id, campaign_id, subscriber_id, phone_number, message_sid, status, sent_at, segments, cost_exact, cost)
  SELECT id, campaign_id, subscriber_id, phone, provider_id, 'QUEUED', settled_at, 1, 1.19, 2 FROM newsletter.sms_attempts;
UPDATE newsletter.campaign_budgets b SET spent_exact = 1.19 * (SELECT count(*) FROM newsletter.sms_attempts a WHERE a.campaign_id = b.campaign_id);
UPDATE newsletter.account_days SET spent_exact = 1.19 * (SELECT count(*) FROM newsletter.sms_attempts);
ANALYZE newsletter.sms_attempts, newsletter.sms_delivery_events, newsletter.subscribers;
"""


async def seconds(server: PrivateServer, rows: int) -> tuple[float, float]:
    """Return how long it took to store so many receipts, and to apply them."""
    async with stage.database(server, "receipts") as conn:
        await conn.execute(stage.filled(stage.PEOPLE, min(rows // 2, PEOPLE)))
        await conn.execute(stage.filled(ACCEPTED, rows // 2))
        told = [_raw(n, rows // 2) for n in range(rows)]
        await conn.execute("CHECKPOINT")
        pool = Database(server.dsn("receipts"), size=1, seconds=600, statement_cache=100)
        await pool.open()
        try:
            stored = await pool.run(_store, told)
            await conn.execute("CHECKPOINT")
            applied = await pool.run(_apply)
        finally:
            await pool.close()
        await _check(conn, rows)
    return stored, applied


def _raw(n: int, texts: int) -> Raw:
    """Return the first or the second news of a text: all are sent, one of ten bounces then."""
    first, text = n < texts, n % texts
    word = "Sent" if first else "DeliveryFailed" if text % 10 == 0 else "Delivered"
    return raw(
        {
            "id": text + 1,
            "direction": "Outbound",
            "type": "SMS",
            "to": [{"phoneNumber": "+12125550100"}],
            "from": {"phoneNumber": "+19165550199"},
            "creationTime": "2026-02-03T12:00:00.000Z",
            "lastModifiedTime": f"2026-02-03T12:0{1 if first else 2}:00.000Z",
            "messageStatus": word,
            "subject": "Hello, a table for two is free on Friday at five. Reply STOP to opt out.",
            "segmentCount": 2 if text % 20 == 0 else 1,
            **({"deliveryErrorCode": "SMS-CAR-412"} if word == "DeliveryFailed" else {}),
        }
    )


async def _store(conn: Connection, told: list[Raw]) -> float:
    start = time.perf_counter()
    for at in range(0, len(told), BATCH):
        await receipts.keep(conn, "bench", Source.SYNC, told[at : at + BATCH])
    return time.perf_counter() - start


async def _apply(conn: Connection) -> float:
    start = time.perf_counter()
    while (await applying.apply_new(conn, BATCH, TERMS)).taken:
        pass
    return time.perf_counter() - start


async def _check(conn: Connection, rows: int) -> None:
    ended = "SELECT count(*) FROM newsletter.sms_delivery_events WHERE closed_at IS NOT NULL"
    if await conn.fetchval(ended) != rows // 2:
        raise AssertionError("some texts are not at their end")
