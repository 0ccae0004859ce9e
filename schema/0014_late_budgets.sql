-- A budget that comes while its campaign sends. `keep_budget_of_ledger` counts where the row is inserted, but nobody
-- else sees that row before its transaction ends: what was opened and settled meanwhile would be in no budget. So it
-- is counted once more at the commit, under a lock that whoever opens or settles shares.
CREATE FUNCTION newsletter.count_late_budget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('sms-dispatcher budget ' || NEW.campaign_id, 0));
  UPDATE newsletter.campaign_budgets b
     SET spent_exact = greatest(b.spent_exact, l.spent), reserved_exact = l.reserved,
         booked_exact = greatest(b.spent_exact, l.spent) - l.spent,
         overspent_exact = CASE WHEN b.budget_cents = 0 THEN 0
                                ELSE greatest(b.overspent_exact, greatest(b.spent_exact, l.spent) + l.reserved - b.budget_cents) END
    FROM (SELECT coalesce(sum(cents_billed) FILTER (WHERE outcome = 'accepted'), 0) AS spent,
                 coalesce(sum(cents_reserved) FILTER (WHERE outcome IS NULL OR outcome = 'ambiguous'), 0) AS reserved
            FROM newsletter.sms_attempts
           WHERE campaign_id = NEW.campaign_id AND (outcome IS NULL OR outcome IN ('accepted', 'ambiguous'))) l
   WHERE b.campaign_id = NEW.campaign_id AND (b.spent_exact - b.booked_exact <> l.spent OR b.reserved_exact <> l.reserved);
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.count_late_budget() IS
  'At the commit of a new budget: counts what was opened and settled while nobody could see it.';
CREATE CONSTRAINT TRIGGER count_late_budget AFTER INSERT ON newsletter.campaign_budgets
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION newsletter.count_late_budget();

REVOKE EXECUTE ON FUNCTION newsletter.count_late_budget() FROM PUBLIC;

-- What such budgets lack by now. What the host has made of the spent cents since is its own.
UPDATE newsletter.campaign_budgets b
   SET reserved_exact = l.reserved,
       overspent_exact = CASE WHEN b.budget_cents = 0 THEN 0 ELSE greatest(b.overspent_exact, b.spent_exact + l.reserved - b.budget_cents) END
  FROM (SELECT campaign_id, sum(cents_reserved) AS reserved FROM newsletter.sms_attempts
         WHERE outcome IS NULL OR outcome = 'ambiguous' GROUP BY campaign_id) l
 WHERE l.campaign_id = b.campaign_id AND b.reserved_exact <> l.reserved;
