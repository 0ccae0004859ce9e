-- How the queue and its campaigns stand, for people: the daemon's role and the host's may read all of it.

-- name: campaigns
-- The campaign $1, or the last fifty that somebody touched.
SELECT c.id, c.name, c.status::text AS status, coalesce(c.category, 'promotion') AS category, c.scheduled_at, c.sent_at, c.completed_at,
       b.budget_cents, b.spent_exact, b.reserved_exact, b.overspent_exact, coalesce(b.exceeded_at IS NOT NULL, false) AS exceeded
  FROM newsletter.campaigns c LEFT JOIN newsletter.campaign_budgets b ON b.campaign_id = c.id
 WHERE c.channel = 'SMS' AND NOT c.is_deleted AND ($1::uuid IS NULL OR c.id = $1)
 ORDER BY c.updated_at DESC, c.id LIMIT 50;

-- name: words
SELECT campaign_id, word, count(*) AS texts FROM newsletter.sms_messages WHERE campaign_id = ANY ($1::uuid[]) GROUP BY 1, 2;

-- name: texts
-- All texts, or those of the campaign $1, those that are alike together. first_due looks at what is still to come, if anything is.
SELECT coalesce(c.status::text, 'SENDING') AS status, coalesce(b.exceeded_at IS NOT NULL, false) AS exceeded, m.word, m.reason,
       CASE WHEN m.word = 'failed' THEN m.error_code END AS code,
       CASE WHEN m.word = 'failed' THEN min(m.last_error) END AS sentence,
       count(*) AS texts, count(*) FILTER (WHERE m.due_at <= now()) AS due, count(m.held_at) AS held,
       coalesce(min(m.due_at) FILTER (WHERE m.due_at > now()), min(m.due_at)) AS first_due
  FROM newsletter.sms_messages m
  LEFT JOIN newsletter.campaigns c ON c.id = m.campaign_id LEFT JOIN newsletter.campaign_budgets b ON b.campaign_id = m.campaign_id
 WHERE $1::uuid IS NULL OR m.campaign_id = $1
 GROUP BY 1, 2, 3, 4, 5 ORDER BY 3, 4, 5;

-- name: held
-- Texts of the campaign $1, or all, that a rule holds, by rule.
SELECT coalesce(q.reason, '') AS reason, q.rule, count(*) AS texts,
       min(greatest(q.scheduled_at, q.not_before)) AS first, max(greatest(q.scheduled_at, q.not_before)) AS last
  FROM newsletter.sms_send_queue q
 WHERE q.status = 'pending' AND q.rule IS NOT NULL AND greatest(q.scheduled_at, q.not_before) > now()
   AND ($1::uuid IS NULL OR coalesce(q.campaign_id, '00000000-0000-0000-0000-000000000000') = $1)
 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2;

-- name: people
-- For whom texts of the campaign $1 wait, those of one area code and stored zone together; phone is one of them. What is
-- spelled well already is not spelled anew: that costs more than all else here.
SELECT coalesce(q.category, c.category, 'promotion') AS category, min(p.phone) AS phone, s.timezone AS zone, count(*) AS texts
  FROM newsletter.sms_send_queue q
 CROSS JOIN LATERAL (
    SELECT CASE WHEN q.phone_number LIKE '+1__________' THEN q.phone_number ELSE newsletter.e164(q.phone_number) END AS phone) p
  LEFT JOIN newsletter.campaigns c ON c.id = q.campaign_id LEFT JOIN newsletter.subscribers s ON s.id = q.subscriber_id
 WHERE q.status = 'pending' AND coalesce(q.campaign_id, '00000000-0000-0000-0000-000000000000') = $1 AND p.phone IS NOT NULL
 GROUP BY 1, left(p.phone, 5), 3;

-- name: oldest
-- Since when the first text that may leave has waited.
SELECT min(greatest(q.scheduled_at, q.not_before)) FROM newsletter.sms_send_queue q
  LEFT JOIN newsletter.campaigns c ON c.id = q.campaign_id
 WHERE q.status = 'pending' AND (c.id IS NULL OR c.status = 'SENDING') AND greatest(q.scheduled_at, q.not_before) <= now();

-- name: dispatchers
-- What all share: daemons with a heartbeat within $1, numbers, RingCentral's penalties, and the account's day in the zone $2.
SELECT now() AS now,
       (SELECT count(*) FROM newsletter.processes WHERE stopped_at IS NULL AND heartbeat_at > now() - $1::interval) AS daemons,
       (SELECT count(*) FROM newsletter.sms_senders WHERE enabled AND (stopped_until IS NULL OR stopped_until <= now())) AS senders,
       (SELECT min(blocked_until) FROM newsletter.sms_buckets HAVING bool_and(coalesce(blocked_until > now(), false))) AS blocked_until,
       coalesce((SELECT bool_and(needs_probe) FROM newsletter.sms_buckets), false) AS unreachable,
       EXISTS (SELECT FROM newsletter.account_days WHERE day = (now() AT TIME ZONE $2)::date AND exceeded_at IS NOT NULL) AS day_exceeded;
