-- Money, exactly. A text costs 0.85 or 1.19 cents, the host's columns hold whole cents: the exact amounts
-- stand in columns of ours, the host's show the same rounded up.

ALTER TABLE newsletter.campaign_budgets
  ADD COLUMN spent_exact numeric(14,4) NOT NULL DEFAULT 0,
  ADD COLUMN reserved_exact numeric(14,4) NOT NULL DEFAULT 0,
  ADD COLUMN overspent_exact numeric(14,4) NOT NULL DEFAULT 0;

-- What the host has booked so far. A table without the audit's check may hold more than its budget.
UPDATE newsletter.campaign_budgets
   SET spent_exact = spent_cents,
       overspent_exact = CASE WHEN budget_cents = 0 THEN 0 ELSE greatest(spent_cents - budget_cents, 0) END
 WHERE spent_cents <> 0 OR budget_cents < 0;

-- The audit's check would refuse to book what RingCentral billed above the reservation. Ours says the same
-- of every row that the host writes, and lets the truth in.
DO $$
DECLARE c record;
BEGIN
  FOR c IN
    SELECT conname FROM pg_constraint
     WHERE conrelid = 'newsletter.campaign_budgets'::regclass AND contype = 'c'
       AND conkey @> (SELECT array_agg(attnum) FROM pg_attribute
                       WHERE attrelid = 'newsletter.campaign_budgets'::regclass
                         AND attname IN ('spent_cents', 'budget_cents'))
  LOOP
    EXECUTE format('ALTER TABLE newsletter.campaign_budgets DROP CONSTRAINT %I', c.conname);
  END LOOP;
END $$;
ALTER TABLE newsletter.campaign_budgets
  ADD CONSTRAINT campaign_budgets_fit
    CHECK (budget_cents = 0 OR spent_exact + reserved_exact <= budget_cents + overspent_exact),
  ADD CONSTRAINT campaign_budgets_not_negative
    CHECK (spent_exact >= 0 AND reserved_exact >= 0 AND overspent_exact >= 0);

-- One owner of the rounding. The host may book cents of its own (they are added to the exact amount), and
-- may lower a budget below what is reserved: those texts are on their way, so what does not fit any more
-- counts as overspent rather than refusing the host's row. What counts as overspent is never more than what
-- really is, so a budget that has room again has all of its strictness again.
CREATE FUNCTION newsletter.keep_budget_exact() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  host_books boolean := NEW.spent_cents <> OLD.spent_cents AND NEW.spent_exact = OLD.spent_exact;
  excess numeric;
BEGIN
  IF host_books THEN
    NEW.spent_exact := greatest(OLD.spent_exact + (NEW.spent_cents - OLD.spent_cents), 0);
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
COMMENT ON FUNCTION newsletter.keep_budget_exact() IS
  'Keeps the host''s whole cents and the exact amounts of a budget in step, whoever writes.';

CREATE TRIGGER keep_budget_exact BEFORE UPDATE ON newsletter.campaign_budgets
  FOR EACH ROW EXECUTE FUNCTION newsletter.keep_budget_exact();

ALTER TABLE newsletter.sms_delivery_events
  ADD COLUMN attempt_id bigint,
  ADD COLUMN segments smallint,
  ADD COLUMN cost_exact numeric(14,4);
CREATE UNIQUE INDEX sms_delivery_events_attempt ON newsletter.sms_delivery_events (attempt_id);

ALTER TABLE newsletter.campaign_events
  ADD COLUMN attempt_id bigint;
CREATE UNIQUE INDEX campaign_events_step ON newsletter.campaign_events (attempt_id, event_type);
