-- What a send needs to survive any crash: who leads, how often a row lost its process, and what was found out
-- of a text whose fate was not known.

CREATE TABLE newsletter.leases (
    name text PRIMARY KEY,
    owner bigint NOT NULL,
    until timestamptz NOT NULL,
    fence bigint NOT NULL DEFAULT 1
);
COMMENT ON TABLE newsletter.leases IS 'Work that one process does for all: who does it now. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.leases.name IS 'The work.';
COMMENT ON COLUMN newsletter.leases.owner IS 'The process (newsletter.processes) that does it.';
COMMENT ON COLUMN newsletter.leases.until IS 'Until when, by the database''s clock, unless it is renewed.';
COMMENT ON COLUMN newsletter.leases.fence IS 'Grows with each change of owner; each write of that work names it.';

ALTER TABLE newsletter.sms_send_queue ADD COLUMN reaps smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN newsletter.sms_send_queue.reaps IS 'How often the process that held it died before its request.';

-- The word of a decision says what it was: held and presumed are the dispatcher's, found is RingCentral's
-- record, resent, dropped, sent and failed are a rule's or a person's.
ALTER TABLE newsletter.sms_attempts
  ADD COLUMN looks smallint NOT NULL DEFAULT 0,
  ADD COLUMN looked_at timestamptz,
  ADD COLUMN look_showed text CHECK (look_showed IN ('absent', 'clouded')),
  ADD COLUMN decision text CHECK (decision IN ('found', 'resent', 'dropped', 'presumed', 'sent', 'failed')),
  ADD COLUMN decided_at timestamptz,
  ADD COLUMN decided_by text,
  ADD COLUMN decided_why text,
  ADD COLUMN late_outcome text,
  ADD COLUMN late_provider_id text,
  ADD COLUMN late_at timestamptz,
  ADD CHECK ((decision IS NULL) = (decided_at IS NULL)),
  ADD CHECK ((late_outcome IS NULL) = (late_at IS NULL));
COMMENT ON COLUMN newsletter.sms_attempts.looks IS 'How often RingCentral''s record was searched for it.';
COMMENT ON COLUMN newsletter.sms_attempts.looked_at IS 'When it was searched last.';
COMMENT ON COLUMN newsletter.sms_attempts.look_showed IS 'What the last search showed: absent, or clouded: another text between the same two numbers, so that nothing follows.';
COMMENT ON COLUMN newsletter.sms_attempts.decision IS 'How an unknown fate was decided: found (in RingCentral''s record), resent, dropped, presumed (sent, because nobody decided), sent or failed (a person says so).';
COMMENT ON COLUMN newsletter.sms_attempts.decided_at IS 'When.';
COMMENT ON COLUMN newsletter.sms_attempts.decided_by IS 'By whom: the dispatcher, or the person that unknown resolve names.';
COMMENT ON COLUMN newsletter.sms_attempts.decided_why IS 'Why, in that person''s words or ours.';
COMMENT ON COLUMN newsletter.sms_attempts.late_outcome IS 'An answer that came after the fate was decided otherwise: news, which overwrites nothing.';
COMMENT ON COLUMN newsletter.sms_attempts.late_provider_id IS 'The id that it named.';
COMMENT ON COLUMN newsletter.sms_attempts.late_at IS 'When it came.';

CREATE TABLE newsletter.sms_foreign_texts (
    provider_id text PRIMARY KEY,
    sender text NOT NULL,
    phone text NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE newsletter.sms_foreign_texts IS 'Texts in RingCentral''s record that no dispatcher sent: shown, never adopted. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.sms_foreign_texts.provider_id IS 'RingCentral''s id.';
COMMENT ON COLUMN newsletter.sms_foreign_texts.sender IS 'The number of ours that it came from, E.164.';
COMMENT ON COLUMN newsletter.sms_foreign_texts.phone IS 'The number that it went to.';
COMMENT ON COLUMN newsletter.sms_foreign_texts.created_at IS 'When, by RingCentral''s clock.';
COMMENT ON COLUMN newsletter.sms_foreign_texts.seen_at IS 'When we saw it.';

-- What a campaign spent is what the ledger says and what the application booked beside it: kept apart, so that
-- the two can be compared to the last digit.
ALTER TABLE newsletter.campaign_budgets ADD COLUMN booked_exact numeric(14,4) NOT NULL DEFAULT 0;
COMMENT ON COLUMN newsletter.campaign_budgets.booked_exact IS 'The part of spent_exact that the application booked itself, in cents.';
UPDATE newsletter.campaign_budgets b
   SET booked_exact = b.spent_exact - coalesce((SELECT sum(a.cents_billed) FROM newsletter.sms_attempts a
                                                 WHERE a.campaign_id = b.campaign_id AND a.outcome = 'accepted'), 0);

CREATE OR REPLACE FUNCTION newsletter.keep_budget_exact() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  host_books boolean := NEW.spent_cents <> OLD.spent_cents AND NEW.spent_exact = OLD.spent_exact;
  excess numeric;
BEGIN
  IF host_books THEN
    NEW.spent_exact := greatest(OLD.spent_exact + (NEW.spent_cents - OLD.spent_cents), 0);
    NEW.booked_exact := OLD.booked_exact + NEW.spent_exact - OLD.spent_exact;
  END IF;
  NEW.spent_cents := ceil(NEW.spent_exact);
  excess := CASE WHEN NEW.budget_cents = 0 THEN 0
                 ELSE greatest(NEW.spent_exact + NEW.reserved_exact - NEW.budget_cents, 0) END;
  IF host_books OR NEW.budget_cents <> OLD.budget_cents THEN
    NEW.overspent_exact := greatest(NEW.overspent_exact, least(NEW.reserved_exact, excess));
  END IF;
  NEW.overspent_exact := least(NEW.overspent_exact, excess);
  -- A raised budget lets the campaign go on by itself.
  IF OLD.budget_cents > 0 AND (NEW.budget_cents > OLD.budget_cents OR NEW.budget_cents = 0) THEN
    NEW.exceeded_at := NULL;
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION newsletter.keep_budget_of_ledger() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  spent numeric;
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.reserved_exact > 0 THEN
      RAISE EXCEPTION 'the budget of campaign % cannot be deleted yet: % cents are reserved for texts in flight',
        OLD.campaign_id, OLD.reserved_exact
        USING ERRCODE = 'restrict_violation', HINT = 'Pause the campaign and wait until its texts are settled.';
    END IF;
    RETURN OLD;
  END IF;
  SELECT coalesce(sum(cents_billed) FILTER (WHERE outcome = 'accepted'), 0),
         coalesce(sum(cents_reserved) FILTER (WHERE outcome IS NULL OR outcome = 'ambiguous'), 0)
    INTO spent, NEW.reserved_exact
    FROM newsletter.sms_attempts
   WHERE campaign_id = NEW.campaign_id AND (outcome IS NULL OR outcome IN ('accepted', 'ambiguous'));
  NEW.spent_exact := greatest(NEW.spent_exact, NEW.spent_cents, spent);
  NEW.booked_exact := NEW.spent_exact - spent;
  NEW.spent_cents := ceil(NEW.spent_exact);
  -- The ledger's truth is not refused; what the host itself says above its budget is, as ever.
  IF NEW.budget_cents <> 0 THEN
    NEW.overspent_exact := greatest(0, least(spent, NEW.spent_exact) + NEW.reserved_exact - NEW.budget_cents);
  END IF;
  RETURN NEW;
END $$;
