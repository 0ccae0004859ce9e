-- What people wrote: each text once, by RingCentral's id, and what it asks for.

-- name: keep
-- Store a text, or lock what is stored of it. A clock that runs ahead of ours makes nothing younger than now.
INSERT INTO newsletter.sms_inbound_messages (provider_id, login, phone_number, phone, sender, message_content, written_at, verdict, why, matched,
   read_back_at)
VALUES ($1, $2, $3, newsletter.e164($3), coalesce(newsletter.e164($4), $4), $5, least($6::timestamptz, now()), $7, $8, $9,
        CASE WHEN $10::boolean THEN now() END)
ON CONFLICT (provider_id) DO UPDATE SET provider_id = excluded.provider_id
RETURNING id, phone, sender, written_at, verdict, read_back_at, new_opt_out, xmax = 0 AS is_new;

-- name: read_back
-- What a webhook claimed is replaced by RingCentral's own record.
UPDATE newsletter.sms_inbound_messages
   SET phone_number = $2, phone = newsletter.e164($2), sender = coalesce(newsletter.e164($3), $3), message_content = $4,
       written_at = least($5::timestamptz, now()), verdict = $6, why = $7, matched = $8, read_back_at = now()
 WHERE id = $1
RETURNING id, phone, sender, written_at, verdict, read_back_at, new_opt_out, false AS is_new;

-- name: link
-- The text $1 most likely answers the attempt $2 of the campaign $3 and comes from its person $4, else from the only
-- person with that number.
UPDATE newsletter.sms_inbound_messages i
   SET attempt_id = $2, campaign_id = $3,
       subscriber_id = coalesce((SELECT s.id FROM newsletter.subscribers s WHERE s.id = $4),
                                (SELECT (array_agg(s.id))[1] FROM newsletter.subscribers s
                                  WHERE newsletter.e164(s.phone) = i.phone AND NOT s.is_deleted HAVING count(*) = 1))
 WHERE i.id = $1;

-- name: new_opt_out
UPDATE newsletter.sms_inbound_messages SET new_opt_out = true WHERE id = $1;

-- name: helped_lately
-- Whether the writer of the text $1 had an answer to HELP within the hour.
SELECT EXISTS (SELECT FROM newsletter.sms_inbound_messages i JOIN newsletter.sms_inbound_messages e ON e.phone = i.phone
                 JOIN newsletter.sms_send_queue q ON q.answers = e.id
                WHERE i.id = $1 AND e.verdict = 'help' AND e.written_at > i.written_at - interval '1 day'
                  AND q.created_at > now() - interval '1 hour');

-- name: opted_out
-- Whether the writer of the text $1 is opted out: a START may have come since.
SELECT EXISTS (SELECT FROM newsletter.sms_inbound_messages i JOIN newsletter.sms_suppressions x ON x.phone = i.phone
                WHERE i.id = $1 AND x.reason = 'opted_out' AND x.lifted_at IS NULL);

-- name: answer
-- Answer the text $1 with $2, unless it is old ($3), or came to no number of ours or from one.
INSERT INTO newsletter.sms_send_queue (subscriber_id, phone_number, message_content, category, sender, answers, expires_at)
SELECT s.id, i.phone, $2, 'compliance', i.sender, i.id, i.written_at + $3::interval
  FROM newsletter.sms_inbound_messages i LEFT JOIN newsletter.subscribers s ON s.id = i.subscriber_id
 WHERE i.id = $1 AND i.written_at + $3::interval > now()
   AND EXISTS (SELECT FROM newsletter.sms_senders n WHERE n.number = i.sender)
   AND NOT EXISTS (SELECT FROM newsletter.sms_senders n WHERE n.number = i.phone)
ON CONFLICT (answers) WHERE answers IS NOT NULL DO NOTHING RETURNING id;

-- name: count
-- The person of the text $1 has written to us once more.
UPDATE newsletter.subscribers s SET sms_response_count = coalesce(s.sms_response_count, 0) + 1, updated_at = now() AT TIME ZONE 'UTC'
  FROM newsletter.sms_inbound_messages i WHERE i.id = $1 AND s.id = i.subscriber_id;

-- name: handled
-- What the text $1 asks for is done ($2), or waits: for a person, or for RingCentral's own record. Returns the seconds
-- from its writing to now, when this transaction began.
UPDATE newsletter.sms_inbound_messages SET handled_at = CASE WHEN $2::boolean THEN coalesce(handled_at, now()) END WHERE id = $1
RETURNING extract(epoch FROM now() - written_at)::float8;

-- name: tell
SELECT pg_notify('sms_dispatcher_inbound', $1::text);
