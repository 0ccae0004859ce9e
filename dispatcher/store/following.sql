-- What sms-dispatcher receipts shows: how far the record is read, and what came of what it told.

-- name: syncs
SELECT s.login, s.token_at, s.read_at, s.gap_since, s.gap_until, s.gap_page FROM newsletter.sms_syncs s ORDER BY s.login;

-- name: receipts
-- Today is the day of the account, in the zone $1.
SELECT CASE WHEN applied_at IS NOT NULL THEN verdict WHEN early_at IS NULL THEN 'new' ELSE 'early' END AS state, count(*) AS receipts,
       min(received_at) AS oldest
  FROM newsletter.sms_receipts
 WHERE applied_at IS NULL OR applied_at >= date_trunc('day', now(), $1)
 GROUP BY 1 ORDER BY 1;

-- name: open
-- Texts whose end is awaited, and since when the oldest has been.
SELECT count(*) AS texts, min(sent_at) AS oldest FROM newsletter.sms_delivery_events WHERE attempt_id IS NOT NULL AND closed_at IS NULL;

-- name: now
SELECT now();
