-- Campaigns as people move them. They are the host's rows: what is written here, the host's own role may write.

-- name: create
INSERT INTO newsletter.campaigns (name, channel, status, content, category) VALUES ($1, 'SMS', 'DRAFT', $2, $3) RETURNING id;

-- name: find
SELECT id, name, channel::text AS channel, status::text AS status, is_deleted, scheduled_at, coalesce(category, 'promotion') AS category
  FROM newsletter.campaigns WHERE id = $1;

-- name: texts
-- The waiting texts of campaign $1, each wording once.
SELECT message_content AS text, count(*) AS people FROM newsletter.sms_send_queue
 WHERE status = 'pending' AND coalesce(campaign_id, '00000000-0000-0000-0000-000000000000') = $1
 GROUP BY message_content;

-- name: launch
-- Guarded: of two launches at once one finds a draft. Without a time $2 it starts now.
UPDATE newsletter.campaigns SET status = 'SCHEDULED', scheduled_at = coalesce($2, now()), updated_at = now() AT TIME ZONE 'UTC'
 WHERE id = $1 AND status = 'DRAFT' AND channel = 'SMS' AND NOT is_deleted AND ($2::timestamptz IS NULL OR $2 > now())
RETURNING scheduled_at;

-- name: launch_texts
-- A text's own end counts from its time, so what was imported days before starts with its campaign.
UPDATE newsletter.sms_send_queue SET scheduled_at = $2
 WHERE status = 'pending' AND coalesce(campaign_id, '00000000-0000-0000-0000-000000000000') = $1 AND scheduled_at < $2;

-- name: set_budget
INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) VALUES ($1, $2)
ON CONFLICT (campaign_id) DO UPDATE SET budget_cents = excluded.budget_cents;

-- name: pause
UPDATE newsletter.campaigns SET status = 'PAUSED', updated_at = now() AT TIME ZONE 'UTC'
 WHERE id = $1 AND status IN ('SENDING', 'SCHEDULED') AND NOT is_deleted RETURNING status::text;

-- name: resume_later
UPDATE newsletter.campaigns SET status = 'SCHEDULED', updated_at = now() AT TIME ZONE 'UTC'
 WHERE id = $1 AND status = 'PAUSED' AND NOT is_deleted AND scheduled_at > now() RETURNING status::text;

-- name: resume
UPDATE newsletter.campaigns SET status = 'SENDING', drained_at = NULL, updated_at = now() AT TIME ZONE 'UTC'
 WHERE id = $1 AND status = 'PAUSED' AND NOT is_deleted AND (scheduled_at IS NULL OR scheduled_at <= now()) RETURNING status::text;

-- name: cancel
UPDATE newsletter.campaigns SET status = 'CANCELLED', updated_at = now() AT TIME ZONE 'UTC'
 WHERE id = $1 AND status IN ('DRAFT', 'SCHEDULED', 'SENDING', 'PAUSED') AND NOT is_deleted RETURNING status::text;

-- name: overdue
-- The waiting texts of campaign $1 whose own end, $2 after their time, is past.
SELECT count(*) FROM newsletter.sms_send_queue
 WHERE status = 'pending' AND coalesce(campaign_id, '00000000-0000-0000-0000-000000000000') = $1
   AND coalesce(expires_at, scheduled_at + $2::interval) <= now();
