-- The ledger. An attempt is opened before its request and settled after it; budgets follow in the same
-- transactions. Rows are locked in one order everywhere: queue, budgets by campaign, the account's day.

-- name: share_budgets
-- Before the budgets are read: a budget of these campaigns that is being made waits with its last count for us, or
-- we for it. A statement of its own, for only the next one sees what has come.
SELECT pg_advisory_xact_lock_shared(hashtextextended('sms-dispatcher budget ' || t.campaign, 0))
  FROM unnest($1::uuid[]) AS t(campaign);

-- name: budgets
SELECT campaign_id, CASE WHEN budget_cents > 0 THEN budget_cents - spent_exact - reserved_exact END AS left
  FROM newsletter.campaign_budgets WHERE campaign_id = ANY ($1::uuid[]) ORDER BY campaign_id FOR NO KEY UPDATE;

-- name: make_day
-- The day's row, brought to the setting $2 where that has changed.
INSERT INTO newsletter.account_days AS d (day, budget_cents) VALUES ($1, $2::int)
ON CONFLICT (day) DO UPDATE SET budget_cents = $2::int,
   exceeded_at = CASE WHEN $2::int = 0 OR $2::int > d.budget_cents THEN NULL ELSE d.exceeded_at END,
   overspent_exact = CASE WHEN $2::int = 0 THEN 0 ELSE greatest(d.spent_exact + d.reserved_exact - $2::int, 0) END
 WHERE d.budget_cents <> $2::int;

-- name: day
SELECT CASE WHEN budget_cents > 0 THEN budget_cents - spent_exact - reserved_exact END AS left,
       exceeded_at IS NOT NULL AS exceeded
  FROM newsletter.account_days WHERE day = $1 FOR NO KEY UPDATE;

-- name: tier_day
-- The carriers' day, its segments so far and when the next one begins; locked.
WITH made AS (
  INSERT INTO newsletter.tier_days AS t (day) VALUES ((now() AT TIME ZONE 'America/Los_Angeles')::date)
  ON CONFLICT (day) DO UPDATE SET segments = t.segments RETURNING day, segments)
SELECT day, segments, (day + 1)::timestamp AT TIME ZONE 'America/Los_Angeles' AS next FROM made;

-- name: count_tier
-- Count $2 segments more (or fewer) on the day $1.
UPDATE newsletter.tier_days SET segments = greatest(segments + $2, 0) WHERE day = $1;

-- name: open
-- Write the attempts down before their requests. A text that this person has or may have is left out.
INSERT INTO newsletter.sms_attempts (message_id, fence, process_id, campaign_id, subscriber_id, category, phone, sender, text_hash,
   send_by, segment_price, segments_reserved, cents_reserved, account_day, tier_day, verdict)
SELECT t.message_id, t.fence, $1, t.campaign_id, t.subscriber_id, t.category, t.phone, t.sender, t.text_hash,
       now() + $2::interval, $3::numeric, t.segments, $3::numeric * t.segments, $4, $5, t.verdict::jsonb
  FROM unnest($6::uuid[], $7::int[], $8::uuid[], $9::uuid[], $10::text[], $11::text[], $12::text[], $13::bytea[], $14::int[], $15::text[])
    AS t(message_id, fence, campaign_id, subscriber_id, category, phone, sender, text_hash, segments, verdict)
ON CONFLICT (campaign_id, phone, text_hash) WHERE outcome IS NULL OR outcome IN ('accepted', 'ambiguous') DO NOTHING
RETURNING id, message_id, opened_at;

-- name: mark_opened
-- Who comes so far has not cost that process its life: the deaths that set a row aside are in a row.
UPDATE newsletter.sms_send_queue q
   SET attempt_id = t.attempt, attempts = coalesce(q.attempts, 0) + 1, segments = t.segments, reaps = 0
  FROM unnest($1::uuid[], $2::bigint[], $3::int[]) AS t(id, attempt, segments) WHERE q.id = t.id;

-- name: reserve
UPDATE newsletter.campaign_budgets b SET reserved_exact = b.reserved_exact + t.cents
  FROM unnest($1::uuid[], $2::numeric[]) AS t(campaign, cents) WHERE b.campaign_id = t.campaign;

-- name: reserve_day
UPDATE newsletter.account_days SET reserved_exact = reserved_exact + $2 WHERE day = $1;

-- name: exceed
UPDATE newsletter.campaign_budgets SET exceeded_at = now() WHERE campaign_id = ANY ($1::uuid[]) AND exceeded_at IS NULL
RETURNING campaign_id;

-- name: exceed_day
UPDATE newsletter.account_days SET exceeded_at = now() WHERE day = $1 AND exceeded_at IS NULL RETURNING day;

-- name: close
-- Write the outcomes into the ledger, once: what another has settled stays as it is, but what is ambiguous
-- may still be cleared up. An id that another attempt has is not written a second time. What was accepted is
-- billed as reserved until RingCentral says otherwise.
UPDATE newsletter.sms_attempts a
   SET outcome = t.outcome, settled_at = now(), error_code = t.code,
       segments_billed = CASE WHEN t.outcome = 'accepted' THEN a.segments_reserved ELSE a.segments_billed END,
       cents_billed = CASE WHEN t.outcome = 'accepted' THEN a.cents_reserved ELSE a.cents_billed END,
       provider_id = CASE WHEN NOT EXISTS (SELECT FROM newsletter.sms_attempts x WHERE x.provider_id = t.provider_id) THEN t.provider_id END
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS t(id, outcome, provider_id, code)
 WHERE a.id = t.id AND (a.outcome IS NULL OR a.outcome = 'ambiguous' AND t.outcome <> 'ambiguous')
RETURNING a.id, a.message_id, a.fence, a.campaign_id, a.account_day, a.cents_reserved, a.outcome, a.tier_day, a.segments_reserved;

-- name: late
-- An answer that differs from what stands is kept beside it.
UPDATE newsletter.sms_attempts a
   SET late_outcome = t.outcome, late_provider_id = t.provider_id, late_at = now()
  FROM unnest($1::bigint[], $2::text[], $3::text[]) AS t(id, outcome, provider_id)
 WHERE a.id = t.id AND a.late_at IS NULL AND t.outcome <> 'ambiguous' AND a.decision IS NOT NULL
   AND (a.outcome <> t.outcome OR a.provider_id IS DISTINCT FROM t.provider_id)
RETURNING a.id;

-- name: decide
UPDATE newsletter.sms_attempts a SET decision = t.word, decided_at = now(), decided_by = t.by, decided_why = t.why
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS t(id, word, by, why) WHERE a.id = t.id;

-- name: lock_parents
-- Before the rows: whoever deletes a campaign or a person starts there, and we must not meet in a circle.
SELECT FROM newsletter.campaigns WHERE id = ANY ($1::uuid[]) ORDER BY id FOR KEY SHARE;

-- name: lock_people
SELECT FROM newsletter.subscribers WHERE id = ANY ($1::uuid[]) ORDER BY id FOR KEY SHARE;

-- name: lock_rows
SELECT id FROM newsletter.sms_send_queue WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: accepted
-- The id is the one that `close` has left in the ledger: none, if another attempt has it.
UPDATE newsletter.sms_send_queue q
   SET status = 'sent', sent_at = now(), provider_id = a.provider_id, lease_until = NULL, claimed_by = NULL, reason = NULL,
       error_code = NULL, last_error = NULL, unknown_at = NULL, held_at = NULL
  FROM unnest($1::uuid[], $2::int[], $3::bigint[]) AS t(id, fence, attempt) JOIN newsletter.sms_attempts a ON a.id = t.attempt
 WHERE q.id = t.id AND q.fence = t.fence AND q.status = 'sending';

-- name: unknown
UPDATE newsletter.sms_send_queue q
   SET unknown_at = now(), lease_until = NULL, claimed_by = NULL, last_error = t.error
  FROM unnest($1::uuid[], $2::int[], $3::text[]) AS t(id, fence, error)
 WHERE q.id = t.id AND q.fence = t.fence AND q.status = 'sending';

-- name: put_back
-- Surely not sent: waits for t.wait. What is not an attempt is not counted as one.
UPDATE newsletter.sms_send_queue q
   SET status = 'pending', not_before = now() + t.wait,
       reason = CASE WHEN q.reason = 'subscriber_deleted' THEN q.reason ELSE t.reason END, error_code = t.code, last_error = t.error, attempt_id = NULL,
       lease_until = NULL, claimed_by = NULL, unknown_at = NULL, held_at = NULL, attempts = q.attempts - CASE WHEN t.counts THEN 0 ELSE 1 END
  FROM unnest($1::uuid[], $2::int[], $3::interval[], $4::text[], $5::text[], $6::text[], $7::boolean[])
    AS t(id, fence, wait, reason, code, error, counts)
 WHERE q.id = t.id AND q.fence = t.fence AND q.status = 'sending';

-- name: failed
UPDATE newsletter.sms_send_queue q
   SET status = 'failed', reason = t.reason, error_code = t.code, last_error = t.error, lease_until = NULL, claimed_by = NULL,
       unknown_at = NULL, held_at = NULL
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[]) AS t(id, fence, reason, code, error)
 WHERE q.id = t.id AND q.fence = t.fence AND q.status = 'sending';

-- name: lock_budgets
SELECT FROM newsletter.campaign_budgets WHERE campaign_id = ANY ($1::uuid[]) ORDER BY campaign_id FOR NO KEY UPDATE;

-- name: settle_budgets
-- What was reserved is spent, given back, or (kept) still reserved. Room that comes back opens the line again.
UPDATE newsletter.campaign_budgets b
   SET reserved_exact = b.reserved_exact - t.spent - t.back, spent_exact = b.spent_exact + t.spent,
       exceeded_at = CASE WHEN t.back > 0 THEN NULL ELSE b.exceeded_at END
  FROM unnest($1::uuid[], $2::numeric[], $3::numeric[]) AS t(campaign, spent, back) WHERE b.campaign_id = t.campaign;

-- name: settle_day
UPDATE newsletter.account_days
   SET reserved_exact = reserved_exact - $2 - $3, spent_exact = spent_exact + $2,
       exceeded_at = CASE WHEN $3 > 0 THEN NULL ELSE exceeded_at END
 WHERE day = $1;

-- name: delivery_accepted
INSERT INTO newsletter.sms_delivery_events (attempt_id, campaign_id, subscriber_id, phone_number, message_sid, status, sent_at,
   segments, cost_exact, cost)
SELECT a.id, c.id, s.id, a.phone, a.provider_id, 'QUEUED', a.settled_at, a.segments_reserved, a.cents_reserved, ceil(a.cents_reserved)
  FROM newsletter.sms_attempts a
  LEFT JOIN newsletter.campaigns c ON c.id = a.campaign_id LEFT JOIN newsletter.subscribers s ON s.id = a.subscriber_id
 WHERE a.id = ANY ($1::bigint[])
ON CONFLICT DO NOTHING;

-- name: delivery_refused
INSERT INTO newsletter.sms_delivery_events (attempt_id, campaign_id, subscriber_id, phone_number, status, failed_at, error_code,
   error_message, cost_exact, cost, failure_class, closed_at)
SELECT a.id, c.id, s.id, a.phone, 'FAILED', a.settled_at, a.error_code, t.error, 0, 0, 'refused', a.settled_at
  FROM unnest($1::bigint[], $2::text[]) AS t(id, error) JOIN newsletter.sms_attempts a ON a.id = t.id
  LEFT JOIN newsletter.campaigns c ON c.id = a.campaign_id LEFT JOIN newsletter.subscribers s ON s.id = a.subscriber_id
ON CONFLICT DO NOTHING;

-- name: event_sent
INSERT INTO newsletter.campaign_events (attempt_id, campaign_id, subscriber_id, event_type, occurred_at)
SELECT a.id, c.id, s.id, 'SENT', a.settled_at
  FROM newsletter.sms_attempts a JOIN newsletter.campaigns c ON c.id = a.campaign_id
  LEFT JOIN newsletter.subscribers s ON s.id = a.subscriber_id
 WHERE a.id = ANY ($1::bigint[])
ON CONFLICT DO NOTHING;

-- name: campaign_begun
UPDATE newsletter.campaigns SET sent_at = now() WHERE id = ANY ($1::uuid[]) AND sent_at IS NULL RETURNING id;
