-- People whom a file brings and the database does not know. These are the host's rows.

-- name: hold
-- Two imports must not add one person twice.
SELECT pg_advisory_xact_lock(hashtextextended('sms-dispatcher people', 0));

-- name: add
-- New people, who agreed to texts and to nothing else; how and when stands in the host's own notes.
INSERT INTO newsletter.subscribers (phone, first_name, last_name, email, timezone, sms_subscribed, email_subscribed, source, extra_data)
SELECT t.phone, nullif(t.first_name, ''), nullif(t.last_name, ''), nullif(t.email, ''), nullif(t.zone, ''), true, false,
       'sms-dispatcher import',
       jsonb_build_object('sms_consent', jsonb_build_object('how', t.how, 'recorded_at', now(), 'campaign_id', $7::uuid))
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS t(phone, first_name, last_name, email, zone, how)
ON CONFLICT DO NOTHING
RETURNING id, phone;
