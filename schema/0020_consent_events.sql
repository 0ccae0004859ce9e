-- The evidence: who agreed to texts or wanted no more, when, where it is known from, which words they were shown, and
-- who wrote it down. Triggers write it wherever consent changes, whoever changes it; nobody changes or deletes it.
-- Without a foreign key to any table of the host: it outlives the person.

CREATE TABLE newsletter.consent_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    phone text NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    subscriber_id uuid,
    event text NOT NULL CHECK (event IN ('opt_in', 'opt_out', 'evidence', 'suppressed', 'released', 'removed')),
    at timestamptz NOT NULL,
    source text NOT NULL,
    words text,
    proof jsonb NOT NULL DEFAULT '{}'::jsonb,
    decided_by text,
    why text,
    inbound_id uuid,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    recorded_by text NOT NULL DEFAULT session_user
);
CREATE INDEX consent_events_phone ON newsletter.consent_events (phone, at);
CREATE INDEX consent_events_person ON newsletter.consent_events (subscriber_id, at);
COMMENT ON TABLE newsletter.consent_events IS 'Every opt-in and opt-out, and the proof of it. Never changed, never deleted.';
COMMENT ON COLUMN newsletter.consent_events.id IS 'Key, in the order of writing.';
COMMENT ON COLUMN newsletter.consent_events.phone IS 'The number, in E.164.';
COMMENT ON COLUMN newsletter.consent_events.subscriber_id IS 'The person; NULL: whoever has the number.';
COMMENT ON COLUMN newsletter.consent_events.event IS 'opt_in, opt_out; evidence: proof of a consent, which by itself changes nothing; suppressed, released: for another reason than their wish; removed: the person was deleted.';
COMMENT ON COLUMN newsletter.consent_events.at IS 'When it happened.';
COMMENT ON COLUMN newsletter.consent_events.source IS 'Where it is known from: stop, start, receipt, ringcentral, person, import, application (whoever changed the person''s row), found (it stood there when evidence began).';
COMMENT ON COLUMN newsletter.consent_events.words IS 'The words that they were shown, or that they wrote.';
COMMENT ON COLUMN newsletter.consent_events.proof IS 'Whatever else proves it: address of the form, IP address, file and line.';
COMMENT ON COLUMN newsletter.consent_events.decided_by IS 'The person who decided it, if it was not the one with the number.';
COMMENT ON COLUMN newsletter.consent_events.why IS 'Why, in that person''s words; of a suppression its reason.';
COMMENT ON COLUMN newsletter.consent_events.inbound_id IS 'The text (newsletter.sms_inbound_messages) that said so.';
COMMENT ON COLUMN newsletter.consent_events.recorded_at IS 'When it was written down.';
COMMENT ON COLUMN newsletter.consent_events.recorded_by IS 'The role that did.';

-- What everybody may add is proof. That somebody opted in or out is written by the triggers below alone, which run with
-- the rights of the owner, so that it is always what happened.
CREATE FUNCTION newsletter.sign_evidence() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NEW.event <> 'evidence' AND NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
    RAISE EXCEPTION 'the event % is written by the tables'' own triggers', NEW.event
      USING ERRCODE = 'restrict_violation', HINT = 'Proof of a consent has the event evidence.';
  END IF;
  NEW.recorded_at := now();
  NEW.recorded_by := session_user;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION newsletter.sign_evidence() IS 'Writes down who recorded an event of consent, and when; lets others add proof only.';
CREATE TRIGGER sign_evidence BEFORE INSERT ON newsletter.consent_events
  FOR EACH ROW EXECUTE FUNCTION newsletter.sign_evidence();

CREATE FUNCTION newsletter.refuse_to_rewrite() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'newsletter.consent_events is evidence: it is neither changed nor deleted'
    USING ERRCODE = 'restrict_violation', HINT = 'What was wrong is put right by a further event.';
END $$;
COMMENT ON FUNCTION newsletter.refuse_to_rewrite() IS 'Refuses UPDATE, DELETE and TRUNCATE on the evidence.';
CREATE TRIGGER refuse_to_rewrite BEFORE UPDATE OR DELETE OR TRUNCATE ON newsletter.consent_events
  FOR EACH STATEMENT EXECUTE FUNCTION newsletter.refuse_to_rewrite();

-- Who changes consent may say so for the length of its transaction, in these settings: source, decided_by, why.
CREATE FUNCTION newsletter.said(name text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN nullif(current_setting('sms_dispatcher.consent_' || name, true), '');
COMMENT ON FUNCTION newsletter.said(text) IS 'What this transaction says of the consent that it changes: source, decided_by or why.';

-- People whom the application adds, in one go: an import adds a hundred thousand.
CREATE FUNCTION newsletter.record_people() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO newsletter.consent_events (phone, subscriber_id, event, at, source, decided_by, why)
  SELECT newsletter.e164(s.phone), s.id, CASE WHEN s.sms_unsubscribed_at IS NULL THEN 'opt_in' ELSE 'opt_out' END,
         coalesce(s.sms_unsubscribed_at, now()), coalesce(newsletter.said('source'), 'application'), newsletter.said('decided_by'), newsletter.said('why')
    FROM added s
   WHERE newsletter.e164(s.phone) IS NOT NULL AND (s.sms_subscribed OR s.sms_unsubscribed_at IS NOT NULL)
   ORDER BY 1;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.record_people() IS 'Writes the consent of people who are added into newsletter.consent_events.';
CREATE TRIGGER record_people AFTER INSERT ON newsletter.subscribers
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION newsletter.record_people();

-- A person who changes: subscribed or not, another number, set aside, or gone.
CREATE FUNCTION newsletter.record_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  was boolean := OLD.sms_subscribed AND OLD.sms_unsubscribed_at IS NULL AND NOT OLD.is_deleted;
  before text := newsletter.e164(OLD.phone);
  consents boolean;
  number text;
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO newsletter.consent_events (phone, subscriber_id, event, at, source, decided_by, why)
    SELECT before, OLD.id, 'removed', now(), coalesce(newsletter.said('source'), 'application'), newsletter.said('decided_by'), newsletter.said('why')
     WHERE before IS NOT NULL;
    RETURN NULL;
  END IF;
  consents := NEW.sms_subscribed AND NEW.sms_unsubscribed_at IS NULL AND NOT NEW.is_deleted;
  number := newsletter.e164(NEW.phone);
  INSERT INTO newsletter.consent_events (phone, subscriber_id, event, at, source, decided_by, why)
  SELECT e.phone, NEW.id, e.event, e.at, coalesce(newsletter.said('source'), 'application'), newsletter.said('decided_by'),
         coalesce(newsletter.said('why'), CASE WHEN number IS DISTINCT FROM before THEN 'number changed'
                                               WHEN NEW.is_deleted AND NOT OLD.is_deleted THEN 'person deleted' END)
    FROM (VALUES (before, 'removed', now(), before IS DISTINCT FROM number),
                 (number, 'opt_in', now(), consents AND (NOT was OR before IS DISTINCT FROM number)),
                 (number, 'opt_out', coalesce(NEW.sms_unsubscribed_at, now()),
                  NOT consents AND (was OR NEW.sms_unsubscribed_at IS DISTINCT FROM OLD.sms_unsubscribed_at AND NEW.sms_unsubscribed_at IS NOT NULL
                                        OR NEW.sms_unsubscribed_at IS NOT NULL AND before IS DISTINCT FROM number)))
      AS e(phone, event, at, happened)
   WHERE e.happened AND e.phone IS NOT NULL;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.record_person() IS 'Writes what changes in a person''s consent into newsletter.consent_events.';
CREATE TRIGGER record_person AFTER UPDATE OF phone, sms_subscribed, sms_unsubscribed_at, is_deleted ON newsletter.subscribers
  FOR EACH ROW WHEN ((OLD.phone, OLD.sms_subscribed, OLD.sms_unsubscribed_at, OLD.is_deleted)
                     IS DISTINCT FROM (NEW.phone, NEW.sms_subscribed, NEW.sms_unsubscribed_at, NEW.is_deleted))
  EXECUTE FUNCTION newsletter.record_person();
CREATE TRIGGER record_person_gone AFTER DELETE ON newsletter.subscribers
  FOR EACH ROW EXECUTE FUNCTION newsletter.record_person();

-- What is ours: opt-outs of a number, and what else keeps it from being texted.
CREATE FUNCTION newsletter.record_suppression() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  lifted boolean := NEW.lifted_at IS NOT NULL;
  text_id uuid := CASE WHEN NEW.lifted_at IS NOT NULL THEN NEW.lifted_by ELSE NEW.inbound_id END;
BEGIN
  INSERT INTO newsletter.consent_events (phone, event, at, source, words, decided_by, why, inbound_id)
  SELECT NEW.phone,
         CASE WHEN NEW.reason = 'opted_out' THEN CASE WHEN lifted THEN 'opt_in' ELSE 'opt_out' END
              ELSE CASE WHEN lifted THEN 'released' ELSE 'suppressed' END END,
         CASE WHEN lifted THEN NEW.lifted_at ELSE NEW.since END,
         coalesce(newsletter.said('source'), CASE WHEN lifted THEN 'start' ELSE NEW.source END),
         (SELECT i.message_content FROM newsletter.sms_inbound_messages i WHERE i.id = text_id),
         newsletter.said('decided_by'),
         coalesce(newsletter.said('why'), CASE WHEN NEW.reason <> 'opted_out' THEN NEW.reason END), text_id;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.record_suppression() IS 'Writes what changes in newsletter.sms_suppressions into newsletter.consent_events.';
CREATE TRIGGER record_suppression AFTER INSERT ON newsletter.sms_suppressions
  FOR EACH ROW EXECUTE FUNCTION newsletter.record_suppression();
CREATE TRIGGER record_suppression_changed AFTER UPDATE OF since, lifted_at, until ON newsletter.sms_suppressions
  FOR EACH ROW WHEN (OLD.lifted_at IS DISTINCT FROM NEW.lifted_at
                     OR NEW.lifted_at IS NULL AND (OLD.since, OLD.until) IS DISTINCT FROM (NEW.since, NEW.until))
  EXECUTE FUNCTION newsletter.record_suppression();

REVOKE EXECUTE ON FUNCTION newsletter.record_people(), newsletter.record_person(), newsletter.record_suppression() FROM PUBLIC;

-- RingCentral keeps a list of its own. What each login has told it of each number that ever opted out, and whether that
-- is stale: `changes` grows with each change of consent, `told_changes` is how far it knows.
CREATE TABLE newsletter.sms_consents_told (
    phone text NOT NULL,
    login text NOT NULL,
    changes bigint NOT NULL DEFAULT 1,
    told_changes bigint NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    told text CHECK (told IN ('opt_out', 'opt_in')),
    told_at timestamptz,
    refusal text,
    PRIMARY KEY (phone, login)
);
CREATE INDEX sms_consents_told_stale ON newsletter.sms_consents_told (login, due_at) WHERE changes > told_changes;
COMMENT ON TABLE newsletter.sms_consents_told IS 'What RingCentral''s own list of opt-outs was told, and what it is yet to be told. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.sms_consents_told.phone IS 'A number that opted out once, in E.164.';
COMMENT ON COLUMN newsletter.sms_consents_told.login IS 'The login that tells, for each of its numbers.';
COMMENT ON COLUMN newsletter.sms_consents_told.changes IS 'How often the number''s consent has changed.';
COMMENT ON COLUMN newsletter.sms_consents_told.told_changes IS 'How many of these changes RingCentral knows.';
COMMENT ON COLUMN newsletter.sms_consents_told.due_at IS 'When it is to be told: at once after a change, a day later after a refusal.';
COMMENT ON COLUMN newsletter.sms_consents_told.told IS 'What it was told last; an opt-out also if that may have been lost on the way.';
COMMENT ON COLUMN newsletter.sms_consents_told.told_at IS 'When it last took what it was told.';
COMMENT ON COLUMN newsletter.sms_consents_told.refusal IS 'RingCentral''s code, if it did not take what it was told last.';

-- A number of ours that is new to a login has yet to hear of everybody who opted out before.
ALTER TABLE newsletter.sms_senders ADD COLUMN told_at timestamptz;
COMMENT ON COLUMN newsletter.sms_senders.told_at IS 'When all earlier opt-outs were noted to be told for it; NULL: not yet.';
CREATE INDEX consent_events_opt_outs ON newsletter.consent_events (phone) WHERE event = 'opt_out';

CREATE FUNCTION newsletter.note_consents() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  noted boolean;
BEGIN
  -- Rows that are there are locked in one order before any is changed, or two imports wait for each other.
  PERFORM FROM newsletter.sms_consents_told t WHERE t.phone IN (SELECT e.phone FROM added e)
    ORDER BY t.phone, t.login FOR NO KEY UPDATE;
  INSERT INTO newsletter.sms_consents_told AS t (phone, login)
  SELECT e.phone, s.login
    FROM (SELECT DISTINCT phone FROM added WHERE event = 'opt_out') e CROSS JOIN (SELECT DISTINCT login FROM newsletter.sms_senders) s
   ORDER BY 1, 2
  ON CONFLICT (phone, login) DO NOTHING;
  noted := FOUND;
  -- What was just made counts one change more than it need, which harms nothing.
  UPDATE newsletter.sms_consents_told t SET changes = t.changes + 1, due_at = clock_timestamp()
   WHERE t.phone IN (SELECT e.phone FROM added e WHERE e.event IN ('opt_out', 'opt_in', 'removed'));
  IF noted OR FOUND THEN
    PERFORM pg_notify('sms_dispatcher_told', '');
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.note_consents() IS 'Notes in newsletter.sms_consents_told what RingCentral is to be told, and wakes who tells it.';
CREATE TRIGGER note_consents AFTER INSERT ON newsletter.consent_events
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION newsletter.note_consents();
REVOKE EXECUTE ON FUNCTION newsletter.note_consents() FROM PUBLIC;

-- What stands there when evidence begins. No more is known of it than that.
INSERT INTO newsletter.consent_events (phone, subscriber_id, event, at, source, proof)
SELECT newsletter.e164(s.phone), s.id, CASE WHEN s.sms_unsubscribed_at IS NULL THEN 'opt_in' ELSE 'opt_out' END,
       coalesce(s.sms_unsubscribed_at, now()), 'found', CASE WHEN s.sms_unsubscribed_at IS NULL THEN jsonb_strip_nulls(jsonb_build_object('subscribed_at', to_jsonb(s)->'subscribed_at')) ELSE '{}' END
  FROM newsletter.subscribers s
 WHERE newsletter.e164(s.phone) IS NOT NULL AND NOT s.is_deleted AND (s.sms_subscribed OR s.sms_unsubscribed_at IS NOT NULL)
 ORDER BY 1;
INSERT INTO newsletter.consent_events (phone, event, at, source, words, why, inbound_id)
SELECT x.phone, CASE WHEN x.reason = 'opted_out' THEN 'opt_out' ELSE 'suppressed' END, x.since, x.source, i.message_content,
       CASE WHEN x.reason <> 'opted_out' THEN x.reason END, x.inbound_id
  FROM newsletter.sms_suppressions x LEFT JOIN newsletter.sms_inbound_messages i ON i.id = x.inbound_id
 WHERE x.lifted_at IS NULL ORDER BY 1;
