-- The campaigns' figures by day, for who looks at them or wants all of them counted anew.

-- name: note_all
-- All that has ever happened, and what stands without anything behind it.
INSERT INTO newsletter.rollup_stale (campaign_id, at)
SELECT nullif(campaign, '00000000-0000-0000-0000-000000000000'), newsletter.quarter_hour(at) FROM newsletter.rollup_facts
 WHERE newsletter.quarter_hour(at) IS NOT NULL
UNION
SELECT d.campaign_id, (d.day::timestamp + interval '12 hours') AT TIME ZONE z.zone
  FROM newsletter.campaign_metrics_daily d CROSS JOIN newsletter.rollup_zone z;

-- name: settings
-- All of it is read: no time-out may end it, nor may a plan be compiled first.
SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'; SET LOCAL jit = off;

-- name: days
-- Every day that has figures, or should have.
SELECT nullif(f.campaign, '00000000-0000-0000-0000-000000000000') AS campaign_id, (f.at AT TIME ZONE z.zone)::date AS day
  FROM newsletter.rollup_facts f CROSS JOIN newsletter.rollup_zone z WHERE newsletter.quarter_hour(f.at) IS NOT NULL
UNION
SELECT campaign_id, day FROM newsletter.campaign_metrics_daily;

-- name: stale
SELECT DISTINCT s.campaign_id, (s.at AT TIME ZONE z.zone)::date AS day
  FROM newsletter.rollup_stale s CROSS JOIN newsletter.rollup_zone z;

-- name: standing
SELECT * FROM newsletter.campaign_metrics_daily;

-- name: counted
SELECT * FROM newsletter.counted_days($1, $2);

-- name: now
SELECT now();

-- name: of_campaign
-- The figures of campaign $1 so far; rolled_at is NULL while there are none.
SELECT coalesce(sum(delivered), 0)::bigint AS delivered, coalesce(sum(failed), 0)::bigint AS failed,
       coalesce(sum(replied), 0)::bigint AS replied, coalesce(sum(unsubscribed), 0)::bigint AS unsubscribed, max(rolled_at) AS rolled_at
  FROM newsletter.campaign_metrics_daily WHERE campaign_id = $1;
