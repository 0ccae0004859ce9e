-- The claim, statement by statement of one short transaction: bucket, lanes, candidates, facts, and one
-- write for each verdict. A lane is a campaign (or none) and a category that rows carry themselves.

-- name: bucket
-- The shared rate of login $1 and group $2, locked for the claim's length: whole tokens there are now.
WITH b AS MATERIALIZED (
  SELECT *, least(capacity, tokens + per_second * extract(epoch FROM greatest(now() - filled_at, interval '0'))) AS level
    FROM newsletter.sms_buckets WHERE login = $1 AND limit_group = $2 FOR NO KEY UPDATE)
SELECT floor(level)::int AS tokens, now() AS now, needs_probe,
       coalesce(greatest(extract(epoch FROM blocked_until - now()), 0), 0)::float8 AS blocked_seconds,
       ((1 - (level - floor(level))) / per_second)::float8 AS token_seconds
  FROM b;

-- name: spend
-- Take $3 tokens out of the bucket that `bucket` locked.
UPDATE newsletter.sms_buckets
   SET tokens = least(capacity, tokens + per_second * extract(epoch FROM greatest(now() - filled_at, interval '0'))) - $3,
       filled_at = greatest(filled_at, now())
 WHERE login = $1 AND limit_group = $2;

-- name: senders
-- The numbers of login $1 that may send now, with the texts each may still send: this minute, this day.
SELECT number, floor(least($2::float8, minute_tokens + $2::float8 / 60 * extract(epoch FROM greatest(now() - filled_at, interval '0'))))::int AS minute,
       CASE WHEN day = $4::date THEN $3::int - texts ELSE $3::int END AS day
  FROM newsletter.sms_senders
 WHERE login = $1 AND enabled AND (stopped_until IS NULL OR stopped_until <= now())
 ORDER BY number FOR NO KEY UPDATE;

-- name: spend_senders
-- Count the texts $3 of each number $2 against its minute ($4 a minute) and its day $5.
UPDATE newsletter.sms_senders s
   SET minute_tokens = least($4::float8, s.minute_tokens + $4::float8 / 60 * extract(epoch FROM greatest(now() - s.filled_at, interval '0'))) - t.texts,
       filled_at = now(), texts = CASE WHEN s.day = $5::date THEN s.texts ELSE 0 END + t.texts, day = $5::date
  FROM unnest($2::text[], $3::int[]) AS t(number, texts)
 WHERE s.login = $1 AND s.number = t.number;

-- name: lanes
-- Every lane with a waiting row, found by hopping from one to the next in the claim's index, with its first
-- due time and what its campaign allows.
WITH RECURSIVE hop AS (
  (SELECT coalesce(campaign_id, '00000000-0000-0000-0000-000000000000') AS campaign, coalesce(category, '') AS category
     FROM newsletter.sms_send_queue WHERE status = 'pending'
    ORDER BY coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'), coalesce(category, '') LIMIT 1)
  UNION ALL
  SELECT n.campaign, n.category FROM hop CROSS JOIN LATERAL (
    SELECT coalesce(q.campaign_id, '00000000-0000-0000-0000-000000000000') AS campaign, coalesce(q.category, '') AS category
      FROM newsletter.sms_send_queue q
     WHERE q.status = 'pending'
       AND (coalesce(q.campaign_id, '00000000-0000-0000-0000-000000000000'), coalesce(q.category, '')) > (hop.campaign, hop.category)
     ORDER BY coalesce(q.campaign_id, '00000000-0000-0000-0000-000000000000'), coalesce(q.category, '') LIMIT 1) n)
SELECT hop.campaign, hop.category AS own_category, d.due, now() AS now,
       coalesce(nullif(hop.category, ''), c.category, 'promotion') AS category,
       (c.id IS NULL OR c.status = 'SENDING' OR c.status = 'CANCELLED' OR c.is_deleted OR c.channel <> 'SMS') AS open,
       (b.exceeded_at IS NOT NULL OR EXISTS (SELECT FROM newsletter.account_days a
                                              WHERE a.day = $1 AND a.exceeded_at IS NOT NULL)) AS exceeded
  FROM hop
 CROSS JOIN LATERAL (
    SELECT greatest(q.scheduled_at, q.not_before) AS due FROM newsletter.sms_send_queue q
     WHERE q.status = 'pending' AND coalesce(q.campaign_id, '00000000-0000-0000-0000-000000000000') = hop.campaign
       AND coalesce(q.category, '') = hop.category
     ORDER BY greatest(q.scheduled_at, q.not_before), q.id LIMIT 1) d
  LEFT JOIN newsletter.campaigns c ON c.id = hop.campaign
  LEFT JOIN newsletter.campaign_budgets b ON b.campaign_id = hop.campaign;

-- name: candidates
-- Lock the first due rows of the lanes $1, $2, at most $3 of each. SKIP LOCKED lets processes claim side by
-- side; the constant limit inside keeps the plan whatever the estimates.
SELECT p.id, l.ord
  FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS l(campaign, category, ord)
 CROSS JOIN LATERAL (
    SELECT x.id FROM (
      SELECT q.id FROM newsletter.sms_send_queue q
       WHERE q.status = 'pending' AND coalesce(q.campaign_id, '00000000-0000-0000-0000-000000000000') = l.campaign
         AND coalesce(q.category, '') = l.category AND greatest(q.scheduled_at, q.not_before) <= now()
       ORDER BY greatest(q.scheduled_at, q.not_before), q.id LIMIT 500
         FOR NO KEY UPDATE SKIP LOCKED) x
     LIMIT $3) p;

-- name: take
-- Claim the rows $1 for process $2 and senders $3, for $4.
UPDATE newsletter.sms_send_queue q
   SET status = 'sending', fence = q.fence + 1, claimed_by = $2, sender = t.sender, lease_until = now() + $4::interval,
       attempt_id = NULL, reason = NULL, rule = NULL
  FROM unnest($1::uuid[], $3::text[]) AS t(id, sender)
 WHERE q.id = t.id AND q.status = 'pending'
RETURNING q.id, q.fence;

-- name: hand_back
-- Claims that were not opened go back as they came: not an attempt.
UPDATE newsletter.sms_send_queue q
   SET status = 'pending', claimed_by = NULL, lease_until = NULL, reason = $3
  FROM unnest($1::uuid[], $2::int[]) AS t(id, fence)
 WHERE q.id = t.id AND q.fence = t.fence AND q.status = 'sending' AND q.attempt_id IS NULL;

-- name: hold
-- Lock, in the order of their id, the claims $1 that still stand under their fences $2.
SELECT q.id, t.fence FROM newsletter.sms_send_queue q JOIN unnest($1::uuid[], $2::int[]) AS t(id, fence) ON q.id = t.id AND q.fence = t.fence
 WHERE q.status = 'sending' AND q.attempt_id IS NULL ORDER BY q.id FOR NO KEY UPDATE OF q;
