-- A thousand people as people are: names with quotes and emoji, numbers typed anyhow or not at all, two with
-- one number; campaigns in every status and channel; events with and without a person or a campaign.
INSERT INTO {schema}.campaigns (id, name, channel, status, subject, content, extra_data, created_at, updated_at, is_deleted)
SELECT md5('campaign' || i)::uuid, 'Campaign ' || i || ' – "O''Hara" 🎉',
       (enum_range(NULL::public.campaign_channel))[1 + i % 4],
       (enum_range(NULL::public.campaign_status))[1 + i % 7],
       CASE WHEN i % 3 = 0 THEN NULL ELSE 'Subject' END, E'Hello {{first_name}}\n; DROP TABLE x; -- 💥',
       CASE WHEN i % 2 = 0 THEN NULL ELSE '{"a": [1, null, "é"]}'::jsonb END,
       timestamp '2025-03-09 02:30:00', timestamp '2025-11-02 01:30:00', i % 11 = 0
  FROM generate_series(1, 40) i;

INSERT INTO {schema}.subscribers (id, email, phone, first_name, last_name, email_subscribed, sms_subscribed, push_subscribed,
  whatsapp_subscribed, subscribed_at, sms_unsubscribed_at, language, timezone, tags, source, email_open_count, email_click_count,
  sms_response_count, extra_data, created_at, updated_at, is_deleted)
SELECT md5('person' || i)::uuid, 'p' || i || '@example.com',
       CASE i % 8
         WHEN 0 THEN '+1916555' || lpad((100 + i % 100)::text, 4, '0')
         WHEN 1 THEN '916555' || lpad((100 + i % 100)::text, 4, '0')
         WHEN 2 THEN '(916) 555-' || lpad((100 + i % 100)::text, 4, '0')
         WHEN 3 THEN '1-916-555-' || lpad((100 + i % 100)::text, 4, '0')
         WHEN 4 THEN NULL
         WHEN 5 THEN 'call me'
         WHEN 6 THEN ''
         ELSE '555-' || lpad((100 + i % 100)::text, 4, '0')
       END,
       CASE WHEN i % 5 = 0 THEN NULL ELSE 'D''Arcy "' || i END, '李 🍜', i % 2 = 0, i % 3 <> 0, false, false,
       timestamptz '2025-01-01 00:00:00+00' + i * interval '1 hour',
       CASE WHEN i % 7 = 0 THEN timestamptz '2025-06-01 12:00:00+00' END, 'en',
       CASE WHEN i % 4 = 0 THEN 'America/Los_Angeles' END, '["vip"]'::jsonb, NULL, i % 9, 0, 0, NULL,
       timestamp '2025-01-01 00:00:00', timestamp '2025-01-01 00:00:00', i % 50 = 0
  FROM generate_series(1, 1000) i;

INSERT INTO {schema}.campaign_events (id, campaign_id, subscriber_id, event_type, occurred_at, extra_data, created_at, updated_at, is_deleted)
SELECT md5('event' || i)::uuid, md5('campaign' || 1 + i % 40)::uuid,
       CASE WHEN i % 6 = 0 THEN NULL ELSE md5('person' || i)::uuid END,
       (enum_range(NULL::public.campaign_event_type))[1 + i % 7], timestamptz '2025-05-01 00:00:00+00' + i * interval '1 min',
       NULL, timestamp '2025-05-01 00:00:00', timestamp '2025-05-01 00:00:00', false
  FROM generate_series(1, 1000) i;

INSERT INTO {schema}.sms_delivery_events (id, campaign_id, subscriber_id, phone_number, message_sid, status, sent_at, error_code,
  error_message, cost, created_at, updated_at, is_deleted)
SELECT md5('delivery' || i)::uuid, CASE WHEN i % 10 = 0 THEN NULL ELSE md5('campaign' || 1 + i % 40)::uuid END,
       CASE WHEN i % 6 = 0 THEN NULL ELSE md5('person' || i)::uuid END, '+1916555' || lpad((100 + i % 100)::text, 4, '0'),
       CASE WHEN i % 4 = 0 THEN NULL ELSE 'sid-' || i END, (enum_range(NULL::public.sms_delivery_status))[1 + i % 5],
       NULL, NULL, 'It''s "broken"', i % 3, timestamp '2025-05-01 00:00:00', timestamp '2025-05-01 00:00:00', false
  FROM generate_series(1, 1000) i;
