-- name: due
-- Unknown attempts of login $1 whose next look is due: $2 after their last possible moment, and $3 after the first look.
SELECT a.id AS attempt, a.message_id AS message, a.fence, c.id AS campaign, s.id AS person, c.sent_at IS NOT NULL AS begun,
       a.category, a.sender, a.phone, a.text_hash, a.opened_at AS since, a.send_by + $4::interval AS until, a.looks
  FROM newsletter.sms_attempts a
  JOIN newsletter.sms_senders n ON n.number = a.sender AND n.login = $1
  LEFT JOIN newsletter.campaigns c ON c.id = a.campaign_id LEFT JOIN newsletter.subscribers s ON s.id = a.subscriber_id
 WHERE a.outcome = 'ambiguous' AND a.looks < 2
   AND now() >= CASE a.looks WHEN 0 THEN a.send_by + $4::interval + $2::interval ELSE a.looked_at + $3::interval END
 ORDER BY a.opened_at LIMIT 500;

-- name: ours
SELECT provider_id FROM newsletter.sms_attempts WHERE provider_id = ANY ($1::text[]);

-- name: in_flight
-- Between whom a text may be that is ours without our knowing its id: no answer yet, or a doubt whose look is still to
-- come. $1 are those that are looked for now.
SELECT sender, phone FROM newsletter.sms_attempts
 WHERE outcome IS NULL OR outcome = 'ambiguous' AND looks < 2 AND id <> ALL ($1::bigint[]);

-- name: looked
-- A look that was written down already does not count again.
UPDATE newsletter.sms_attempts a SET looks = a.looks + 1, looked_at = now(), look_showed = 'absent'
  FROM unnest($1::bigint[], $2::smallint[]) AS t(id, looks) WHERE a.id = t.id AND a.looks = t.looks AND a.outcome = 'ambiguous';

-- name: cloud
-- What was clouded is not looked for again: nothing would follow from it.
UPDATE newsletter.sms_attempts SET looks = 2, looked_at = now(), look_showed = 'clouded' WHERE id = ANY ($1::bigint[]) AND outcome = 'ambiguous';

-- name: resent
-- Messages that were sent once more already: there is no second time.
SELECT message_id FROM newsletter.sms_attempts WHERE message_id = ANY ($1::uuid[]) AND decision = 'resent';

-- name: hold
UPDATE newsletter.sms_send_queue q SET held_at = now()
  FROM newsletter.sms_attempts a
 WHERE a.id = ANY ($1::bigint[]) AND q.id = a.message_id AND q.attempt_id = a.id AND q.status = 'sending' AND q.held_at IS NULL;

-- name: foreign
INSERT INTO newsletter.sms_foreign_texts (provider_id, sender, phone, created_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) ON CONFLICT DO NOTHING RETURNING provider_id;

-- name: stale
-- Held attempts that end by themselves: of the categories $1 once their message's time is over, if RingCentral's
-- record did not show them, and all after $2.
SELECT a.id AS attempt, a.message_id AS message, a.fence, c.id AS campaign, s.id AS person, c.sent_at IS NOT NULL AS begun,
       a.settled_at <= now() - $2::interval AS presumed
  FROM newsletter.sms_attempts a
  LEFT JOIN newsletter.sms_send_queue q ON q.id = a.message_id
  LEFT JOIN newsletter.campaigns c ON c.id = a.campaign_id LEFT JOIN newsletter.subscribers s ON s.id = a.subscriber_id
 WHERE a.outcome = 'ambiguous'
   AND (a.settled_at <= now() - $2::interval
        OR a.looks >= 2 AND a.look_showed = 'absent' AND a.category = ANY ($1::text[])
           AND coalesce(q.expires_at, q.scheduled_at + ($3::interval[])[array_position($1::text[], a.category)], a.opened_at) <= now())
 ORDER BY a.id LIMIT 500;

-- name: presume_strange
-- held_at stays: it tells `verify` that no attempt of ours ended the row.
UPDATE newsletter.sms_send_queue SET status = 'sent', sent_at = unknown_at, unknown_at = NULL
 WHERE status = 'sending' AND attempt_id IS NULL AND claimed_by IS NULL AND held_at <= now() - $1::interval RETURNING id;
