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
COMMENT ON COLUMN newsletter.consent_events.event IS 'opt_in, opt_out; evidence: proof of a consent, which by itself changes nothing; suppressed, released: for another reason than their wish; removed: the person was deleted, set aside or has another number.';
COMMENT ON COLUMN newsletter.consent_events.at IS 'When it happened.';
COMMENT ON COLUMN newsletter.consent_events.source IS 'Where it is known from: stop, start, receipt, ringcentral, person, import, application (whoever changed the row), found (it stood there when evidence began).';
COMMENT ON COLUMN newsletter.consent_events.words IS 'The words that they were shown, or that they wrote.';
COMMENT ON COLUMN newsletter.consent_events.proof IS 'Whatever else proves it: address of the form, IP address, file and line.';
COMMENT ON COLUMN newsletter.consent_events.decided_by IS 'The person who decided it, if it was not the one with the number.';
COMMENT ON COLUMN newsletter.consent_events.why IS 'Why, in that person''s words; of a suppression its reason.';
COMMENT ON COLUMN newsletter.consent_events.inbound_id IS 'The text (newsletter.sms_inbound_messages) that said so.';
COMMENT ON COLUMN newsletter.consent_events.recorded_at IS 'When it was written down.';
COMMENT ON COLUMN newsletter.consent_events.recorded_by IS 'The role that did, as it logged in.';

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

-- Who changes consent may say so for the length of its transaction, in these settings: source, decided_by, why, text
-- (the one that asked for it). What only the dispatcher can know is believed of nobody who may not write opt-outs.
CREATE FUNCTION newsletter.said(name text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN CASE WHEN (name = 'text' OR name = 'source' AND current_setting('sms_dispatcher.consent_source', true)
                                                       IN ('stop', 'start', 'receipt', 'ringcentral', 'person', 'found'))
                 AND NOT has_table_privilege(session_user, 'newsletter.sms_suppressions', 'INSERT') THEN NULL
            ELSE nullif(current_setting('sms_dispatcher.consent_' || name, true), '') END;
COMMENT ON FUNCTION newsletter.said(text) IS 'What this transaction says of the consent that it changes: source, decided_by, why or text.';

-- People whom the application adds, in one go: an import adds a hundred thousand.
CREATE FUNCTION newsletter.record_people() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  -- Asked once, not for each of them.
  told_source text := coalesce(newsletter.said('source'), 'application');
  told_by text := newsletter.said('decided_by');
  told_why text := newsletter.said('why');
BEGIN
  INSERT INTO newsletter.consent_events (phone, subscriber_id, event, at, source, decided_by, why)
  SELECT newsletter.e164(a.phone), a.id, CASE WHEN a.sms_unsubscribed_at IS NULL THEN 'opt_in' ELSE 'opt_out' END,
         coalesce(a.sms_unsubscribed_at, now()), told_source, told_by, told_why
    FROM added a
   WHERE newsletter.e164(a.phone) IS NOT NULL AND (a.sms_unsubscribed_at IS NOT NULL OR a.sms_subscribed AND a.is_deleted IS NOT TRUE)
   ORDER BY 1;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.record_people() IS 'Writes the consent of people who are added into newsletter.consent_events.';
CREATE TRIGGER record_people AFTER INSERT ON newsletter.subscribers
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION newsletter.record_people();

-- People who change: subscribed or not, another number, set aside, back, or gone. An application's table may allow NULL
-- where ours doesn't: only what is plainly true counts. A plan that was made for one person is kept, and one statement
-- may change a hundred thousand: so none is made that reads a whole table for each, or compares each with each.
CREATE FUNCTION newsletter.record_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_nestloop = off AS $$
DECLARE
  told_source text := coalesce(newsletter.said('source'), 'application');
  told_by text := newsletter.said('decided_by');
  told_why text := newsletter.said('why');
  told_text uuid := newsletter.said('text')::uuid;
  told_words text := (SELECT i.message_content FROM newsletter.sms_inbound_messages i WHERE i.id = told_text);
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO newsletter.consent_events (phone, subscriber_id, event, at, source, words, decided_by, why, inbound_id)
    SELECT newsletter.e164(o.phone), o.id, 'removed', now(), told_source, told_words, told_by, coalesce(told_why, 'person deleted'), told_text
      FROM before o
     WHERE EXISTS (SELECT FROM newsletter.consent_events k WHERE k.subscriber_id = o.id AND k.phone = newsletter.e164(o.phone))
     ORDER BY 1;
    RETURN NULL;
  END IF;
  -- Materialized, or each number is spelled anew wherever it is named, which costs more than all else here.
  WITH p AS MATERIALIZED (
    SELECT o.id AS old_id, n.id, newsletter.e164(o.phone) AS old_phone, newsletter.e164(n.phone) AS phone,
           o.sms_unsubscribed_at AS old_out_at, n.sms_unsubscribed_at AS out_at,
           o.sms_subscribed IS TRUE AND o.sms_unsubscribed_at IS NULL AND o.is_deleted IS NOT TRUE AS was,
           n.sms_subscribed IS TRUE AND n.sms_unsubscribed_at IS NULL AS subscribed,
           o.is_deleted IS TRUE AS old_deleted, n.is_deleted IS TRUE AS deleted
      FROM before o FULL JOIN changed n ON n.id = o.id
     WHERE (o.id, o.phone, o.sms_subscribed, o.sms_unsubscribed_at, o.is_deleted)
           IS DISTINCT FROM (n.id, n.phone, n.sms_subscribed, n.sms_unsubscribed_at, n.is_deleted))
  INSERT INTO newsletter.consent_events (phone, subscriber_id, event, at, source, words, decided_by, why, inbound_id)
  SELECT e.phone, e.person, e.event, e.at, told_source, told_words, told_by,
         coalesce(told_why, CASE WHEN c.moved THEN 'number changed' WHEN c.gone THEN 'person deleted' WHEN c.back THEN 'person restored'
                                 WHEN e.event = 'released' THEN 'opt-out cleared' END), told_text
    FROM p
   CROSS JOIN LATERAL (SELECT p.old_phone IS DISTINCT FROM p.phone AS moved, p.deleted AND NOT p.old_deleted AS gone,
                              p.old_deleted AND NOT p.deleted AS back) c
   CROSS JOIN LATERAL (VALUES
           (1, p.old_phone, p.old_id, 'removed', now(),
            (c.moved OR c.gone) AND EXISTS (SELECT FROM newsletter.consent_events k WHERE k.subscriber_id = p.old_id AND k.phone = p.old_phone)),
           (2, p.phone, p.id, 'released', now(), p.old_out_at IS NOT NULL AND p.out_at IS NULL AND NOT p.subscribed AND NOT c.moved),
           (3, p.phone, p.id, 'opt_in', now(), p.subscribed AND NOT p.deleted AND (NOT p.was OR c.moved)),
           (4, p.phone, p.id, 'opt_out', coalesce(p.out_at, now()),
            p.was AND NOT p.subscribed OR p.out_at IS NOT NULL AND (c.moved OR c.back OR p.out_at IS DISTINCT FROM p.old_out_at)))
         AS e(step, phone, person, event, at, happened)
   WHERE e.happened AND e.phone IS NOT NULL
   ORDER BY e.step, e.phone;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.record_changes() IS 'Writes what changes in people''s consent into newsletter.consent_events.';
CREATE TRIGGER record_changes AFTER UPDATE ON newsletter.subscribers
  REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION newsletter.record_changes();
CREATE TRIGGER record_deletions AFTER DELETE ON newsletter.subscribers
  REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION newsletter.record_changes();

-- What is ours: opt-outs of a number, and what else keeps it from being texted. A STOP that comes later than the START
-- that lifted it moves `since` of a lifted row: it is an opt-out of its own time.
CREATE FUNCTION newsletter.record_suppression() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  anew boolean := TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND (OLD.phone, OLD.reason) IS DISTINCT FROM (NEW.phone, NEW.reason);
  lifted boolean := TG_OP <> 'DELETE' AND NEW.lifted_at IS NOT NULL AND (anew OR OLD.lifted_at IS DISTINCT FROM NEW.lifted_at);
  late boolean := TG_OP <> 'DELETE' AND NEW.lifted_at IS NOT NULL AND NOT lifted;
  text_id uuid;
BEGIN
  IF TG_OP = 'DELETE' OR anew AND TG_OP = 'UPDATE' THEN
    INSERT INTO newsletter.consent_events (phone, event, at, source, decided_by, why)
    VALUES (OLD.phone, 'removed', now(), coalesce(newsletter.said('source'), 'application'), newsletter.said('decided_by'),
            coalesce(newsletter.said('why'), 'suppression deleted: ' || OLD.reason));
    IF TG_OP = 'DELETE' THEN
      RETURN NULL;
    END IF;
  END IF;
  text_id := CASE WHEN lifted THEN NEW.lifted_by WHEN late THEN newsletter.said('text')::uuid ELSE NEW.inbound_id END;
  INSERT INTO newsletter.consent_events (phone, event, at, source, words, proof, decided_by, why, inbound_id)
  SELECT NEW.phone,
         CASE WHEN NEW.reason = 'opted_out' THEN CASE WHEN lifted THEN 'opt_in' ELSE 'opt_out' END
              ELSE CASE WHEN lifted THEN 'released' ELSE 'suppressed' END END,
         CASE WHEN lifted THEN NEW.lifted_at ELSE NEW.since END,
         coalesce(newsletter.said('source'), CASE WHEN NOT lifted THEN NEW.source WHEN NEW.lifted_by IS NOT NULL THEN 'start' ELSE 'application' END),
         (SELECT i.message_content FROM newsletter.sms_inbound_messages i WHERE i.id = text_id),
         CASE WHEN lifted THEN '{}' ELSE jsonb_strip_nulls(jsonb_build_object('until', NEW.until)) END,
         newsletter.said('decided_by'),
         coalesce(newsletter.said('why'), CASE WHEN NEW.reason <> 'opted_out' THEN NEW.reason END), text_id;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.record_suppression() IS 'Writes what changes in newsletter.sms_suppressions into newsletter.consent_events.';
CREATE TRIGGER record_suppression AFTER INSERT OR DELETE ON newsletter.sms_suppressions
  FOR EACH ROW EXECUTE FUNCTION newsletter.record_suppression();
CREATE TRIGGER record_suppression_changed AFTER UPDATE ON newsletter.sms_suppressions
  FOR EACH ROW WHEN ((OLD.phone, OLD.reason, OLD.since, OLD.lifted_at) IS DISTINCT FROM (NEW.phone, NEW.reason, NEW.since, NEW.lifted_at)
                     OR NEW.lifted_at IS NULL AND OLD.until IS DISTINCT FROM NEW.until)
  EXECUTE FUNCTION newsletter.record_suppression();
CREATE TRIGGER refuse_to_truncate BEFORE TRUNCATE ON newsletter.sms_suppressions
  FOR EACH STATEMENT EXECUTE FUNCTION newsletter.refuse_to_truncate();

REVOKE EXECUTE ON FUNCTION newsletter.record_people(), newsletter.record_changes(), newsletter.record_suppression() FROM PUBLIC;

-- RingCentral keeps a list of its own. What each login has told it of each number that ever opted out, and whether that
-- is stale: `changes` grows with each change of consent, `told_changes` is how far it knows.
CREATE TABLE newsletter.sms_consents_told (
    phone text NOT NULL,
    login text NOT NULL,
    changes bigint NOT NULL DEFAULT 1,
    told_changes bigint NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
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

-- A plan that was made while the table was empty is kept, and would read all of it later.
CREATE FUNCTION newsletter.note_consents() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
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
  UPDATE newsletter.sms_consents_told t SET changes = t.changes + 1, due_at = now()
   WHERE t.phone IN (SELECT e.phone FROM added e WHERE e.event IN ('opt_out', 'opt_in', 'released', 'removed'));
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
       coalesce(s.sms_unsubscribed_at, now()), 'found',
       CASE WHEN s.sms_unsubscribed_at IS NULL THEN jsonb_strip_nulls(jsonb_build_object('subscribed_at', to_jsonb(s)->'subscribed_at')) ELSE '{}' END
  FROM newsletter.subscribers s
 WHERE newsletter.e164(s.phone) IS NOT NULL
   AND (s.sms_unsubscribed_at IS NOT NULL OR s.sms_subscribed AND s.is_deleted IS NOT TRUE)
 ORDER BY 1;
-- Of a suppression that was lifted both: it held from `since`, unless it is a START that lifted nothing.
INSERT INTO newsletter.consent_events (phone, event, at, source, words, proof, why, inbound_id)
SELECT x.phone, CASE WHEN x.reason = 'opted_out' THEN e.event ELSE e.other END, e.at, e.source, i.message_content,
       CASE WHEN e.ends THEN '{}' ELSE jsonb_strip_nulls(jsonb_build_object('until', x.until)) END,
       CASE WHEN x.reason <> 'opted_out' THEN x.reason END, e.inbound_id
  FROM newsletter.sms_suppressions x
 CROSS JOIN LATERAL (VALUES ('opt_out', 'suppressed', x.since, x.source, x.inbound_id, false),
                            ('opt_in', 'released', x.lifted_at, CASE WHEN x.lifted_by IS NOT NULL THEN 'start' ELSE 'found' END, x.lifted_by, true))
       AS e(event, other, at, source, inbound_id, ends)
  LEFT JOIN newsletter.sms_inbound_messages i ON i.id = e.inbound_id
 WHERE e.at IS NOT NULL AND (e.ends OR x.lifted_at IS NULL OR x.lifted_at > x.since)
 ORDER BY x.phone, e.at;
