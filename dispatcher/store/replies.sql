-- What people wrote, for a person to read and decide on.

-- name: look
-- What people wrote, the newest first; $1: only what waits for a person; $2: only the text of that id; at most $3.
SELECT i.id, i.written_at, i.phone_number AS phone, i.sender, c.name AS campaign, i.verdict, i.why, i.message_content AS text,
       i.read_back_at, i.handled_at, i.decision, i.decided_by
  FROM newsletter.sms_inbound_messages i LEFT JOIN newsletter.campaigns c ON c.id = i.campaign_id
 WHERE (NOT $1 OR i.verdict = 'unclear' AND i.handled_at IS NULL) AND ($2::uuid IS NULL OR i.id = $2)
 ORDER BY i.written_at DESC, i.id LIMIT $3;

-- name: waiting
SELECT count(*) FROM newsletter.sms_inbound_messages WHERE verdict = 'unclear' AND handled_at IS NULL;

-- name: decide
-- The decision $2 on the text $1 by $3, because $4; nothing if it does not wait for one.
UPDATE newsletter.sms_inbound_messages SET decision = $2, decided_by = $3, decided_why = $4, handled_at = now()
 WHERE id = $1 AND verdict = 'unclear' AND handled_at IS NULL
RETURNING phone, written_at, attempt_id;
