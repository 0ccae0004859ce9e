-- The queue in the dispatcher's own six words. The host's column keeps its four labels.
CREATE VIEW newsletter.sms_messages WITH (security_invoker = true) AS
SELECT q.id,
       q.campaign_id,
       q.subscriber_id,
       q.phone_number,
       coalesce(q.category, c.category, 'promotion') AS category,
       CASE
         WHEN q.status = 'sending' AND q.unknown_at IS NOT NULL THEN 'unknown'
         WHEN q.status = 'failed' AND q.reason IN (
           'opted_out', 'no_consent', 'subscriber_deleted', 'expired', 'duplicate',
           'campaign_cancelled', 'campaign_deleted', 'not_sms',
           'invalid_number', 'country_not_allowed', 'empty_text', 'text_too_long', 'suppressed',
           'dropped_unknown', 'cancelled_by_person') THEN 'cancelled'
         ELSE q.status::text
       END AS word,
       q.reason,
       greatest(q.scheduled_at, q.not_before) AS due_at,
       q.expires_at,
       q.unknown_at,
       q.held_at,
       q.sent_at,
       q.attempts,
       q.attempt_id,
       q.provider_id,
       q.segments,
       q.error_code,
       q.last_error,
       q.created_at
  FROM newsletter.sms_send_queue q
  LEFT JOIN newsletter.campaigns c ON c.id = q.campaign_id;
