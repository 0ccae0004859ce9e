-- Deleting must not make history wrong. The host deletes as it always did; these functions run with the
-- rights of the schema's owner, so its role needs none on our tables, and nobody else may call them.
-- Rows are locked in one order everywhere: campaign, person, queue, budget.

-- The words "unopened" and "in flight": a claim of ours (claimed_by) without an open attempt has surely not
-- been sent; a `sending` row without any claim of ours is a host's own older sender's, of which nobody knows.
CREATE FUNCTION newsletter.keep_history_of_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE newsletter.sms_send_queue q
     SET status = 'failed', reason = 'subscriber_deleted', fence = q.fence + 1,
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
COMMENT ON FUNCTION newsletter.keep_history_of_person() IS
  'Before a subscriber is deleted: cancels the unopened texts and keeps the others without the person.';
CREATE TRIGGER keep_history_of_person BEFORE DELETE ON newsletter.subscribers
  FOR EACH ROW EXECUTE FUNCTION newsletter.keep_history_of_person();

-- Consent belongs to a number: an opt-out stays with it when the person goes or gets another number.
CREATE FUNCTION newsletter.keep_opt_out_of_number() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR newsletter.e164(OLD.phone) IS DISTINCT FROM newsletter.e164(NEW.phone) THEN
    INSERT INTO newsletter.sms_suppressions (phone, reason, source, since)
    SELECT newsletter.e164(OLD.phone), 'opted_out',
           CASE TG_OP WHEN 'DELETE' THEN 'subscriber deleted' ELSE 'number changed' END, OLD.sms_unsubscribed_at
     WHERE newsletter.e164(OLD.phone) IS NOT NULL
    ON CONFLICT (phone, reason) DO UPDATE SET lifted_at = NULL, until = NULL;
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.keep_opt_out_of_number() IS
  'After a subscriber who had opted out is deleted or gets another number: suppresses the old number.';
CREATE TRIGGER keep_opt_out_of_deleted AFTER DELETE ON newsletter.subscribers
  FOR EACH ROW WHEN (OLD.sms_unsubscribed_at IS NOT NULL)
  EXECUTE FUNCTION newsletter.keep_opt_out_of_number();
CREATE TRIGGER keep_opt_out_of_renumbered AFTER UPDATE OF phone ON newsletter.subscribers
  FOR EACH ROW WHEN (OLD.sms_unsubscribed_at IS NOT NULL AND OLD.phone IS DISTINCT FROM NEW.phone)
  EXECUTE FUNCTION newsletter.keep_opt_out_of_number();

-- First a look without waiting: who is in the middle of settling waits for the campaign's row that we hold,
-- and we must not wait for them. Then every live row is locked before the second count, so that no claim can
-- slip in between the answer and the deletion.
CREATE FUNCTION newsletter.refuse_to_lose_campaign() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  busy bigint;
  unsettled bigint;
  reserved numeric;
BEGIN
  FOR look IN 1..2 LOOP
    IF look = 2 THEN
      PERFORM FROM newsletter.sms_send_queue
        WHERE campaign_id = OLD.id AND status IN ('pending', 'sending') ORDER BY id FOR UPDATE;
      PERFORM FROM newsletter.campaign_budgets WHERE campaign_id = OLD.id FOR UPDATE;
    END IF;
    SELECT count(*) INTO busy FROM newsletter.sms_send_queue WHERE campaign_id = OLD.id AND status = 'sending';
    SELECT count(*) INTO unsettled FROM newsletter.sms_attempts
     WHERE campaign_id = OLD.id AND (outcome IS NULL OR outcome = 'ambiguous');
    SELECT reserved_exact INTO reserved FROM newsletter.campaign_budgets WHERE campaign_id = OLD.id;
    IF busy > 0 OR unsettled > 0 OR reserved > 0 THEN
      RAISE EXCEPTION 'campaign % cannot be deleted yet: % texts are claimed, in flight or unknown, % attempts are not settled, % cents are reserved',
        OLD.id, busy, unsettled, coalesce(reserved, 0)
        USING ERRCODE = 'restrict_violation',
              HINT = 'Cancel the campaign, wait until its texts are settled, then delete it.';
    END IF;
  END LOOP;
  RETURN OLD;
END $$;
COMMENT ON FUNCTION newsletter.refuse_to_lose_campaign() IS
  'Before a campaign is deleted: refuses while texts of it are claimed, in flight, unknown or reserved for.';
CREATE TRIGGER refuse_to_lose_campaign BEFORE DELETE ON newsletter.campaigns
  FOR EACH ROW EXECUTE FUNCTION newsletter.refuse_to_lose_campaign();

-- A budget may come and go, what was spent and reserved of its campaign does not: it stands in the ledger.
CREATE FUNCTION newsletter.keep_budget_of_ledger() RETURNS trigger
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
  NEW.spent_cents := ceil(NEW.spent_exact);
  -- The ledger's truth is not refused; what the host itself says above its budget is, as ever.
  IF NEW.budget_cents <> 0 THEN
    NEW.overspent_exact := greatest(0, least(spent, NEW.spent_exact) + NEW.reserved_exact - NEW.budget_cents);
  END IF;
  RETURN NEW;
END $$;
COMMENT ON FUNCTION newsletter.keep_budget_of_ledger() IS
  'A new budget starts with what the ledger says of its campaign; one with reservations is not deleted.';
CREATE TRIGGER keep_budget_of_ledger BEFORE INSERT OR DELETE ON newsletter.campaign_budgets
  FOR EACH ROW EXECUTE FUNCTION newsletter.keep_budget_of_ledger();

-- TRUNCATE would pass all of this by.
CREATE FUNCTION newsletter.refuse_to_truncate() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'newsletter.% is not truncated: opt-outs and texts in flight would be lost', TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', HINT = 'DELETE the rows.';
END $$;
COMMENT ON FUNCTION newsletter.refuse_to_truncate() IS 'Refuses TRUNCATE where deleting a row does more than that.';
CREATE TRIGGER refuse_to_truncate BEFORE TRUNCATE ON newsletter.subscribers
  FOR EACH STATEMENT EXECUTE FUNCTION newsletter.refuse_to_truncate();
CREATE TRIGGER refuse_to_truncate BEFORE TRUNCATE ON newsletter.campaigns
  FOR EACH STATEMENT EXECUTE FUNCTION newsletter.refuse_to_truncate();
CREATE TRIGGER refuse_to_truncate BEFORE TRUNCATE ON newsletter.campaign_budgets
  FOR EACH STATEMENT EXECUTE FUNCTION newsletter.refuse_to_truncate();

REVOKE EXECUTE ON FUNCTION newsletter.keep_history_of_person(), newsletter.keep_opt_out_of_number(),
  newsletter.refuse_to_lose_campaign(), newsletter.keep_budget_of_ledger() FROM PUBLIC;
