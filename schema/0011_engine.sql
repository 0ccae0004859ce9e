-- What the engine shares between its processes, and the hint that wakes them.

CREATE TABLE newsletter.sms_senders (
    login text NOT NULL,
    number text NOT NULL,
    enabled boolean NOT NULL,
    minute_tokens double precision NOT NULL,
    filled_at timestamptz NOT NULL DEFAULT now(),
    day date NOT NULL,
    texts integer NOT NULL DEFAULT 0,
    stopped_until timestamptz,
    stopped_code text,
    PRIMARY KEY (login, number)
);
COMMENT ON TABLE newsletter.sms_senders IS 'Our numbers, as RingCentral lists them, and what each has sent. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.sms_senders.login IS 'The login that may send from it.';
COMMENT ON COLUMN newsletter.sms_senders.number IS 'The number, E.164.';
COMMENT ON COLUMN newsletter.sms_senders.enabled IS 'Whether RingCentral lets it send texts.';
COMMENT ON COLUMN newsletter.sms_senders.minute_tokens IS 'Texts that it may send this minute, at filled_at.';
COMMENT ON COLUMN newsletter.sms_senders.filled_at IS 'When minute_tokens was written, by the database''s clock.';
COMMENT ON COLUMN newsletter.sms_senders.day IS 'The day that texts counts, in the account''s zone.';
COMMENT ON COLUMN newsletter.sms_senders.texts IS 'Texts claimed for it on that day.';
COMMENT ON COLUMN newsletter.sms_senders.stopped_until IS 'Not used before this time: RingCentral refused it.';
COMMENT ON COLUMN newsletter.sms_senders.stopped_code IS 'RingCentral''s code of that refusal.';

CREATE TABLE newsletter.account_days (
    day date PRIMARY KEY,
    budget_cents integer NOT NULL CHECK (budget_cents >= 0),
    spent_exact numeric(14,4) NOT NULL DEFAULT 0 CHECK (spent_exact >= 0),
    reserved_exact numeric(14,4) NOT NULL DEFAULT 0 CHECK (reserved_exact >= 0),
    overspent_exact numeric(14,4) NOT NULL DEFAULT 0 CHECK (overspent_exact >= 0),
    exceeded_at timestamptz,
    CONSTRAINT account_days_fit
      CHECK (budget_cents = 0 OR spent_exact + reserved_exact <= budget_cents + overspent_exact)
);
COMMENT ON TABLE newsletter.account_days IS 'What the whole account may cost in a day: it bounds every text, with or without a campaign. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.account_days.day IS 'The day, in the account''s zone.';
COMMENT ON COLUMN newsletter.account_days.budget_cents IS 'The most that may be spent on it, in cents; 0 is no limit.';
COMMENT ON COLUMN newsletter.account_days.spent_exact IS 'Spent, in cents, exact.';
COMMENT ON COLUMN newsletter.account_days.reserved_exact IS 'Reserved for texts in flight or of unknown fate, in cents.';
COMMENT ON COLUMN newsletter.account_days.overspent_exact IS 'What RingCentral billed beyond the budget, in cents.';
COMMENT ON COLUMN newsletter.account_days.exceeded_at IS 'Since when a text has not fitted; NULL while all fit.';

ALTER TABLE newsletter.sms_attempts ADD COLUMN account_day date NOT NULL DEFAULT CURRENT_DATE;
COMMENT ON COLUMN newsletter.sms_attempts.account_day IS 'The account''s day that the money was reserved on.';

ALTER TABLE newsletter.sms_buckets ADD COLUMN needs_probe boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN newsletter.sms_buckets.needs_probe IS 'RingCentral was out of reach: nothing is sent before one look says that it is back.';

ALTER TABLE newsletter.campaigns ADD COLUMN drained_at timestamptz;
COMMENT ON COLUMN newsletter.campaigns.drained_at IS 'Since when every text of it has been terminal; NULL while one is not.';

-- One hint for each statement, without a payload: polling finds the rows anyway.
CREATE FUNCTION newsletter.hint_at_queue() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NOTIFY sms_dispatcher_queue;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.hint_at_queue() IS 'Wakes the dispatchers that listen.';
CREATE TRIGGER hint_at_queue AFTER INSERT ON newsletter.sms_send_queue
  FOR EACH STATEMENT EXECUTE FUNCTION newsletter.hint_at_queue();
