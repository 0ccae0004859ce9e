-- Deleting a person or a campaign must not make history wrong. The host deletes as it always did; these
-- functions run with the rights of the schema's owner, so its role needs none on our tables.

-- The words "unopened" and "in flight": a claim of ours (claimed_by) without an attempt has surely not been
-- sent; a `sending` row without any claim of ours is a host's own older sender's, of which nobody knows.
CREATE FUNCTION newsletter.keep_history_of_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE newsletter.sms_send_queue
     SET status = 'failed', reason = 'subscriber_deleted', fence = fence + 1,
         claimed_by = NULL, lease_until = NULL, subscriber_id = NULL
   WHERE subscriber_id = OLD.id
     AND (status = 'pending'
          OR status = 'sending' AND claimed_by IS NOT NULL AND attempt_id IS NULL AND unknown_at IS NULL);
  -- What is left is in flight or over: it loses the person before the foreign key would delete it.
  UPDATE newsletter.sms_send_queue SET subscriber_id = NULL WHERE subscriber_id = OLD.id;
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

-- Locks every live row before it counts, so that no claim can slip in between the answer and the deletion.
CREATE FUNCTION newsletter.refuse_to_lose_campaign() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  busy bigint;
  unsettled bigint;
  reserved numeric;
BEGIN
  SELECT count(*) FILTER (WHERE live.status = 'sending') INTO busy
    FROM (SELECT status FROM newsletter.sms_send_queue
           WHERE campaign_id = OLD.id AND status IN ('pending', 'sending') ORDER BY id FOR UPDATE) AS live;
  SELECT reserved_exact INTO reserved
    FROM newsletter.campaign_budgets WHERE campaign_id = OLD.id FOR UPDATE;
  SELECT count(*) INTO unsettled
    FROM newsletter.sms_attempts
   WHERE campaign_id = OLD.id AND (outcome IS NULL OR outcome = 'ambiguous');
  IF busy > 0 OR unsettled > 0 OR reserved > 0 THEN
    RAISE EXCEPTION 'campaign % cannot be deleted yet: % texts are claimed, in flight or unknown, % attempts are not settled, % cents are reserved',
      OLD.id, busy, unsettled, coalesce(reserved, 0)
      USING ERRCODE = 'restrict_violation',
            HINT = 'Cancel the campaign, wait until its texts are settled, then delete it.';
  END IF;
  RETURN OLD;
END $$;
COMMENT ON FUNCTION newsletter.refuse_to_lose_campaign() IS
  'Before a campaign is deleted: refuses while texts of it are claimed, in flight, unknown or reserved for.';
CREATE TRIGGER refuse_to_lose_campaign BEFORE DELETE ON newsletter.campaigns
  FOR EACH ROW EXECUTE FUNCTION newsletter.refuse_to_lose_campaign();
