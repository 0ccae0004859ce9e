-- name: facts
-- What the guard judges the rows $1 by, with the last $3 promotions to each number within $2 that may have arrived. Consent and zone are the row's own subscriber's, else those of all with
-- the number; an opt-out counts whoever of them made it. The number is spelled once a row: that costs more than
-- all else here. The coalesce keeps the planner from a partial index that would be read whole for each row.
WITH q AS MATERIALIZED (
  SELECT *, newsletter.e164(phone_number) AS phone FROM newsletter.sms_send_queue WHERE id = ANY ($1::uuid[]))
SELECT q.id, q.fence, q.campaign_id, q.subscriber_id, coalesce(q.category, c.category, 'promotion') AS category,
       q.phone, q.message_content AS text, q.scheduled_at, q.expires_at,
       coalesce(q.attempts, 0) AS attempts, c.status::text AS campaign_status, c.channel::text AS campaign_channel,
       coalesce(c.is_deleted, false) AS campaign_deleted, c.sent_at IS NOT NULL AS campaign_begun,
       coalesce(q.reason = 'subscriber_deleted', false) AS person_gone,
       EXISTS (SELECT FROM newsletter.sms_suppressions x
                WHERE x.phone = q.phone AND x.lifted_at IS NULL AND (x.until IS NULL OR x.until > now())) AS suppressed,
       coalesce(s.sms_unsubscribed_at IS NOT NULL OR s.is_deleted, false) OR coalesce(n.opted_out, false) AS opted_out,
       CASE WHEN s.id IS NOT NULL THEN s.sms_subscribed ELSE n.consents END AS consents,
       CASE WHEN s.id IS NOT NULL THEN s.timezone ELSE n.zones END AS zone, a.sender AS last_sender,
       EXISTS (SELECT FROM newsletter.sms_attempts u
                WHERE u.phone = q.phone AND coalesce(u.outcome, '') = 'ambiguous' AND u.looks < 2) AS in_doubt,
       q.reaps, CASE WHEN q.category = 'compliance' THEN q.sender END AS answers_from,
       CASE WHEN coalesce(q.category, c.category, 'promotion') = 'promotion' THEN ARRAY(
         SELECT p.opened_at FROM newsletter.sms_attempts p
          WHERE p.phone = q.phone AND p.opened_at > now() - $2::interval AND p.category = 'promotion'
            AND coalesce(p.outcome, '') NOT IN ('throttled', 'refused', 'unreached')
          ORDER BY p.opened_at DESC LIMIT $3) ELSE '{}' END AS promoted
  FROM q
  LEFT JOIN newsletter.campaigns c ON c.id = q.campaign_id
  LEFT JOIN newsletter.subscribers s ON s.id = q.subscriber_id
  LEFT JOIN LATERAL (
    SELECT bool_or(o.sms_unsubscribed_at IS NOT NULL) AS opted_out,
           bool_and(o.sms_subscribed) FILTER (WHERE NOT o.is_deleted) AS consents,
           string_agg(DISTINCT o.timezone, '|') FILTER (WHERE NOT o.is_deleted) AS zones
      FROM newsletter.subscribers o WHERE newsletter.e164(o.phone) = q.phone) n ON true
  LEFT JOIN LATERAL (
    SELECT t.sender FROM newsletter.sms_attempts t
     WHERE t.phone = q.phone AND coalesce(t.outcome, '') = 'accepted'
     ORDER BY t.opened_at DESC LIMIT 1) a ON true;
