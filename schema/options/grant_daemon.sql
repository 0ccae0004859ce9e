-- The rights of the role that the daemon runs as: on the host's tables column by column, and the right to delete
-- nowhere but where raw receipts lie. The role's name comes in the setting sms_dispatcher.daemon_role.
DO $$
DECLARE
  role text := quote_ident(current_setting('sms_dispatcher.daemon_role'));
  g record;
BEGIN
  IF role = 'public' THEN
    RAISE EXCEPTION 'public is everybody and not a role' USING HINT = 'Name the role that the daemon logs in as.';
  END IF;
  FOR g IN SELECT * FROM (VALUES
    ('USAGE', 'SCHEMA newsletter'),
    ('SELECT (id, name, channel, status, scheduled_at, sent_at, completed_at, updated_at, is_deleted, category, drained_at)', 'newsletter.campaigns'),
    ('UPDATE (status, sent_at, completed_at, updated_at, drained_at)', 'newsletter.campaigns'),
    ('SELECT (id, phone, sms_subscribed, sms_unsubscribed_at, timezone, last_sms_sent_at, sms_response_count, updated_at, is_deleted)',
     'newsletter.subscribers'),
    ('UPDATE (sms_subscribed, sms_unsubscribed_at, last_sms_sent_at, sms_response_count, updated_at)', 'newsletter.subscribers'),
    ('SELECT, INSERT', 'newsletter.campaign_events'),
    ('UPDATE (event_type, occurred_at, updated_at)', 'newsletter.campaign_events'),
    ('SELECT, INSERT', 'newsletter.sms_delivery_events'),
    ('UPDATE (message_sid, status, sent_at, delivered_at, failed_at, error_code, error_message, cost, updated_at, segments, cost_exact, '
     'changed_at, failure_class, closed_at, segments_counted, counted_at)',
     'newsletter.sms_delivery_events'),
    ('SELECT', 'newsletter.campaign_budgets'),
    ('UPDATE (spent_exact, reserved_exact, overspent_exact, exceeded_at)', 'newsletter.campaign_budgets'),
    ('SELECT, INSERT', 'newsletter.sms_send_queue'),
    ('UPDATE (status, sent_at, attempts, last_error, not_before, reason, error_code, fence, claimed_by, lease_until, attempt_id, '
     'unknown_at, held_at, sender, provider_id, segments, reaps, rule, verdicts)', 'newsletter.sms_send_queue'),
    ('SELECT, INSERT', 'newsletter.sms_attempts'),
    ('UPDATE (outcome, settled_at, provider_id, error_code, segments_billed, cents_billed, looks, looked_at, look_showed, decision, decided_at, '
     'decided_by, decided_why, late_outcome, late_provider_id, late_at)', 'newsletter.sms_attempts'),
    ('SELECT, INSERT, UPDATE', 'newsletter.sms_suppressions'),
    ('SELECT', 'newsletter.consent_events'),
    ('INSERT (phone, subscriber_id, event, at, source, words, proof, decided_by, why)', 'newsletter.consent_events'),
    ('SELECT, INSERT, UPDATE', 'newsletter.sms_consents_told'),
    ('SELECT, INSERT, UPDATE', 'newsletter.tier_days'),
    ('SELECT, INSERT, UPDATE', 'newsletter.sms_buckets'),
    ('SELECT, INSERT, UPDATE', 'newsletter.sms_logins'),
    ('SELECT, INSERT, UPDATE', 'newsletter.sms_senders'),
    ('SELECT, INSERT, UPDATE', 'newsletter.account_days'),
    ('SELECT, INSERT, UPDATE', 'newsletter.processes'),
    ('SELECT, INSERT, UPDATE', 'newsletter.alerts'),
    ('SELECT, INSERT, UPDATE', 'newsletter.leases'),
    ('SELECT, INSERT', 'newsletter.sms_foreign_texts'),
    ('SELECT, INSERT, UPDATE, DELETE', 'newsletter.sms_receipts'),
    ('SELECT, INSERT, UPDATE', 'newsletter.sms_syncs'),
    ('SELECT, INSERT, UPDATE', 'newsletter.sms_inbound_messages'),
    ('SELECT, INSERT, UPDATE', 'newsletter.sms_consent_reads'),
    ('SELECT, INSERT, UPDATE', 'newsletter.sms_subscriptions'),
    ('SELECT, INSERT, UPDATE, DELETE', 'newsletter.campaign_metrics_daily'),
    ('SELECT, INSERT, DELETE', 'newsletter.rollup_stale'),
    ('SELECT, UPDATE (zone)', 'newsletter.rollup_zone'),
    ('SELECT', 'newsletter.rollup_deleted'),
    ('SELECT', 'newsletter.rollup_deleted_deliveries'),
    ('SELECT', 'newsletter.rollup_facts'),
    ('SELECT', 'newsletter.campaign_metrics_weekly'),
    ('SELECT', 'newsletter.dispatcher_migrations'),
    ('SELECT', 'newsletter.sms_messages')
  ) AS v(rights, object) LOOP
    EXECUTE format('GRANT %s ON %s TO %s', g.rights, g.object, role);
  END LOOP;
END $$;
