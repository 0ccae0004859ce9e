-- Rows in every status, the same person pending twice in one campaign, numbers nobody can dial, a budget that
-- is spent, one without a limit; all beside the people of legacy_rows.sql.
INSERT INTO newsletter.sms_templates (name, content, category)
SELECT 'Template ' || i, 'Hi {{first_name}}, it''s 🎂', (ARRAY['reminder', 'promotion', 'transactional'])[1 + i % 3]
  FROM generate_series(1, 20) i;

INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents, spent_cents, exceeded_at)
SELECT md5('campaign' || i)::uuid, CASE WHEN i % 5 = 0 THEN 0 ELSE 1000 END, i * 20,
       CASE WHEN i % 7 = 0 THEN timestamptz '2025-06-01 00:00:00+00' END
  FROM generate_series(1, 30) i;

INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content, status, scheduled_at, sent_at, attempts, last_error)
SELECT CASE WHEN i % 9 = 0 THEN NULL ELSE md5('campaign' || 1 + i % 40)::uuid END,
       CASE WHEN i % 6 = 0 THEN NULL ELSE md5('person' || 1 + i % 1000)::uuid END,
       CASE WHEN i % 13 = 0 THEN 'n/a' ELSE '(916) 555-' || lpad((100 + i % 100)::text, 4, '0') END,
       'Don''t miss it 🎉 ' || i % 500, (ARRAY['pending', 'sending', 'sent', 'failed'])[1 + i % 4]::sms_queue_status,
       timestamptz '2025-06-01 00:00:00+00' + i * interval '1 min', NULL,
       CASE WHEN i % 3 = 0 THEN NULL ELSE i % 3 END, CASE WHEN i % 4 = 3 THEN 'old "error"' END
  FROM generate_series(1, 1200) i;
-- Twice, to the letter.
INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content)
SELECT md5('campaign1')::uuid, md5('person1')::uuid, '+19165550101', 'twice' FROM generate_series(1, 2);
