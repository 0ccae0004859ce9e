-- Definite failures that a person puts back. By the daemon's role, which alone may write these columns.

-- name: retryable
-- The failed rows whose reason is one of $1 and whose reason or code is $2, of the campaign $3 or of all. Late ones
-- are past their own end, $5 after their time for the category $4; gone ones may be with the person already.
SELECT count(*) FILTER (WHERE NOT late AND NOT gone AND NOT over) AS ready, count(*) FILTER (WHERE gone) AS gone,
       count(*) FILTER (WHERE late AND NOT gone) AS late, count(*) FILTER (WHERE over AND NOT late AND NOT gone) AS over
  FROM (SELECT coalesce(q.expires_at, q.scheduled_at + l.lifetime) <= now() AS late,
               coalesce(c.status::text IN ('CANCELLED', 'FAILED') OR c.is_deleted, false) AS over,
               EXISTS (SELECT FROM newsletter.sms_attempts a
                        WHERE a.message_id = q.id AND (a.outcome IS NULL OR a.outcome IN ('accepted', 'ambiguous')))
               OR EXISTS (SELECT FROM newsletter.sms_attempts m JOIN newsletter.sms_attempts a
                            ON a.campaign_id = m.campaign_id AND a.phone = m.phone AND a.text_hash = m.text_hash
                           WHERE m.message_id = q.id AND (a.outcome IS NULL OR a.outcome IN ('accepted', 'ambiguous'))) AS gone
          FROM newsletter.sms_send_queue q LEFT JOIN newsletter.campaigns c ON c.id = q.campaign_id
          JOIN unnest($4::text[], $5::interval[]) AS l(category, lifetime) ON l.category = coalesce(q.category, c.category, 'promotion')
         WHERE q.status = 'failed' AND q.unknown_at IS NULL AND q.reason = ANY ($1::text[]) AND (q.reason = $2 OR q.error_code = $2)
           AND ($3::uuid IS NULL OR q.campaign_id = $3)) AS failed;

-- name: retry
-- Put back what `retryable` called ready; looked at again here, so that nothing has come between.
UPDATE newsletter.sms_send_queue r
   SET status = 'pending', attempts = 0, reason = NULL, error_code = NULL, last_error = NULL, not_before = NULL, attempt_id = NULL,
       fence = r.fence + 1
  FROM newsletter.sms_send_queue q LEFT JOIN newsletter.campaigns c ON c.id = q.campaign_id
  JOIN unnest($4::text[], $5::interval[]) AS l(category, lifetime) ON l.category = coalesce(q.category, c.category, 'promotion')
 WHERE r.id = q.id AND r.status = 'failed' AND r.reason = q.reason
   AND q.status = 'failed' AND q.unknown_at IS NULL AND q.reason = ANY ($1::text[]) AND (q.reason = $2 OR q.error_code = $2)
   AND ($3::uuid IS NULL OR q.campaign_id = $3)
   AND coalesce(q.expires_at, q.scheduled_at + l.lifetime) > now()
   AND NOT coalesce(c.status::text IN ('CANCELLED', 'FAILED') OR c.is_deleted, false)
   AND NOT EXISTS (SELECT FROM newsletter.sms_attempts a
                    WHERE a.message_id = q.id AND (a.outcome IS NULL OR a.outcome IN ('accepted', 'ambiguous')))
   AND NOT EXISTS (SELECT FROM newsletter.sms_attempts m JOIN newsletter.sms_attempts a
                     ON a.campaign_id = m.campaign_id AND a.phone = m.phone AND a.text_hash = m.text_hash
                    WHERE m.message_id = q.id AND (a.outcome IS NULL OR a.outcome IN ('accepted', 'ambiguous')));
