-- What the leader ends or forgets, in steps of $2: each is short, and none is in the way of what is applied.

-- name: end_unconfirmed
WITH late AS MATERIALIZED (
  SELECT id FROM newsletter.sms_delivery_events
   WHERE attempt_id IS NOT NULL AND closed_at IS NULL AND sent_at < now() - $1::interval
   ORDER BY sent_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)
UPDATE newsletter.sms_delivery_events e SET closed_at = now(), updated_at = now() AT TIME ZONE 'UTC'
 WHERE e.id = ANY (ARRAY(SELECT id FROM late)) RETURNING e.id;

-- name: give_up
-- Receipts that nobody here has sent a text for: the company's own people text from the same numbers.
WITH foreigners AS MATERIALIZED (
  SELECT id FROM newsletter.sms_receipts
   WHERE applied_at IS NULL AND early_at IS NOT NULL AND early_at < now() - $1::interval
   ORDER BY early_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)
UPDATE newsletter.sms_receipts r SET applied_at = now(), verdict = 'foreign'
 WHERE r.id = ANY (ARRAY(SELECT id FROM foreigners)) RETURNING r.id;

-- name: forget
WITH old AS MATERIALIZED (
  SELECT id FROM newsletter.sms_receipts
   WHERE applied_at IS NOT NULL AND applied_at < now() - $1::interval ORDER BY applied_at LIMIT $2 FOR UPDATE SKIP LOCKED)
DELETE FROM newsletter.sms_receipts r WHERE r.id = ANY (ARRAY(SELECT id FROM old)) RETURNING r.id;

-- name: filtered
-- Campaigns of whose texts of the last day, or since a person let them go on, more than $1 percent were taken for spam
-- (430 and 431, whoever says it), and at least $2 had come to their end. One whose alert is still raised is not judged.
WITH suspects AS MATERIALIZED (
  SELECT DISTINCT e.campaign_id AS id FROM newsletter.sms_delivery_events e
   WHERE e.error_code ~ '-43[01]$' AND e.changed_at > now() - interval '1 day' AND e.campaign_id IS NOT NULL),
since AS MATERIALIZED (
  SELECT c.id, greatest(now() - interval '1 day', (SELECT max(a.until) FROM newsletter.alerts a
                                                    WHERE a.kind = 'spam_filtered' AND a.object = c.id::text)) AS at
    FROM suspects s JOIN newsletter.campaigns c ON c.id = s.id
   WHERE c.status = 'SENDING' AND NOT c.is_deleted
     AND NOT EXISTS (SELECT FROM newsletter.alerts a WHERE a.kind = 'spam_filtered' AND a.object = c.id::text AND a.until IS NULL))
SELECT s.id, count(*) AS texts, count(*) FILTER (WHERE e.error_code ~ '-43[01]$') AS filtered
  FROM since s JOIN newsletter.sms_delivery_events e ON e.campaign_id = s.id
 WHERE e.attempt_id IS NOT NULL AND e.changed_at > s.at AND e.status IN ('DELIVERED', 'FAILED', 'UNDELIVERED')
 GROUP BY s.id
HAVING count(*) >= $2::int AND 100 * count(*) FILTER (WHERE e.error_code ~ '-43[01]$') > $1::float8 * count(*)
 ORDER BY s.id;

-- name: pause
UPDATE newsletter.campaigns SET status = 'PAUSED', updated_at = now() AT TIME ZONE 'UTC'
 WHERE id = ANY ($1::uuid[]) AND status = 'SENDING' RETURNING id;
