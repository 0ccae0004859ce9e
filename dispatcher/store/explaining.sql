-- Why a text was sent or not, from its row and from the ledger, which outlives it. Read only.

-- name: message_of
-- The message of the attempt $1.
SELECT message_id FROM newsletter.sms_attempts WHERE id = $1;

-- name: row
SELECT q.id, m.word, m.category, coalesce(newsletter.e164(q.phone_number), q.phone_number) AS phone, c.name AS campaign,
       c.status::text AS campaign_status, s.timezone AS zone, q.reason, q.rule, q.scheduled_at, m.due_at, q.expires_at, q.sent_at, q.held_at,
       q.error_code AS code, q.last_error AS sentence, q.verdicts
  FROM newsletter.sms_messages m JOIN newsletter.sms_send_queue q ON q.id = m.id
  LEFT JOIN newsletter.campaigns c ON c.id = q.campaign_id LEFT JOIN newsletter.subscribers s ON s.id = q.subscriber_id
 WHERE m.id = $1;

-- name: attempts
SELECT a.id, a.opened_at, a.outcome, a.settled_at, a.error_code AS code, a.decision, a.decided_by, a.category, a.phone,
       c.name AS campaign, s.timezone AS zone, a.verdict, d.status::text AS delivery, coalesce(d.changed_at, d.delivered_at, d.failed_at) AS delivery_at,
       d.error_code AS delivery_code
  FROM newsletter.sms_attempts a
  LEFT JOIN newsletter.campaigns c ON c.id = a.campaign_id LEFT JOIN newsletter.subscribers s ON s.id = a.subscriber_id
  LEFT JOIN newsletter.sms_delivery_events d ON d.attempt_id = a.id
 WHERE a.message_id = $1 ORDER BY a.id;
