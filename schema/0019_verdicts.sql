-- Why a text waits, was cancelled or was sent, kept with it: which rule said so, of which version of the rules, and
-- what all the others said. On the row itself, so that a deferral stays one write.

ALTER TABLE newsletter.sms_send_queue
  ADD COLUMN rule text,
  ADD COLUMN verdicts jsonb NOT NULL DEFAULT '[]'::jsonb;
COMMENT ON COLUMN newsletter.sms_send_queue.rule IS 'The rule that made it wait or cancelled it, such as hours US-KY or cap person.';
COMMENT ON COLUMN newsletter.sms_send_queue.verdicts IS 'The verdicts that deferred or cancelled it, in their order: the first and the last nineteen.';

-- The same of each text that left, beside the attempt, which outlives the row.
ALTER TABLE newsletter.sms_attempts
  ADD COLUMN verdict jsonb,
  ADD COLUMN tier_day date;
COMMENT ON COLUMN newsletter.sms_attempts.verdict IS 'What each rule said when it was opened, and the version of the rules.';
COMMENT ON COLUMN newsletter.sms_attempts.tier_day IS 'The day whose segments (newsletter.tier_days) it is counted with; NULL without a limit.';

-- One more verdict; who is judged every half a minute does not grow without end.
CREATE FUNCTION newsletter.with_verdict(verdicts jsonb, verdict jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN verdict IS NULL THEN verdicts
            WHEN jsonb_array_length(verdicts) >= 20 THEN (verdicts - 1) || jsonb_build_array(verdict)
            ELSE verdicts || jsonb_build_array(verdict) END;
COMMENT ON FUNCTION newsletter.with_verdict(jsonb, jsonb) IS
  'The verdicts on a message and one more; of more than twenty the first and the last nineteen.';

-- What the registration allows a day, all numbers and logins together.
CREATE TABLE newsletter.tier_days (
    day date PRIMARY KEY,
    segments integer NOT NULL DEFAULT 0 CHECK (segments >= 0)
);
COMMENT ON TABLE newsletter.tier_days IS 'The segments of each day that may have left, against the registration''s limit. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.tier_days.day IS 'The day, which the carriers begin at midnight in America/Los_Angeles.';
COMMENT ON COLUMN newsletter.tier_days.segments IS 'Segments that may have left on it.';

CREATE OR REPLACE VIEW newsletter.sms_messages WITH (security_invoker = true) AS
SELECT q.id,
       q.campaign_id,
       q.subscriber_id,
       q.phone_number,
       coalesce(q.category, c.category, 'promotion') AS category,
       CASE
         WHEN q.status = 'sending' AND q.unknown_at IS NOT NULL THEN 'unknown'
         WHEN q.status = 'failed' AND q.reason IN (
           'opted_out', 'no_consent', 'subscriber_deleted', 'expired', 'duplicate',
           'campaign_cancelled', 'campaign_deleted', 'not_sms',
           'invalid_number', 'country_not_allowed', 'empty_text', 'text_too_long', 'suppressed',
           'dropped_unknown', 'cancelled_by_person') THEN 'cancelled'
         ELSE q.status::text
       END AS word,
       q.reason,
       greatest(q.scheduled_at, q.not_before) AS due_at,
       q.expires_at,
       q.unknown_at,
       q.held_at,
       q.sent_at,
       q.attempts,
       q.attempt_id,
       q.provider_id,
       q.segments,
       q.error_code,
       q.last_error,
       q.created_at,
       q.rule
  FROM newsletter.sms_send_queue q
  LEFT JOIN newsletter.campaigns c ON c.id = q.campaign_id;
COMMENT ON COLUMN newsletter.sms_messages.rule IS 'The rule that made it wait or cancelled it.';

-- As in 0008; now what it cancels says by which rule.
CREATE OR REPLACE FUNCTION newsletter.keep_history_of_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE newsletter.sms_send_queue q
     SET status = 'failed', reason = 'subscriber_deleted', rule = 'person', fence = q.fence + 1,
         verdicts = newsletter.with_verdict(q.verdicts, jsonb_build_object(
           'at', now(), 'verdict', 'cancel', 'reason', 'subscriber_deleted', 'rule', 'person')),
         claimed_by = NULL, lease_until = NULL, subscriber_id = NULL
   WHERE q.subscriber_id = OLD.id
     AND (q.status = 'pending'
          OR q.status = 'sending' AND q.claimed_by IS NOT NULL AND q.unknown_at IS NULL
             AND NOT EXISTS (SELECT FROM newsletter.sms_attempts a
                              WHERE a.message_id = q.id AND (a.outcome IS NULL OR a.outcome = 'ambiguous')));
  -- What is left is in flight or over: it loses the person before the foreign key would delete it. What is in
  -- flight is marked, so that it is not sent once more if this time it is refused.
  UPDATE newsletter.sms_send_queue
     SET subscriber_id = NULL,
         reason = CASE WHEN status = 'sending' THEN 'subscriber_deleted' ELSE reason END
   WHERE subscriber_id = OLD.id;
  RETURN OLD;
END $$;
