-- What RingCentral says of a text afterwards. Raw receipts are stored before they are understood, once for each
-- change that they tell of, and applied from here in whatever order they came.

CREATE TABLE newsletter.sms_receipts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login text NOT NULL,
    provider_id text NOT NULL,
    change text NOT NULL,
    source text NOT NULL CHECK (source IN ('sync', 'list', 'webhook')),
    body text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    early_at timestamptz,
    applied_at timestamptz,
    verdict text CHECK (verdict IN ('applied', 'stale', 'inbound', 'foreign', 'unreadable')),
    UNIQUE (provider_id, change),
    CHECK ((verdict IS NULL) = (applied_at IS NULL))
);
-- A webhook brings what people write: a STOP does not wait behind the receipts of a campaign.
CREATE INDEX sms_receipts_new ON newsletter.sms_receipts ((source <> 'webhook'), id) WHERE applied_at IS NULL AND early_at IS NULL;
CREATE INDEX sms_receipts_early ON newsletter.sms_receipts (early_at) WHERE applied_at IS NULL AND early_at IS NOT NULL;
CREATE INDEX sms_receipts_applied ON newsletter.sms_receipts (applied_at) WHERE applied_at IS NOT NULL;
COMMENT ON TABLE newsletter.sms_receipts IS 'What RingCentral told us of texts, as it came: stored first, applied from here, deleted a while after that. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.sms_receipts.id IS 'Key.';
COMMENT ON COLUMN newsletter.sms_receipts.login IS 'The login that was told.';
COMMENT ON COLUMN newsletter.sms_receipts.provider_id IS 'RingCentral''s id of the text.';
COMMENT ON COLUMN newsletter.sms_receipts.change IS 'What tells this change from others of the same text: when and what.';
COMMENT ON COLUMN newsletter.sms_receipts.source IS 'How it came: sync, list (RingCentral''s own record), or webhook, which anybody might claim to be.';
COMMENT ON COLUMN newsletter.sms_receipts.body IS 'The record itself, in RingCentral''s JSON.';
COMMENT ON COLUMN newsletter.sms_receipts.received_at IS 'When it came.';
COMMENT ON COLUMN newsletter.sms_receipts.early_at IS 'Since when it waits for an attempt of ours with this id: our own answer may be under way still.';
COMMENT ON COLUMN newsletter.sms_receipts.applied_at IS 'When it was applied, or given up.';
COMMENT ON COLUMN newsletter.sms_receipts.verdict IS 'What came of it: applied, stale (a later one had been), inbound (a text to us), foreign (no text of ours), unreadable.';

-- Where the reading of RingCentral's record stands. The token continues where the last answer ended; a gap is read
-- from the list, page by page, while the token that was fetched before it waits.
CREATE TABLE newsletter.sms_syncs (
    login text PRIMARY KEY,
    token text,
    token_at timestamptz,
    read_at timestamptz,
    gap_since timestamptz,
    gap_until timestamptz,
    gap_page integer,
    CHECK ((gap_since IS NULL) = (gap_until IS NULL) AND (gap_since IS NULL) = (gap_page IS NULL))
);
COMMENT ON TABLE newsletter.sms_syncs IS 'How far RingCentral''s record has been read. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.sms_syncs.login IS 'The login.';
COMMENT ON COLUMN newsletter.sms_syncs.token IS 'RingCentral''s token for what changes from token_at on.';
COMMENT ON COLUMN newsletter.sms_syncs.token_at IS 'All changes before it are here, or in the gap; by RingCentral''s clock.';
COMMENT ON COLUMN newsletter.sms_syncs.read_at IS 'When an answer was last stored.';
COMMENT ON COLUMN newsletter.sms_syncs.gap_since IS 'From when on texts are still to be read from the list; NULL while there is no gap.';
COMMENT ON COLUMN newsletter.sms_syncs.gap_until IS 'Up to when.';
COMMENT ON COLUMN newsletter.sms_syncs.gap_page IS 'The page that is read next.';

ALTER TABLE newsletter.sms_delivery_events
  ADD COLUMN changed_at timestamptz,
  ADD COLUMN failure_class text,
  ADD COLUMN closed_at timestamptz,
  ADD COLUMN segments_counted smallint,
  ADD COLUMN counted_at timestamptz;
COMMENT ON COLUMN newsletter.sms_delivery_events.changed_at IS 'When the status changed to this, by RingCentral''s clock.';
COMMENT ON COLUMN newsletter.sms_delivery_events.failure_class IS 'Why it failed, in a word: refused, number, absent, opted_out, spam, text, sender, limit or broken.';
COMMENT ON COLUMN newsletter.sms_delivery_events.closed_at IS 'Since when no more news is awaited: a final word came, or none did in time (accepted, not confirmed).';
COMMENT ON COLUMN newsletter.sms_delivery_events.segments_counted IS 'The segments that RingCentral last counted; NULL until it has said.';
COMMENT ON COLUMN newsletter.sms_delivery_events.counted_at IS 'When it counted them, by its clock.';
-- A refused text is at its end.
UPDATE newsletter.sms_delivery_events SET failure_class = 'refused', closed_at = failed_at
 WHERE attempt_id IS NOT NULL AND status = 'FAILED' AND message_sid IS NULL AND closed_at IS NULL;
CREATE INDEX sms_delivery_events_open ON newsletter.sms_delivery_events (sent_at) WHERE attempt_id IS NOT NULL AND closed_at IS NULL;
-- Of a campaign that is filtered as spam the texts of a day are counted.
CREATE INDEX sms_delivery_events_spam ON newsletter.sms_delivery_events (changed_at) WHERE error_code ~ '-43[01]$';
CREATE INDEX sms_delivery_events_changed ON newsletter.sms_delivery_events (campaign_id, changed_at) WHERE attempt_id IS NOT NULL;
