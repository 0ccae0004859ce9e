-- name: register
INSERT INTO newsletter.processes (host, pid, version) VALUES ($1, $2, $3) RETURNING id;

-- name: beat
-- A sign of life of process $1. The account's day now, in the zone $2, and when the next begins; its row is
-- made, and brought to the budget $3 where that has changed.
WITH beat AS (UPDATE newsletter.processes SET heartbeat_at = now() WHERE id = $1),
     today AS (SELECT (now() AT TIME ZONE $2)::date AS day),
     made AS (
       INSERT INTO newsletter.account_days AS d (day, budget_cents) SELECT day, $3::int FROM today
       ON CONFLICT (day) DO UPDATE SET budget_cents = $3::int,
          exceeded_at = CASE WHEN $3::int = 0 OR $3::int > d.budget_cents THEN NULL ELSE d.exceeded_at END,
          overspent_exact = CASE WHEN $3::int = 0 THEN 0 ELSE greatest(d.spent_exact + d.reserved_exact - $3::int, 0) END
        WHERE d.budget_cents <> $3::int)
SELECT day, (day + 1)::timestamp AT TIME ZONE $2 AS next FROM today;

-- name: leave
UPDATE newsletter.processes SET stopped_at = now() WHERE id = $1;

-- name: turn_campaigns
-- Move every campaign on that may: SCHEDULED whose time has come and SENT with new rows to SENDING, SENDING to
-- SENT once every row has been terminal for $1 (drained_at says since when, and is forgotten when one comes).
WITH seen AS MATERIALIZED (
  SELECT s.id, s.status::text AS was, s.scheduled_at, s.drained_at,
         s.status <> 'SCHEDULED' AND EXISTS (
           SELECT FROM newsletter.sms_send_queue q
            WHERE q.status = 'pending' AND coalesce(q.campaign_id, '00000000-0000-0000-0000-000000000000') = s.id)
         OR s.status = 'SENDING' AND EXISTS (
           SELECT FROM newsletter.sms_send_queue q WHERE q.status = 'sending' AND q.campaign_id = s.id) AS live
    FROM newsletter.campaigns s
   WHERE s.channel = 'SMS' AND NOT s.is_deleted AND s.status IN ('SCHEDULED', 'SENDING', 'SENT')),
turning AS (
  SELECT id, was, CASE WHEN was = 'SCHEDULED' AND scheduled_at <= now() THEN 'started'
                       WHEN was = 'SENT' AND live THEN 'reopened'
                       WHEN was = 'SENDING' AND live AND drained_at IS NOT NULL THEN 'refilled'
                       WHEN was = 'SENDING' AND NOT live AND drained_at IS NULL THEN 'drained'
                       WHEN was = 'SENDING' AND NOT live AND drained_at <= now() - $1::interval THEN 'finished' END AS turn
    FROM seen),
going AS (
  UPDATE newsletter.campaigns c
     SET status = 'SENDING', completed_at = NULL, drained_at = NULL, updated_at = now() AT TIME ZONE 'UTC'
    FROM turning t WHERE t.turn IN ('started', 'reopened') AND c.id = t.id AND c.status::text = t.was AND NOT c.is_deleted
  RETURNING c.id, t.turn),
noted AS (
  UPDATE newsletter.campaigns c SET drained_at = CASE t.turn WHEN 'drained' THEN now() END
    FROM turning t WHERE t.turn IN ('drained', 'refilled') AND c.id = t.id AND c.status::text = t.was),
done AS (
  UPDATE newsletter.campaigns c SET status = 'SENT', completed_at = now(), updated_at = now() AT TIME ZONE 'UTC'
    FROM turning t WHERE t.turn = 'finished' AND c.id = t.id AND c.status::text = t.was AND NOT c.is_deleted
  RETURNING c.id, t.turn)
SELECT id, turn FROM going UNION ALL SELECT id, turn FROM done;
