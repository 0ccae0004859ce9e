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
