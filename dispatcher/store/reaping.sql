-- What a dead process held. A process is dead when its heartbeat is older than $1 by the database's clock, when
-- it said that it stopped, or when nobody has heard of it.

-- name: unopened
-- Claims without an attempt: surely unsent. A live process loses one only with its lease.
SELECT q.id FROM newsletter.sms_send_queue q LEFT JOIN newsletter.processes p ON p.id = q.claimed_by
 WHERE q.status = 'sending' AND q.claimed_by IS NOT NULL AND q.attempt_id IS NULL
   AND (q.lease_until <= now() OR p.id IS NULL OR p.stopped_at IS NOT NULL OR p.heartbeat_at <= now() - $1::interval)
 ORDER BY q.id LIMIT 1000 FOR NO KEY UPDATE OF q SKIP LOCKED;

-- name: poison
-- Rows that have cost $2 processes their life, this one included, are set aside.
UPDATE newsletter.sms_send_queue
   SET status = 'failed', reason = 'poison', reaps = reaps + 1, fence = fence + 1, claimed_by = NULL, lease_until = NULL
 WHERE id = ANY ($1::uuid[]) AND reaps + 1 >= $2::int RETURNING id, campaign_id;

-- name: give_back
UPDATE newsletter.sms_send_queue
   SET status = 'pending', reason = 'reaped', reaps = reaps + 1, fence = fence + 1, claimed_by = NULL, lease_until = NULL
 WHERE id = ANY ($1::uuid[]) AND status = 'sending' RETURNING id;

-- name: opened
-- Attempts that were open when their process died. Also those that a process which lives leaves open for $2: it never
-- heard that it had opened them, for the database was lost at the commit.
SELECT a.id, a.message_id FROM newsletter.sms_attempts a LEFT JOIN newsletter.processes p ON p.id = a.process_id
 WHERE a.outcome IS NULL AND a.send_by <= now()
   AND (p.id IS NULL OR p.stopped_at IS NOT NULL OR p.heartbeat_at <= now() - $1::interval OR a.send_by <= now() - $2::interval)
 ORDER BY a.message_id LIMIT 1000;

-- name: doubt
-- Their fence stays: an answer that still comes is taken.
WITH doubted AS (
  UPDATE newsletter.sms_attempts SET outcome = 'ambiguous', settled_at = now()
   WHERE id = ANY ($1::bigint[]) AND outcome IS NULL RETURNING id, message_id),
marked AS (
  UPDATE newsletter.sms_send_queue q SET unknown_at = now(), claimed_by = NULL, lease_until = NULL, last_error = $2
    FROM doubted d WHERE q.id = d.message_id AND q.attempt_id = d.id AND q.status = 'sending')
SELECT id FROM doubted;

-- name: hold_strange
-- Rows that somebody else put into `sending`: whether they went out, only RingCentral and that somebody know.
UPDATE newsletter.sms_send_queue SET unknown_at = now(), held_at = now()
 WHERE status = 'sending' AND claimed_by IS NULL AND attempt_id IS NULL AND unknown_at IS NULL RETURNING id;
