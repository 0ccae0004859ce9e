-- People of a file become texts of a campaign, batch by batch. These are the host's rows.

-- name: hold
-- Lock the campaign $1 for a batch: no other import doubles it, and nobody launches or cancels it meanwhile.
SELECT status::text AS status, content, is_deleted, channel::text AS channel FROM newsletter.campaigns WHERE id = $1 FOR NO KEY UPDATE;

-- name: look
-- What is known of each number of $2, in their order, for the campaign $1.
WITH lines AS MATERIALIZED (
  SELECT t.ord, newsletter.e164(t.phone) AS phone FROM unnest($2::text[]) WITH ORDINALITY AS t(phone, ord))
SELECT l.phone,
       EXISTS (SELECT FROM newsletter.sms_suppressions x
                WHERE x.phone = l.phone AND x.lifted_at IS NULL AND (x.until IS NULL OR x.until > now())) AS suppressed,
       EXISTS (SELECT FROM newsletter.sms_send_queue q
                WHERE newsletter.e164(q.phone_number) = l.phone AND q.status IN ('pending', 'sending') AND q.campaign_id = $1) AS queued,
       coalesce(n.opted_out, false) AS opted_out, coalesce(n.deleted, false) AS deleted, n.subscribed, n.person
  FROM lines l LEFT JOIN LATERAL (
    SELECT bool_or(o.sms_unsubscribed_at IS NOT NULL) AS opted_out, bool_or(o.is_deleted) AS deleted,
           bool_and(o.sms_subscribed) FILTER (WHERE NOT o.is_deleted) AS subscribed,
           (array_agg(o.id ORDER BY o.id) FILTER (WHERE NOT o.is_deleted))[1] AS person
      FROM newsletter.subscribers o WHERE newsletter.e164(o.phone) = l.phone) n ON true
 ORDER BY l.ord;

-- name: add_texts
-- One text each of the campaign's own wording $2, due when the campaign $1 is.
INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content, scheduled_at)
SELECT c.id, t.person, t.phone, $2, greatest(now(), c.scheduled_at)
  FROM newsletter.campaigns c CROSS JOIN unnest($3::uuid[], $4::text[]) AS t(person, phone)
 WHERE c.id = $1;
