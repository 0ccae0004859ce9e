-- The campaigns' figures by day. Which day a thing belongs to, and how a day is counted, stands in the schema
-- (rollup_facts, counted_days); here is only what is counted when. One counts at a time.

-- name: lock
SELECT pg_advisory_xact_lock(hashtextextended('sms-dispatcher rollup', 0));

-- name: try_lock
SELECT pg_try_advisory_xact_lock(hashtextextended('sms-dispatcher rollup', 0));

-- name: take
-- Of the oldest $1 notes those of the first $2 days, and whether there were more. What is noted after this statement's snapshot stays, and what
-- belongs to a note that goes is seen by the count that follows: it was committed with it.
WITH oldest AS MATERIALIZED (
  SELECT s.id, coalesce(s.campaign_id, '00000000-0000-0000-0000-000000000000') AS campaign, (s.at AT TIME ZONE z.zone)::date AS day
    FROM newsletter.rollup_stale s CROSS JOIN newsletter.rollup_zone z ORDER BY s.id LIMIT $1),
found AS MATERIALIZED (SELECT campaign, day, min(id) AS first FROM oldest GROUP BY 1, 2),
days AS MATERIALIZED (SELECT campaign, day FROM found ORDER BY first LIMIT $2),
gone AS (
  DELETE FROM newsletter.rollup_stale s USING oldest o JOIN days d USING (campaign, day)
   WHERE s.id = o.id)
SELECT nullif(campaign, '00000000-0000-0000-0000-000000000000') AS campaign_id, day,
       (SELECT count(*) FROM oldest) >= $1 OR (SELECT count(*) FROM found) > $2 AS left
  FROM days;

-- name: clear
DELETE FROM newsletter.campaign_metrics_daily d USING unnest($1::uuid[], $2::date[]) AS t(campaign_id, day)
 WHERE d.day = t.day AND d.campaign_id IS NOT DISTINCT FROM t.campaign_id;

-- name: count
INSERT INTO newsletter.campaign_metrics_daily SELECT * FROM newsletter.counted_days($1, $2);

-- name: rezone
-- From now on the days of zone $1. Each day that stands is noted with all that it might be in any zone. One that never
-- was in the new one (it went over the date line) is of no note, and goes at once.
WITH new AS (UPDATE newsletter.rollup_zone SET zone = $1 WHERE zone <> $1 RETURNING zone),
noted AS (
  INSERT INTO newsletter.rollup_stale (campaign_id, at)
  SELECT d.campaign_id, t.at FROM new CROSS JOIN newsletter.campaign_metrics_daily d
   CROSS JOIN LATERAL generate_series((d.day - 1)::timestamp AT TIME ZONE 'UTC' + interval '10 hours',
                                      (d.day + 1)::timestamp AT TIME ZONE 'UTC' + interval '12 hours', '10 hours') AS t(at)),
gone AS (
  DELETE FROM newsletter.campaign_metrics_daily d USING new
   WHERE NOT EXISTS (SELECT FROM generate_series((d.day - 1)::timestamp AT TIME ZONE 'UTC' + interval '10 hours',
                                                 (d.day + 1)::timestamp AT TIME ZONE 'UTC' + interval '12 hours', '10 hours') AS t(at)
                      WHERE (t.at AT TIME ZONE new.zone)::date = d.day))
SELECT EXISTS (SELECT FROM new);
