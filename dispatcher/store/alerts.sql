-- name: holding
-- Every alert that the database's own state calls for, and those that are raised, in one look. A campaign
-- that is over, and a login that nobody has tried for an hour, call for nothing; a new login has a minute for
-- learning its numbers.
WITH wanted AS (
  SELECT 'budget_exceeded' AS kind, b.campaign_id::text AS object
    FROM newsletter.campaign_budgets b JOIN newsletter.campaigns c ON c.id = b.campaign_id
   WHERE b.exceeded_at IS NOT NULL AND c.status IN ('SENDING', 'PAUSED') AND NOT c.is_deleted
  UNION ALL
  SELECT 'budget_exceeded', d.day::text FROM newsletter.account_days d WHERE d.day = $1 AND d.exceeded_at IS NOT NULL
  UNION ALL
  SELECT 'budget_overspent', b.campaign_id::text FROM newsletter.campaign_budgets b WHERE b.overspent_exact > 0
  UNION ALL
  SELECT 'login_stopped', b.login FROM newsletter.sms_buckets b
   WHERE b.needs_probe AND b.blocked_until > now() - interval '1 hour' GROUP BY b.login
  UNION ALL
  SELECT 'no_sender', b.login FROM newsletter.sms_buckets b LEFT JOIN newsletter.sms_senders s ON s.login = b.login
   GROUP BY b.login
  HAVING NOT coalesce(bool_or(s.enabled AND (s.stopped_until IS NULL OR s.stopped_until <= now())), false)
     AND (count(s.number) > 0 OR min(b.filled_at) < now() - interval '1 minute')
  UNION ALL
  SELECT 'sender_stopped', s.number FROM newsletter.sms_senders s WHERE s.stopped_until > now()
  UNION ALL
  SELECT 'rollup_stale', 'figures' FROM (SELECT noted_at FROM newsletter.rollup_stale ORDER BY id LIMIT 1) r
   WHERE r.noted_at < now() - interval '1 hour'
  UNION ALL
  -- A login that nobody leads has nobody who would tell.
  SELECT 'consents_untold', l.login FROM (SELECT DISTINCT login FROM newsletter.sms_senders) l
    JOIN newsletter.leases e ON e.name = 'leader of ' || l.login AND e.until > now() - interval '1 hour'
   WHERE EXISTS (SELECT FROM newsletter.sms_consents_told t
                  WHERE t.login = l.login AND t.changes > t.told_changes AND t.due_at < now() - interval '1 hour')
  UNION ALL
  SELECT 'message_held', coalesce(q.campaign_id::text, 'no campaign') FROM newsletter.sms_send_queue q
   WHERE q.status = 'sending' AND q.held_at IS NOT NULL GROUP BY q.campaign_id
  UNION ALL
  -- Raised by who pauses the campaign; it holds for as long as nobody resumes it.
  SELECT 'spam_filtered', a.object FROM newsletter.alerts a JOIN newsletter.campaigns c ON c.id = a.object::uuid
   WHERE a.kind = 'spam_filtered' AND a.until IS NULL AND c.status = 'PAUSED' AND NOT c.is_deleted
  UNION ALL
  SELECT 'webhook_down', u.login FROM newsletter.sms_subscriptions u
   WHERE u.status <> 'Off' AND (u.status <> 'Active' OR u.expires_at <= now()) AND u.checked_at > now() - interval '1 hour'
  UNION ALL
  SELECT 'webhook_silent', u.login FROM newsletter.sms_subscriptions u
   WHERE u.status = 'Active' AND u.expires_at > now() AND u.quiet_since < now() - u.silent_after
  UNION ALL
  SELECT 'reply_unclear', 'inbound'
   WHERE EXISTS (SELECT FROM newsletter.sms_inbound_messages WHERE verdict = 'unclear' AND handled_at IS NULL)
  UNION ALL
  -- Raised by who sets the message aside; it holds for as long as the message stays so.
  SELECT 'message_poison', a.object FROM newsletter.alerts a JOIN newsletter.sms_send_queue q ON q.id = a.object::uuid
   WHERE a.kind = 'message_poison' AND a.until IS NULL AND q.status = 'failed' AND q.reason = 'poison')
SELECT coalesce(w.kind, a.kind) AS kind, coalesce(w.object, a.object) AS object, w.kind IS NOT NULL AS wanted
  FROM wanted w
  FULL JOIN (SELECT kind, object FROM newsletter.alerts WHERE until IS NULL AND kind <> ALL ($2::text[])) a
    ON a.kind = w.kind AND a.object = w.object
 WHERE w.kind IS NULL OR a.kind IS NULL
 ORDER BY 1, 2;

-- name: raise
INSERT INTO newsletter.alerts (kind, object, what_to_do)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT (kind, object) WHERE until IS NULL DO NOTHING RETURNING kind, object;

-- name: clear
UPDATE newsletter.alerts a SET until = now() FROM unnest($1::text[], $2::text[]) AS t(kind, object)
 WHERE a.kind = t.kind AND a.object = t.object AND a.until IS NULL RETURNING a.kind, a.object;
