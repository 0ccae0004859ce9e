-- The dispatcher's own tables. None has a foreign key to a table of the host: they outlive its rows.

CREATE TABLE newsletter.sms_attempts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL,
    campaign_id uuid,
    subscriber_id uuid,
    category text NOT NULL CHECK (category IN ('promotion', 'reminder', 'transactional', 'compliance')),
    phone text NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    sender text NOT NULL,
    text_hash bytea NOT NULL,
    fence integer NOT NULL,
    process_id bigint NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    send_by timestamptz NOT NULL,
    segment_price numeric(14,4) NOT NULL CHECK (segment_price >= 0),
    segments_reserved smallint NOT NULL CHECK (segments_reserved > 0),
    cents_reserved numeric(14,4) NOT NULL CHECK (cents_reserved >= 0),
    outcome text CHECK (outcome IN ('accepted', 'throttled', 'refused', 'unreached', 'ambiguous', 'absent')),
    settled_at timestamptz,
    provider_id text UNIQUE,
    error_code text,
    segments_billed smallint CHECK (segments_billed >= 0),
    cents_billed numeric(14,4) CHECK (cents_billed >= 0),
    CHECK ((outcome IS NULL) = (settled_at IS NULL)),
    CHECK (send_by > opened_at)
);
-- Law 4: one person never gets the same text of one campaign twice, whatever the host inserts.
CREATE UNIQUE INDEX sms_attempts_once ON newsletter.sms_attempts (campaign_id, phone, text_hash)
  WHERE outcome IS NULL OR outcome IN ('accepted', 'ambiguous');
CREATE INDEX sms_attempts_message ON newsletter.sms_attempts (message_id);
CREATE INDEX sms_attempts_phone ON newsletter.sms_attempts (phone, opened_at);
CREATE INDEX sms_attempts_unsettled ON newsletter.sms_attempts (opened_at)
  WHERE outcome IS NULL OR outcome = 'ambiguous';

CREATE FUNCTION newsletter.refuse_to_forget() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'the ledger newsletter.sms_attempts is never deleted from'
    USING ERRCODE = 'restrict_violation',
          HINT = 'Budgets, caps and the proof of what was sent are read from it.';
END $$;
COMMENT ON FUNCTION newsletter.refuse_to_forget() IS 'Refuses DELETE and TRUNCATE on the ledger.';
CREATE TRIGGER refuse_to_forget BEFORE DELETE OR TRUNCATE ON newsletter.sms_attempts
  FOR EACH STATEMENT EXECUTE FUNCTION newsletter.refuse_to_forget();

-- What was settled stays settled: only what is open or ambiguous may still become something else.
CREATE FUNCTION newsletter.refuse_to_unsettle() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'attempt % was settled as % and cannot become %', OLD.id, OLD.outcome, coalesce(NEW.outcome, 'open')
    USING ERRCODE = 'restrict_violation', HINT = 'Later news belongs into sms_delivery_events.';
END $$;
COMMENT ON FUNCTION newsletter.refuse_to_unsettle() IS 'Refuses another outcome for an attempt whose fate is known.';
CREATE TRIGGER refuse_to_unsettle BEFORE UPDATE OF outcome ON newsletter.sms_attempts
  FOR EACH ROW WHEN (OLD.outcome <> 'ambiguous' AND NEW.outcome IS DISTINCT FROM OLD.outcome
                     OR OLD.outcome = 'ambiguous' AND NEW.outcome IS NULL)
  EXECUTE FUNCTION newsletter.refuse_to_unsettle();

CREATE TABLE newsletter.sms_suppressions (
    phone text NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    reason text NOT NULL,
    source text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    until timestamptz,
    lifted_at timestamptz,
    PRIMARY KEY (phone, reason)
);

CREATE TABLE newsletter.sms_buckets (
    login text NOT NULL,
    limit_group text NOT NULL,
    capacity double precision NOT NULL CHECK (capacity > 0),
    per_second double precision NOT NULL CHECK (per_second > 0),
    tokens double precision NOT NULL,
    filled_at timestamptz NOT NULL DEFAULT now(),
    blocked_until timestamptz,
    PRIMARY KEY (login, limit_group)
);

CREATE TABLE newsletter.processes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    host text NOT NULL,
    pid integer NOT NULL,
    version text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    stopped_at timestamptz
);

CREATE TABLE newsletter.alerts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    object text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    until timestamptz,
    what_to_do text NOT NULL
);
-- Raised once per state, cleared once.
CREATE UNIQUE INDEX alerts_raised ON newsletter.alerts (kind, object) WHERE until IS NULL;
