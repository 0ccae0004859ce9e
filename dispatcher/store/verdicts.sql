-- One write for each verdict: the rule that says so on the row, and what all of them said.

-- name: tier_full
-- When the next day begins for the carriers, if today's segments have reached $1.
SELECT (t.day + 1)::timestamp AT TIME ZONE 'America/Los_Angeles' FROM newsletter.tier_days t
 WHERE t.day = (now() AT TIME ZONE 'America/Los_Angeles')::date AND t.segments >= $1;

-- name: cancel
-- A decision of ours is final, and raises the fence of whoever holds the row.
UPDATE newsletter.sms_send_queue q
   SET status = 'failed', reason = t.reason, rule = t.rule, verdicts = newsletter.with_verdict(q.verdicts, t.verdict::jsonb),
       fence = q.fence + 1, claimed_by = NULL, lease_until = NULL
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS t(id, reason, rule, verdict)
 WHERE q.id = t.id;

-- name: defer
-- Who was judged has not cost that process its life.
UPDATE newsletter.sms_send_queue q
   SET status = 'pending', not_before = t.until, reason = t.reason, rule = t.rule,
       verdicts = newsletter.with_verdict(q.verdicts, t.verdict::jsonb), fence = q.fence + 1, claimed_by = NULL, lease_until = NULL,
       reaps = 0
  FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[]) AS t(id, until, reason, rule, verdict)
 WHERE q.id = t.id;
