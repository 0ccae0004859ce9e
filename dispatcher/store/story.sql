-- One number's whole story, for a person to read. $1 is the number in E.164.

-- name: spell
SELECT newsletter.e164($1) AS phone, now() AS now;

-- name: people
SELECT s.id, s.sms_subscribed IS TRUE AS subscribed, s.sms_unsubscribed_at AS unsubscribed_at, s.is_deleted IS TRUE AS deleted, s.timezone AS zone
  FROM newsletter.subscribers s WHERE newsletter.e164(s.phone) = $1 ORDER BY s.id;

-- name: suppressions
SELECT reason, source, since, until, lifted_at FROM newsletter.sms_suppressions WHERE phone = $1 ORDER BY since, reason;

-- name: events
SELECT at, event, source, words, proof, decided_by, why, subscriber_id AS person, recorded_at, recorded_by
  FROM newsletter.consent_events WHERE phone = $1 ORDER BY at, id;

-- name: written
SELECT i.written_at AS at, i.message_content AS text, i.verdict, i.why, i.decision, i.decided_by, c.name AS campaign
  FROM newsletter.sms_inbound_messages i LEFT JOIN newsletter.campaigns c ON c.id = i.campaign_id
 WHERE i.phone = $1 ORDER BY i.written_at, i.id;

-- name: texts
-- Each request, also of rows, campaigns and people that are gone; and each row that led to none, waits, or was
-- cancelled by a decision of ours. The row's text is that of the request only if its hash is, which the caller asks.
SELECT a.opened_at AS at, a.message_id AS message, a.id AS attempt, c.name AS campaign, a.category, q.message_content AS text, a.text_hash,
       coalesce(a.outcome, 'open') AS outcome, e.status::text AS delivery, coalesce(e.error_code, a.error_code) AS code,
       NULL AS reason, a.verdict->>'rule' AS rule, a.verdict->>'version' AS version
  FROM newsletter.sms_attempts a
  LEFT JOIN newsletter.sms_send_queue q ON q.id = a.message_id
  LEFT JOIN newsletter.campaigns c ON c.id = a.campaign_id
  LEFT JOIN newsletter.sms_delivery_events e ON e.attempt_id = a.id
 WHERE a.phone = $1
UNION ALL
SELECT coalesce(q.created_at, q.scheduled_at), q.id, NULL, c.name, m.category, q.message_content, NULL, m.word, NULL, q.error_code,
       q.reason, q.rule, q.verdicts->-1->>'version'
  FROM newsletter.sms_send_queue q
  JOIN newsletter.sms_messages m ON m.id = q.id
  LEFT JOIN newsletter.campaigns c ON c.id = q.campaign_id
 WHERE newsletter.e164(q.phone_number) = $1
   AND (m.word IN ('pending', 'cancelled') OR NOT EXISTS (SELECT FROM newsletter.sms_attempts a WHERE a.message_id = q.id))
 ORDER BY 1, 3 NULLS LAST;
