-- name: register
INSERT INTO newsletter.processes (host, pid, version) VALUES ($1, $2, $3) RETURNING id;

-- name: beat
UPDATE newsletter.processes SET heartbeat_at = now() WHERE id = $1;

-- name: leave
UPDATE newsletter.processes SET stopped_at = now() WHERE id = $1;

-- name: day
-- The account's day now, and when the next begins, in the zone $1.
SELECT (now() AT TIME ZONE $1)::date AS day, ((now() AT TIME ZONE $1)::date + 1)::timestamp AT TIME ZONE $1 AS next;

-- name: start_campaigns
UPDATE newsletter.campaigns SET status = 'SENDING', updated_at = now() AT TIME ZONE 'UTC'
 WHERE status = 'SCHEDULED' AND channel = 'SMS' AND NOT is_deleted AND scheduled_at <= now() RETURNING id;

-- name: reopen_campaigns
UPDATE newsletter.campaigns c SET status = 'SENDING', completed_at = NULL, drained_at = NULL, updated_at = now() AT TIME ZONE 'UTC'
 WHERE c.status = 'SENT' AND c.channel = 'SMS' AND NOT c.is_deleted
   AND EXISTS (SELECT FROM newsletter.sms_send_queue q
                WHERE q.status = 'pending' AND coalesce(q.campaign_id, '00000000-0000-0000-0000-000000000000') = c.id)
RETURNING c.id;

-- name: drain_campaigns
-- Note since when each sending campaign has had no live row, and forget it when one comes.
UPDATE newsletter.campaigns c SET drained_at = CASE WHEN l.live THEN NULL ELSE now() END
  FROM newsletter.campaigns s CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT FROM newsletter.sms_send_queue q
                    WHERE q.status = 'pending' AND coalesce(q.campaign_id, '00000000-0000-0000-0000-000000000000') = s.id)
        OR EXISTS (SELECT FROM newsletter.sms_send_queue q WHERE q.status = 'sending' AND q.campaign_id = s.id) AS live) l
 WHERE c.id = s.id AND s.status = 'SENDING' AND s.channel = 'SMS' AND l.live = (s.drained_at IS NOT NULL);

-- name: finish_campaigns
UPDATE newsletter.campaigns SET status = 'SENT', completed_at = now(), updated_at = now() AT TIME ZONE 'UTC'
 WHERE status = 'SENDING' AND channel = 'SMS' AND drained_at <= now() - $1::interval RETURNING id;
