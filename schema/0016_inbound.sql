-- What people write back. Without a foreign key to any table of the host: it is evidence, and outlives the person.

CREATE TABLE newsletter.sms_inbound_messages (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    provider_id text NOT NULL UNIQUE,
    login text NOT NULL,
    phone_number text NOT NULL,
    phone text,
    sender text NOT NULL,
    message_content text NOT NULL,
    written_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    subscriber_id uuid,
    campaign_id uuid,
    attempt_id bigint,
    verdict text NOT NULL CHECK (verdict IN ('opt_out', 'opt_in', 'help', 'unclear', 'none')),
    why text NOT NULL,
    matched text,
    new_opt_out boolean NOT NULL DEFAULT false,
    read_back_at timestamptz,
    handled_at timestamptz,
    decision text CHECK (decision IN ('opt_out', 'none')),
    decided_by text,
    decided_why text
);
CREATE INDEX sms_inbound_messages_phone ON newsletter.sms_inbound_messages (phone, written_at);
CREATE INDEX sms_inbound_messages_campaign ON newsletter.sms_inbound_messages (campaign_id, written_at);
CREATE INDEX sms_inbound_messages_unclear ON newsletter.sms_inbound_messages (written_at) WHERE verdict = 'unclear' AND handled_at IS NULL;
COMMENT ON TABLE newsletter.sms_inbound_messages IS 'What people wrote to our numbers, each text once. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.id IS 'Key; NOTIFY sms_dispatcher_inbound names it.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.provider_id IS 'RingCentral''s id.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.login IS 'The login that it came to.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.phone_number IS 'Who wrote, as RingCentral names them.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.phone IS 'The same in E.164, if it is a number that can be texted.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.sender IS 'The number of ours that they wrote to.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.message_content IS 'What they wrote.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.written_at IS 'When, by RingCentral''s clock.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.stored_at IS 'When we stored it.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.subscriber_id IS 'The person that it most likely came from, if any.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.campaign_id IS 'The campaign that it most likely answers, if any.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.attempt_id IS 'The attempt (newsletter.sms_attempts) that it most likely answers, if any.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.verdict IS 'What it asks for: opt_out, opt_in, help, none of these, or unclear: a person should read it.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.why IS 'Why it was understood so, in a word.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.matched IS 'The word or phrase of our table that it matched.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.new_opt_out IS 'Whether it was this text that opted the number out: no opt-out was in force.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.read_back_at IS 'When it was seen in RingCentral''s own record: before that, only a webhook claimed it.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.handled_at IS 'When what it asks for was done, or a person has decided.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.decision IS 'What a person made of it: opt_out, or none.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.decided_by IS 'Who.';
COMMENT ON COLUMN newsletter.sms_inbound_messages.decided_why IS 'Why, in that person''s words.';

-- What stood before an opt-out, so that the same person's START can restore it and nothing more.
ALTER TABLE newsletter.sms_suppressions
  ADD COLUMN inbound_id uuid,
  ADD COLUMN lifted_by uuid,
  ADD COLUMN before jsonb NOT NULL DEFAULT '[]'::jsonb;
COMMENT ON COLUMN newsletter.sms_suppressions.inbound_id IS 'The text (newsletter.sms_inbound_messages) that asked for it, if one did.';
COMMENT ON COLUMN newsletter.sms_suppressions.lifted_by IS 'The text that lifted it.';
COMMENT ON COLUMN newsletter.sms_suppressions.before IS 'What stood with each person of the number before: id, subscribed, unsubscribed_at.';

-- An opt-out that the application wrote comes back when its person goes: from then on, so that no START before it
-- counts for it.
CREATE OR REPLACE FUNCTION newsletter.keep_opt_out_of_number() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR newsletter.e164(OLD.phone) IS DISTINCT FROM newsletter.e164(NEW.phone) THEN
    INSERT INTO newsletter.sms_suppressions AS x (phone, reason, source, since)
    SELECT newsletter.e164(OLD.phone), 'opted_out',
           CASE TG_OP WHEN 'DELETE' THEN 'subscriber deleted' ELSE 'number changed' END, OLD.sms_unsubscribed_at
     WHERE newsletter.e164(OLD.phone) IS NOT NULL
    ON CONFLICT (phone, reason) DO UPDATE
       SET since = greatest(x.since, x.lifted_at), lifted_at = NULL, until = NULL;
  END IF;
  RETURN NULL;
END $$;

-- An answer to a person's own text: one at most for each.
ALTER TABLE newsletter.sms_send_queue ADD COLUMN answers uuid;
-- It needs no consent, and leaves for who opted out too: so it names that text, which nobody else may. A sender alone
-- says nothing, since each row that was ever claimed has one.
ALTER TABLE newsletter.sms_send_queue
  DROP CONSTRAINT sms_send_queue_compliance_is_ours,
  ADD CONSTRAINT sms_send_queue_compliance_is_ours CHECK (category <> 'compliance' OR (sender IS NOT NULL AND answers IS NOT NULL));
CREATE UNIQUE INDEX sms_send_queue_answers ON newsletter.sms_send_queue (answers) WHERE answers IS NOT NULL;
COMMENT ON COLUMN newsletter.sms_send_queue.answers IS 'The person''s own text (newsletter.sms_inbound_messages) that this one answers: HELP, or the one confirmation of an opt-out.';

-- RingCentral's own list of consents, beside ours.
CREATE TABLE newsletter.sms_consent_reads (
    login text PRIMARY KEY,
    read_at timestamptz NOT NULL,
    opted_out integer NOT NULL,
    adopted integer NOT NULL,
    only_ours integer NOT NULL
);
COMMENT ON TABLE newsletter.sms_consent_reads IS 'The last reading of RingCentral''s own list of opt-outs. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.sms_consent_reads.login IS 'The login.';
COMMENT ON COLUMN newsletter.sms_consent_reads.read_at IS 'When it was read.';
COMMENT ON COLUMN newsletter.sms_consent_reads.opted_out IS 'Numbers that it calls opted out.';
COMMENT ON COLUMN newsletter.sms_consent_reads.adopted IS 'Those of them that we did not know: they are ours now.';
COMMENT ON COLUMN newsletter.sms_consent_reads.only_ours IS 'Numbers that opted out with us and not there.';
