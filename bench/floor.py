"""The floor: the durable row changes that a correct dispatch can't do without, in raw SQL.

Tables of its own with the fewest columns and indexes; for each batch a claim that joins consent and
campaign, a transaction that reserves the money and opens the attempts, and one that settles: status,
provider id, cost, delivery event, campaign event, money. No judging, no pacing, no log, no ledger.
"""

import time
from decimal import Decimal
from uuid import uuid4

import asyncpg

PRICE = Decimal("1.19")
CAMPAIGNS = 4
TABLES = """
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;
SET search_path = floor;
CREATE TABLE campaigns (id uuid PRIMARY KEY, status text NOT NULL DEFAULT 'SENDING');
CREATE TABLE people (id uuid PRIMARY KEY, phone text, subscribed boolean NOT NULL DEFAULT true, unsubscribed_at timestamptz, timezone text);
CREATE TABLE budgets (campaign_id uuid PRIMARY KEY REFERENCES campaigns, cents numeric(14,4) NOT NULL,
  spent numeric(14,4) NOT NULL DEFAULT 0, reserved numeric(14,4) NOT NULL DEFAULT 0);
CREATE TABLE queue (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), campaign_id uuid NOT NULL REFERENCES campaigns,
  person_id uuid NOT NULL REFERENCES people, phone text NOT NULL, content text NOT NULL, status text NOT NULL DEFAULT 'pending',
  priority smallint NOT NULL DEFAULT 0, due timestamptz NOT NULL DEFAULT now(), sent_at timestamptz, attempts int NOT NULL DEFAULT 0,
  claimed_by text, lease_until timestamptz, fence int NOT NULL DEFAULT 0, opened_at timestamptz, sender text, provider_id text,
  segments smallint, cost numeric(14,4));
CREATE INDEX ON queue (priority DESC, due, id) WHERE status = 'pending';
CREATE TABLE deliveries (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), campaign_id uuid REFERENCES campaigns, person_id uuid REFERENCES people,
  phone text NOT NULL, provider_id text UNIQUE, status text NOT NULL, sent_at timestamptz, cost numeric(14,4), queue_id uuid);
CREATE TABLE events (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), campaign_id uuid NOT NULL REFERENCES campaigns,
  person_id uuid REFERENCES people, kind text NOT NULL, at timestamptz NOT NULL DEFAULT now());
CREATE INDEX ON events (campaign_id, at);
INSERT INTO campaigns SELECT md5('floor' || i)::uuid FROM generate_series(0, {campaigns} - 1) i;
INSERT INTO budgets (campaign_id, cents) SELECT id, 1e9 FROM campaigns;
INSERT INTO people (id, phone, timezone) SELECT md5('person' || i)::uuid, '+1' || lpad(i::text, 10, '2'), 'America/New_York' FROM generate_series(1, {rows}) i;
INSERT INTO queue (campaign_id, person_id, phone, content)
  SELECT md5('floor' || i % {campaigns})::uuid, md5('person' || i)::uuid, '+1' || lpad(i::text, 10, '2'),
         'Hello, a table for two is free on Friday at five. Reply STOP to opt out of these texts. ' || i FROM generate_series(1, {rows}) i;
ANALYZE;
"""
CLAIM = """
WITH c AS MATERIALIZED (
  SELECT id FROM queue WHERE status = 'pending' AND due <= now() ORDER BY priority DESC, due, id LIMIT $1 FOR UPDATE SKIP LOCKED)
UPDATE queue q SET status = 'sending', fence = q.fence + 1, claimed_by = 'floor', lease_until = now() + interval '60 s'
  FROM c, people p, campaigns g WHERE q.id = c.id AND p.id = q.person_id AND g.id = q.campaign_id
RETURNING q.id, q.fence, q.campaign_id, q.phone, q.content, p.subscribed, p.unsubscribed_at, p.timezone, g.status
"""
RESERVE = "UPDATE budgets SET reserved = reserved + $2 WHERE campaign_id = $1 AND spent + reserved + $2 <= cents"
OPEN = """
UPDATE queue q SET opened_at = now(), attempts = attempts + 1, sender = '+19165550199'
  FROM unnest($1::uuid[], $2::int[]) AS t(id, fence) WHERE q.id = t.id AND q.fence = t.fence AND q.status = 'sending'
"""
SETTLE = """
WITH s AS (
  UPDATE queue q SET status = 'sent', sent_at = now(), provider_id = t.provider_id, segments = 1, cost = 1.19
    FROM unnest($1::uuid[], $2::int[], $3::text[]) AS t(id, fence, provider_id)
   WHERE q.id = t.id AND q.fence = t.fence AND q.status = 'sending'
  RETURNING q.id, q.campaign_id, q.person_id, q.phone, t.provider_id),
d AS (INSERT INTO deliveries (campaign_id, person_id, phone, provider_id, status, sent_at, cost, queue_id)
      SELECT campaign_id, person_id, phone, provider_id, 'QUEUED', now(), 1.19, id FROM s),
e AS (INSERT INTO events (campaign_id, person_id, kind) SELECT campaign_id, person_id, 'SENT' FROM s)
UPDATE budgets b SET spent = spent + n * 1.19, reserved = reserved - n * 1.19
  FROM (SELECT campaign_id, count(*) AS n FROM s GROUP BY 1) t WHERE t.campaign_id = b.campaign_id
"""


async def seconds(dsn: str, rows: int, batch: int) -> float:
    """Fill the tables anew and return how long *rows* took."""
    conn = await asyncpg.connect(dsn)
    try:
        fill = TABLES.replace("{campaigns}", str(CAMPAIGNS)).replace("{rows}", str(rows))
        await conn.execute("SET client_min_messages = error;" + fill)
        start = time.perf_counter()
        while await _round(conn, batch):
            pass
        took = time.perf_counter() - start
        settled = "SELECT sum(spent) = $1 * 1.19 AND sum(reserved) = 0 FROM budgets"
        if not await conn.fetchval(settled, rows):
            raise AssertionError("the floor's books do not balance")
        return took
    finally:
        await conn.close()


async def _round(conn: "asyncpg.Connection[asyncpg.Record]", batch: int) -> bool:
    rows = await conn.fetch(CLAIM, batch)
    if not rows:
        return False
    campaigns = [r["campaign_id"] for r in rows]
    ids, fences = [r["id"] for r in rows], [r["fence"] for r in rows]
    async with conn.transaction():
        for campaign in sorted(set(campaigns)):
            await conn.execute(RESERVE, campaign, PRICE * campaigns.count(campaign))
        await conn.execute(OPEN, ids, fences)
    await conn.execute(SETTLE, ids, fences, [uuid4().hex for _ in rows])
    return True
