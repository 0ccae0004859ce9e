-- Consent belongs to a number. Whoever opts one out or in locks, in this order: the number, the campaign that is
-- answered, the persons, their live rows by id. Times decide, not the order of arrival: of the latest STOP (since) and
-- the latest START the later one holds, and a STOP where they are the same.

-- name: lock_number
-- Against whoever opens attempts to the number $1 at this moment.
SELECT pg_advisory_xact_lock(hashtextextended('sms-dispatcher number ' || $1, 0));

-- name: share_numbers
-- Before attempts to the numbers $1 are opened: an opt-out of one of them waits for us, or we for it. Those of $2 are
-- locked alone: what was sent to them is counted, and nobody else may send meanwhile. All in one order.
SELECT CASE WHEN t.phone = ANY ($2::text[]) THEN pg_advisory_xact_lock(hashtextextended('sms-dispatcher number ' || t.phone, 0))::text
            ELSE pg_advisory_xact_lock_shared(hashtextextended('sms-dispatcher number ' || t.phone, 0))::text END
  FROM unnest($1::text[]) AS t(phone);

-- name: answered
-- The attempt that a text from $1 at $2 most likely answers: the latest that left within 14 days, first of those from
-- the number $3, at which it came. RingCentral's clock is not ours: a minute is forgiven, if nothing else can be meant.
-- An attempt without an answer may have left.
SELECT a.id AS attempt, a.campaign_id AS campaign, a.subscriber_id AS person FROM newsletter.sms_attempts a
 WHERE a.phone = $1 AND a.opened_at BETWEEN $2::timestamptz - interval '14 days' AND $2::timestamptz + interval '1 minute'
   AND (a.outcome IS NULL OR a.outcome IN ('accepted', 'ambiguous'))
 ORDER BY a.sender IS NOT DISTINCT FROM $3 DESC, a.opened_at <= $2 DESC, a.opened_at DESC, a.id DESC LIMIT 1;

-- name: lock_campaign_of
-- The campaign of the attempt $1, before the persons: the event names it.
SELECT c.id FROM newsletter.campaigns c JOIN newsletter.sms_attempts a ON a.campaign_id = c.id WHERE a.id = $1 FOR KEY SHARE OF c;

-- name: lock_persons
-- Everybody with the number $1, and whom the attempt $2 went to: by now they may have another number, and the event names them.
SELECT id FROM newsletter.subscribers
 WHERE id = ANY (ARRAY(SELECT p.id FROM newsletter.subscribers p WHERE newsletter.e164(p.phone) = $1
                       UNION SELECT a.subscriber_id FROM newsletter.sms_attempts a WHERE a.id = $2))
 ORDER BY id FOR NO KEY UPDATE;

-- name: stands
-- What stands for the number $1.
SELECT since, lifted_at FROM newsletter.sms_suppressions WHERE phone = $1 AND reason = 'opted_out' FOR NO KEY UPDATE;

-- name: suppress
-- The opt-out of $1 at $2 by $3, told by the text $4, is in force.
INSERT INTO newsletter.sms_suppressions AS x (phone, reason, source, since, inbound_id) VALUES ($1, 'opted_out', $3, $2, $4)
ON CONFLICT (phone, reason) DO UPDATE
   SET source = excluded.source, since = excluded.since, inbound_id = excluded.inbound_id, until = NULL,
       lifted_at = NULL, lifted_by = NULL;

-- name: note_late
-- An opt-out at $2 that was lifted later: what is lifted stays so.
UPDATE newsletter.sms_suppressions SET since = CASE WHEN since = lifted_at THEN $2 ELSE greatest(since, $2) END
 WHERE phone = $1 AND reason = 'opted_out';

-- name: remember
-- Write down what stands with each person of $1 now. One whom an opt-out at $2 left as they are, and nobody has changed
-- since, keeps what was written then.
UPDATE newsletter.sms_suppressions x
   SET before = (SELECT coalesce(jsonb_agg(coalesce(k.entry, jsonb_build_object('id', s.id, 'subscribed', s.sms_subscribed,
                                                                                'unsubscribed_at', s.sms_unsubscribed_at)) ORDER BY s.id), '[]')
                   FROM newsletter.subscribers s
                   LEFT JOIN LATERAL (
                     SELECT e.entry FROM jsonb_array_elements(x.before) AS e(entry)
                      WHERE (e.entry->>'id')::uuid = s.id AND NOT s.sms_subscribed
                        AND s.sms_unsubscribed_at = coalesce((e.entry->>'unsubscribed_at')::timestamptz, $2)) k ON true
                  WHERE newsletter.e164(s.phone) = $1)
 WHERE x.phone = $1 AND x.reason = 'opted_out';

-- name: unsubscribe
-- Nobody with the number $1 is subscribed, since $2 or since what the application said before.
UPDATE newsletter.subscribers s
   SET sms_subscribed = false, sms_unsubscribed_at = t.unsubscribed_at, updated_at = now() AT TIME ZONE 'UTC'
  FROM (SELECT (e.entry->>'id')::uuid AS id, coalesce((e.entry->>'unsubscribed_at')::timestamptz, $2::timestamptz) AS unsubscribed_at
          FROM newsletter.sms_suppressions x CROSS JOIN LATERAL jsonb_array_elements(x.before) AS e(entry)
         WHERE x.phone = $1 AND x.reason = 'opted_out') t
 WHERE s.id = t.id AND (s.sms_subscribed OR s.sms_unsubscribed_at IS DISTINCT FROM t.unsubscribed_at);

-- name: lock_live
SELECT id FROM newsletter.sms_send_queue
 WHERE newsletter.e164(phone_number) = $1 AND status IN ('pending', 'sending') ORDER BY id FOR NO KEY UPDATE;

-- name: cancel_live
-- What is not yet opened for the number $1, in every campaign: nobody can open it under its old fence. An answer to
-- the person's own text still leaves.
UPDATE newsletter.sms_send_queue q
   SET status = 'failed', reason = 'opted_out', rule = 'opt-out', verdicts = newsletter.with_verdict(q.verdicts,
         jsonb_build_object('at', now(), 'verdict', 'cancel', 'reason', 'opted_out', 'rule', 'opt-out')),
       fence = q.fence + 1, claimed_by = NULL, lease_until = NULL
 WHERE newsletter.e164(q.phone_number) = $1 AND q.category IS DISTINCT FROM 'compliance'
   AND (q.status = 'pending'
        OR q.status = 'sending' AND q.claimed_by IS NOT NULL AND q.unknown_at IS NULL
           AND NOT EXISTS (SELECT FROM newsletter.sms_attempts a
                            WHERE a.message_id = q.id AND (a.outcome IS NULL OR a.outcome = 'ambiguous')))
RETURNING q.id, q.campaign_id;

-- name: event_unsubscribed
INSERT INTO newsletter.campaign_events (attempt_id, campaign_id, subscriber_id, event_type, occurred_at)
SELECT a.id, c.id, s.id, 'UNSUBSCRIBED', $2
  FROM newsletter.sms_attempts a JOIN newsletter.campaigns c ON c.id = a.campaign_id
  LEFT JOIN newsletter.subscribers s ON s.id = a.subscriber_id
 WHERE a.id = $1
ON CONFLICT DO NOTHING;

-- name: restore
-- Each person of $1 gets back exactly what stood before the opt-out at $2; not one who is gone, has another number
-- now, or whom the application has changed since.
UPDATE newsletter.subscribers s
   SET sms_subscribed = t.subscribed, sms_unsubscribed_at = t.unsubscribed_at, updated_at = now() AT TIME ZONE 'UTC'
  FROM (SELECT (e.entry->>'id')::uuid AS id, (e.entry->>'subscribed')::boolean AS subscribed,
               (e.entry->>'unsubscribed_at')::timestamptz AS unsubscribed_at
          FROM newsletter.sms_suppressions x CROSS JOIN LATERAL jsonb_array_elements(x.before) AS e(entry)
         WHERE x.phone = $1 AND x.reason = 'opted_out') t
 WHERE s.id = t.id AND newsletter.e164(s.phone) = $1 AND NOT s.sms_subscribed
   AND s.sms_unsubscribed_at = coalesce(t.unsubscribed_at, $2);

-- name: lift
-- A START of $1 at $2, the text $3. It is kept where nothing is to be lifted too: the STOP before it may still be under way.
INSERT INTO newsletter.sms_suppressions AS x (phone, reason, source, since, lifted_at, lifted_by) VALUES ($1, 'opted_out', 'start', $2, $2, $3)
ON CONFLICT (phone, reason) DO UPDATE SET lifted_at = excluded.lifted_at, lifted_by = excluded.lifted_by, before = '[]';
