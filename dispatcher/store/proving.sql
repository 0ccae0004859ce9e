-- Consents of a file become evidence, and their people subscribed, batch by batch, by the host's role.

-- name: hold_persons
-- Everybody with one of the numbers $1: nobody changes what they want until the batch is recorded.
SELECT s.id FROM newsletter.subscribers s
 WHERE newsletter.e164(s.phone) = ANY (ARRAY(SELECT newsletter.e164(t.phone) FROM unnest($1::text[]) AS t(phone)))
 ORDER BY s.id FOR NO KEY UPDATE;

-- name: look
-- What is known of each number of $1, in their order, whose owner is said to agree at $2 to the words $3. Whoever of
-- the number opted out, it is the number's; who was deleted after opting out has nobody to take it back.
WITH lines AS MATERIALIZED (
  SELECT t.ord, t.at, t.words, newsletter.e164(t.phone) AS phone
    FROM unnest($1::text[], $2::timestamptz[], $3::text[]) WITH ORDINALITY AS t(phone, at, words, ord))
SELECT l.phone, now() AS now,
       EXISTS (SELECT FROM newsletter.sms_suppressions x
                WHERE x.phone = l.phone AND x.lifted_at IS NULL AND (x.until IS NULL OR x.until > now())) AS suppressed,
       EXISTS (SELECT FROM newsletter.sms_suppressions x
                WHERE x.phone = l.phone AND x.reason = 'opted_out' AND (x.lifted_at IS NULL OR x.since >= l.at AND x.lifted_at > x.since))
         OR EXISTS (SELECT FROM newsletter.consent_events e WHERE e.phone = l.phone AND e.event = 'opt_out' AND e.at >= l.at)
         OR coalesce(n.opted_out, false) AS opted_out,
       coalesce(n.deleted, false) AS deleted, coalesce(n.people, '{}') AS people,
       EXISTS (SELECT FROM newsletter.consent_events e
                WHERE e.phone = l.phone AND e.event = 'evidence' AND e.at = l.at AND e.words = l.words) AS recorded
  FROM lines l LEFT JOIN LATERAL (
    SELECT bool_or(o.sms_unsubscribed_at IS NOT NULL AND (o.is_deleted OR o.sms_unsubscribed_at >= l.at)) AS opted_out,
           bool_or(o.is_deleted) AS deleted, array_agg(o.id ORDER BY o.id) FILTER (WHERE NOT o.is_deleted) AS people
      FROM newsletter.subscribers o WHERE newsletter.e164(o.phone) = l.phone) n ON true
 ORDER BY l.ord;

-- name: subscribe
-- The people $1, who are held and whose opt-out, if any, is older than their consent.
UPDATE newsletter.subscribers
   SET sms_subscribed = true, sms_unsubscribed_at = NULL, updated_at = now() AT TIME ZONE 'UTC'
 WHERE id = ANY ($1::uuid[]) AND NOT is_deleted AND (sms_subscribed IS NOT TRUE OR sms_unsubscribed_at IS NOT NULL);

-- name: prove
-- The evidence of each of the numbers $1, by $7.
INSERT INTO newsletter.consent_events (phone, subscriber_id, event, at, source, words, proof, decided_by)
SELECT t.phone, t.person, 'evidence', t.at, t.source, t.words, t.proof::jsonb, $7
  FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[]) AS t(phone, person, at, source, words, proof);
