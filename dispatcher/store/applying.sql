-- Applying receipts. Rows are locked in the order of all: campaign, person, attempts by id, budgets, the account's day.

-- name: waits
-- Whether there is anything to do: most of the time there is not.
SELECT EXISTS (SELECT FROM newsletter.sms_receipts WHERE applied_at IS NULL AND early_at IS NULL) AS new,
       EXISTS (SELECT FROM newsletter.sms_receipts r JOIN newsletter.sms_attempts a ON a.provider_id = r.provider_id
                WHERE r.applied_at IS NULL AND r.early_at IS NOT NULL AND r.early_at > now() - $1::interval) AS found;

-- name: new
-- First what people write, then the oldest.
SELECT id, login, provider_id, source, body FROM newsletter.sms_receipts
 WHERE applied_at IS NULL AND early_at IS NULL ORDER BY source <> 'webhook', id LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED;

-- name: found
-- Of those that came before our own answer was stored: for which it is by now. Those that wait for longer than $2 are left out.
SELECT r.id, r.login, r.provider_id, r.source, r.body
  FROM newsletter.sms_receipts r JOIN newsletter.sms_attempts a ON a.provider_id = r.provider_id
 WHERE r.applied_at IS NULL AND r.early_at IS NOT NULL AND r.early_at > now() - $2::interval
 ORDER BY r.early_at LIMIT $1 FOR NO KEY UPDATE OF r SKIP LOCKED;

-- name: one
SELECT id, login, provider_id, source, body, now() AS now FROM newsletter.sms_receipts
 WHERE id = $1 AND applied_at IS NULL FOR NO KEY UPDATE SKIP LOCKED;

-- name: matches
SELECT id, provider_id, campaign_id, subscriber_id, phone, sender, settled_at
  FROM newsletter.sms_attempts WHERE provider_id = ANY ($1::text[]);

-- name: impatient
-- This transaction waits for nobody for long.
SET LOCAL lock_timeout = '1s';

-- name: spelled
SELECT newsletter.e164($1::text);

-- name: free_people
-- Lock those of the people $1 whom nobody else is changing.
SELECT id FROM newsletter.subscribers WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED;

-- name: people
SELECT id FROM newsletter.subscribers WHERE id = ANY ($1::uuid[]);

-- name: sent_last
UPDATE newsletter.subscribers s SET last_sms_sent_at = t.at
  FROM (SELECT p.id, x.at FROM newsletter.subscribers p JOIN unnest($1::uuid[], $2::timestamptz[]) AS x(id, at) ON x.id = p.id
         WHERE p.last_sms_sent_at IS NULL OR p.last_sms_sent_at < x.at ORDER BY p.id FOR NO KEY UPDATE OF p) AS t
 WHERE s.id = t.id;

-- name: lock_attempts
SELECT FROM newsletter.sms_attempts WHERE id = ANY ($1::bigint[]) ORDER BY id FOR NO KEY UPDATE;

-- name: states
-- A statement of its own after the lock: only so does it see what others have just applied.
SELECT a.id AS attempt, a.campaign_id, a.account_day, a.segment_price, a.segments_reserved, a.cents_billed,
       e.status::text AS status, e.changed_at, e.delivered_at, e.failed_at, e.error_code, e.failure_class, e.segments,
       e.segments_counted, e.counted_at
  FROM newsletter.sms_attempts a JOIN newsletter.sms_delivery_events e ON e.attempt_id = a.id
 WHERE a.id = ANY ($1::bigint[]);

-- name: write_states
UPDATE newsletter.sms_delivery_events e
   SET status = t.status::public.sms_delivery_status, changed_at = t.changed_at, delivered_at = t.delivered_at,
       failed_at = t.failed_at, error_code = t.code, error_message = t.message, failure_class = t.failure,
       segments = t.segments, cost_exact = t.cents, cost = ceil(t.cents), segments_counted = t.counted, counted_at = t.counted_at,
       closed_at = CASE WHEN t.final THEN coalesce(e.closed_at, now()) ELSE e.closed_at END, updated_at = now() AT TIME ZONE 'UTC'
  FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[], $8::text[],
              $9::int[], $10::numeric[], $11::int[], $12::timestamptz[], $13::boolean[])
    AS t(attempt, status, changed_at, delivered_at, failed_at, code, message, failure, segments, cents, counted, counted_at, final)
 WHERE e.attempt_id = t.attempt;

-- name: bill
UPDATE newsletter.sms_attempts a SET segments_billed = t.segments, cents_billed = t.cents
  FROM unnest($1::bigint[], $2::int[], $3::numeric[]) AS t(id, segments, cents) WHERE a.id = t.id;

-- name: bill_budgets
-- The difference $2. What goes above the budget is booked in full, and ends the campaign's turn; room that comes back begins it again.
-- The application may have set its books to less than what comes back.
UPDATE newsletter.campaign_budgets b
   SET spent_exact = t.spent,
       overspent_exact = CASE WHEN b.budget_cents = 0 THEN 0
                              ELSE greatest(b.overspent_exact, t.spent + b.reserved_exact - b.budget_cents) END,
       exceeded_at = CASE WHEN b.budget_cents <> 0 AND t.spent + b.reserved_exact > b.budget_cents
                          THEN coalesce(b.exceeded_at, now())
                          WHEN t.more < 0 THEN NULL ELSE b.exceeded_at END
  FROM (SELECT x.campaign, x.more, greatest(y.spent_exact + x.more, 0) AS spent
          FROM unnest($1::uuid[], $2::numeric[]) AS x(campaign, more) JOIN newsletter.campaign_budgets y ON y.campaign_id = x.campaign) AS t
 WHERE b.campaign_id = t.campaign;

-- name: bill_day
UPDATE newsletter.account_days
   SET spent_exact = spent_exact + $2::numeric,
       overspent_exact = CASE WHEN budget_cents = 0 THEN 0 ELSE greatest(0, spent_exact + $2::numeric + reserved_exact - budget_cents) END,
       exceeded_at = CASE WHEN budget_cents <> 0 AND spent_exact + $2::numeric + reserved_exact > budget_cents
                          THEN coalesce(exceeded_at, now())
                          WHEN $2::numeric < 0 THEN NULL ELSE exceeded_at END
 WHERE day = $1;

-- name: turn_bounced
-- A text that had bounced and was delivered after all has the one event that it would have had at once.
UPDATE newsletter.campaign_events SET event_type = 'DELIVERED', occurred_at = t.at, updated_at = now() AT TIME ZONE 'UTC'
  FROM unnest($1::bigint[], $2::timestamptz[]) AS t(attempt, at) WHERE attempt_id = t.attempt AND event_type = 'BOUNCED';

-- name: event_ended
INSERT INTO newsletter.campaign_events AS x (attempt_id, campaign_id, subscriber_id, event_type, occurred_at)
SELECT a.id, c.id, s.id, t.word::public.campaign_event_type, t.at
  FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) AS t(attempt, word, at)
  JOIN newsletter.sms_attempts a ON a.id = t.attempt JOIN newsletter.campaigns c ON c.id = a.campaign_id
  LEFT JOIN newsletter.subscribers s ON s.id = a.subscriber_id
 ORDER BY a.id
ON CONFLICT (attempt_id, event_type) DO UPDATE SET occurred_at = excluded.occurred_at, updated_at = now() AT TIME ZONE 'UTC'
 WHERE x.occurred_at <> excluded.occurred_at;

-- name: remember
-- A number that can't be texted, until then. A shorter time never shortens a longer one; what a person lifted stays so for
-- all that was sent before.
INSERT INTO newsletter.sms_suppressions AS s (phone, reason, source, since, until)
SELECT t.phone, t.reason, 'receipt', t.first, t.last + $5::interval
  FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[]) AS t(phone, reason, first, last) ORDER BY 1, 2
ON CONFLICT (phone, reason) DO UPDATE
   SET since = least(s.since, excluded.since), until = greatest(s.until, excluded.until),
       lifted_at = CASE WHEN s.lifted_at >= excluded.until - $5::interval THEN s.lifted_at END
 WHERE s.until IS NOT NULL;

-- name: rest
-- A longer rest stays. Whose number it is, only the senders' own rows say.
UPDATE newsletter.sms_senders s SET stopped_until = t.until, stopped_code = t.code
  FROM (SELECT x.login, x.number, y.until, y.code FROM newsletter.sms_senders x
          JOIN unnest($1::text[], $2::timestamptz[], $3::text[]) AS y(number, until, code) ON y.number = x.number
         WHERE x.stopped_until IS NULL OR (x.stopped_until, coalesce(x.stopped_code, '')) < (y.until, y.code)
         ORDER BY x.login, x.number FOR NO KEY UPDATE OF x) AS t
 WHERE s.login = t.login AND s.number = t.number
RETURNING s.number, s.stopped_code, s.stopped_until > now() AS holds;

-- name: applied
UPDATE newsletter.sms_receipts r SET applied_at = now(), verdict = t.verdict
  FROM unnest($1::bigint[], $2::text[]) AS t(id, verdict) WHERE r.id = t.id;

-- name: park
-- Our own answer may be under way still: looked at again until it is there.
UPDATE newsletter.sms_receipts SET early_at = now() WHERE id = ANY ($1::bigint[]) AND early_at IS NULL;
