-- Money, exactly. A text costs 0.85 or 1.19 cents, the host's columns hold whole cents: the exact amounts
-- stand in columns of ours, the host's show the same rounded up.

ALTER TABLE newsletter.campaign_budgets
  ADD COLUMN spent_exact numeric(14,4) NOT NULL DEFAULT 0,
  ADD COLUMN reserved_exact numeric(14,4) NOT NULL DEFAULT 0,
  ADD COLUMN overspent_exact numeric(14,4) NOT NULL DEFAULT 0;

-- What the host has booked so far. A table without the audit's check may hold more than its budget.
UPDATE newsletter.campaign_budgets
   SET spent_exact = spent_cents,
       overspent_exact = CASE WHEN budget_cents > 0 THEN greatest(spent_cents - budget_cents, 0) ELSE 0 END
 WHERE spent_cents <> 0;

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
  ADD CONSTRAINT campaign_budgets_spent_fits
    CHECK (budget_cents = 0 OR spent_cents <= budget_cents + ceil(overspent_exact)),
  ADD CONSTRAINT campaign_budgets_reserved_fits
    CHECK (budget_cents = 0 OR spent_exact + reserved_exact <= budget_cents + overspent_exact),
  ADD CONSTRAINT campaign_budgets_not_negative
    CHECK (reserved_exact >= 0 AND overspent_exact >= 0);

-- One owner of the rounding. The host may book cents of its own (they are added to the exact amount), and
-- may lower a budget below what is reserved: those texts are on their way, so what does not fit any more
-- counts as overspent rather than refusing the host's row. A reservation is never widened by that: the
-- dispatcher reserves within budget_cents alone.
CREATE FUNCTION newsletter.keep_budget_exact() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  by_host boolean := TG_OP = 'INSERT';
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.spent_exact := greatest(NEW.spent_exact, NEW.spent_cents);
  ELSE
    by_host := NEW.budget_cents <> OLD.budget_cents OR NEW.spent_cents <> OLD.spent_cents;
    IF NEW.spent_cents <> OLD.spent_cents AND NEW.spent_exact = OLD.spent_exact THEN
      NEW.spent_exact := OLD.spent_exact + (NEW.spent_cents - OLD.spent_cents);
    END IF;
  END IF;
  NEW.spent_cents := ceil(NEW.spent_exact);
  IF by_host AND NEW.budget_cents > 0 THEN
    NEW.overspent_exact := greatest(NEW.overspent_exact,
      least(NEW.reserved_exact, NEW.spent_exact + NEW.reserved_exact - NEW.budget_cents));
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION newsletter.keep_budget_exact() IS
  'Keeps the host''s whole cents and the exact amounts of a budget in step, whoever writes.';

CREATE TRIGGER keep_budget_exact BEFORE INSERT OR UPDATE ON newsletter.campaign_budgets
  FOR EACH ROW EXECUTE FUNCTION newsletter.keep_budget_exact();

ALTER TABLE newsletter.sms_delivery_events
  ADD COLUMN attempt_id bigint,
  ADD COLUMN segments smallint,
  ADD COLUMN cost_exact numeric(14,4);
CREATE UNIQUE INDEX sms_delivery_events_attempt ON newsletter.sms_delivery_events (attempt_id);

ALTER TABLE newsletter.campaign_events
  ADD COLUMN attempt_id bigint;
CREATE UNIQUE INDEX campaign_events_step ON newsletter.campaign_events (attempt_id, event_type);
