-- name: unknown
-- Texts of unknown fate: attempts that are ambiguous, with their rows or without, and rows in `sending` that
-- another program left behind. Of the message $1 or the attempt $2; NULL is any.
SELECT coalesce(a.message_id, q.id) AS message, a.id AS attempt, coalesce(a.campaign_id, q.campaign_id) AS campaign,
       c.name AS campaign_name, coalesce(a.phone, q.phone_number) AS phone, coalesce(a.category, q.category, c.category, 'promotion') AS category,
       coalesce(a.settled_at, q.unknown_at) AS since, a.send_by, coalesce(a.looks, 0) AS looks, a.looked_at, a.look_showed AS showed,
       coalesce(q.held_at, CASE WHEN q.id IS NULL AND a.looks >= 2 THEN a.looked_at END) AS held_at,
       coalesce(q.status = 'sending', false) AS standing, a.opened_at, q.scheduled_at, q.expires_at
  FROM (SELECT * FROM newsletter.sms_attempts WHERE outcome = 'ambiguous') a
  FULL JOIN (SELECT * FROM newsletter.sms_send_queue WHERE status = 'sending' AND unknown_at IS NOT NULL) q
    ON q.id = a.message_id AND q.attempt_id = a.id
  LEFT JOIN newsletter.campaigns c ON c.id = coalesce(a.campaign_id, q.campaign_id)
 WHERE (a.id IS NOT NULL OR q.attempt_id IS NULL)
   AND ($1::uuid IS NULL OR coalesce(a.message_id, q.id) = $1) AND ($2::bigint IS NULL OR a.id = $2)
 ORDER BY coalesce(a.settled_at, q.unknown_at), a.id, q.id;

-- name: key
-- What the attempt $1 is settled by.
SELECT a.message_id AS message, a.fence, c.id AS campaign, s.id AS person, c.sent_at IS NOT NULL AS begun
  FROM newsletter.sms_attempts a
  LEFT JOIN newsletter.campaigns c ON c.id = a.campaign_id LEFT JOIN newsletter.subscribers s ON s.id = a.subscriber_id
 WHERE a.id = $1 AND a.outcome = 'ambiguous';

-- name: hold_fast
-- The attempt $1, if it is still to be decided on; $2: and its row waits for it, $3: and it was searched for so often.
SELECT a.id FROM newsletter.sms_attempts a
 WHERE a.id = $1 AND a.outcome = 'ambiguous' AND a.looks >= $3
   AND (NOT $2 OR EXISTS (SELECT FROM newsletter.sms_send_queue q
                           WHERE q.id = a.message_id AND q.attempt_id = a.id AND q.fence = a.fence AND q.status = 'sending'))
   FOR NO KEY UPDATE;

-- name: end_strange
-- A row of another program's: no attempt of ours could keep who decided, so the row does. held_at tells `verify`
-- that no attempt of ours ended it.
UPDATE newsletter.sms_send_queue
   SET status = (CASE WHEN $2 THEN 'sent' ELSE 'failed' END)::public.sms_queue_status, sent_at = CASE WHEN $2 THEN unknown_at END,
       reason = CASE WHEN NOT $2 THEN 'cancelled_by_person' END, last_error = $3, unknown_at = NULL, held_at = coalesce(held_at, now())
 WHERE id = $1 AND status = 'sending' AND attempt_id IS NULL AND claimed_by IS NULL AND unknown_at IS NOT NULL RETURNING id;

-- name: who
SELECT session_user::text;

-- name: now
SELECT now();
