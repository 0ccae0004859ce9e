-- The rights of the role that the host application runs as: everything on its own columns, the few of ours
-- that it may set (category, expires_at), and to read the rest. The role's name comes in the setting
-- sms_dispatcher.host_role.
DO $$
DECLARE
  role text := quote_ident(current_setting('sms_dispatcher.host_role'));
  queue text := 'id, campaign_id, subscriber_id, phone_number, message_content, status, scheduled_at, sent_at, attempts, '
                'last_error, created_at, category, expires_at';
  budget text := 'campaign_id, budget_cents, spent_cents, exceeded_at';
  g record;
BEGIN
  IF role = 'public' THEN
    RAISE EXCEPTION 'public is everybody and not a role' USING HINT = 'Name the role that the application logs in as.';
  END IF;
  FOR g IN SELECT * FROM (VALUES
    ('USAGE', 'SCHEMA newsletter'),
    ('SELECT, INSERT, UPDATE, DELETE', 'newsletter.campaigns'),
    ('SELECT, INSERT, UPDATE, DELETE', 'newsletter.subscribers'),
    ('SELECT, DELETE', 'newsletter.campaign_events'),
    ('SELECT, DELETE', 'newsletter.sms_delivery_events'),
    ('SELECT, INSERT, UPDATE, DELETE', 'newsletter.sms_templates'),
    ('SELECT, DELETE', 'newsletter.campaign_budgets'),
    (format('INSERT (%s)', budget), 'newsletter.campaign_budgets'),
    (format('UPDATE (%s)', budget), 'newsletter.campaign_budgets'),
    ('SELECT, DELETE', 'newsletter.sms_send_queue'),
    (format('INSERT (%s)', queue), 'newsletter.sms_send_queue'),
    (format('UPDATE (%s)', queue), 'newsletter.sms_send_queue'),
    ('SELECT', 'newsletter.sms_messages'),
    ('SELECT', 'newsletter.sms_attempts'),
    ('SELECT', 'newsletter.sms_suppressions'),
    ('SELECT', 'newsletter.consent_events'),
    ('INSERT (phone, subscriber_id, event, at, source, words, proof, decided_by, why)', 'newsletter.consent_events'),
    ('SELECT', 'newsletter.sms_inbound_messages'),
    ('SELECT', 'newsletter.alerts'),
    ('SELECT', 'newsletter.processes'),
    ('SELECT', 'newsletter.sms_buckets'),
    ('SELECT', 'newsletter.sms_senders'),
    ('SELECT', 'newsletter.account_days'),
    ('SELECT', 'newsletter.campaign_metrics_daily'),
    ('SELECT', 'newsletter.campaign_metrics_weekly')
  ) AS v(rights, object) LOOP
    EXECUTE format('GRANT %s ON %s TO %s', g.rights, g.object, role);
  END LOOP;

  -- Of the two tables of events all columns but ours, whatever else the application keeps there.
  FOR g IN
    SELECT c.oid::regclass AS place, string_agg(quote_ident(a.attname), ', ') AS columns
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'newsletter'::regnamespace AND c.relname IN ('campaign_events', 'sms_delivery_events')
       AND a.attname NOT IN ('attempt_id', 'segments', 'cost_exact')
     GROUP BY c.oid
  LOOP
    EXECUTE format('GRANT INSERT (%s), UPDATE (%s) ON %s TO %s', g.columns, g.columns, g.place, role);
  END LOOP;

  -- The views that --compat-views made, if it did.
  FOR g IN SELECT c.oid::regclass AS view FROM pg_class c
            WHERE c.relnamespace = to_regnamespace('lead') AND c.relkind = 'v'
              AND c.relname IN ('campaigns', 'subscribers', 'campaign_events', 'sms_delivery_events')
  LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA lead TO %s', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %s', g.view, role);
  END LOOP;
END $$;
