-- What the dispatcher keeps beside the host's columns of the queue. Every column has a default or may be
-- NULL, so that a host which knows only its own columns can insert and read as before.

-- Numbers were typed by people. Between the digits stand spaces, brackets, dots, slashes, dashes of every
-- kind and the invisible marks that copying brings along. A leading + must be followed by the 1: +9165550123
-- is a number in India, not in Sacramento. Letters, extensions, other countries and
-- codes like 911 give NULL.
CREATE FUNCTION newsletter.e164(phone text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
  WHEN phone ~ '^\+1(?![2-9]11)[2-9][0-8][0-9](?![2-9]11)[2-9][0-9]{6}$' THEN phone
  WHEN regexp_replace(phone, '[\s()./\u002d\u00a0\u00ad\u00b7\u2000-\u2015\u202a-\u202f\u2060\u2212\ufeff]', '', 'g')
       ~ '^(\+?1)?(?![2-9]11)[2-9][0-8][0-9](?![2-9]11)[2-9][0-9]{6}$'
  THEN '+1' || right(regexp_replace(phone, '[^0-9]', '', 'g'), 10)
END;
COMMENT ON FUNCTION newsletter.e164(text) IS
  'The E.164 spelling (+1 and ten digits) of a North American number however it was typed, else NULL.';

ALTER TABLE newsletter.campaigns
  ADD COLUMN category text CHECK (category IN ('promotion', 'reminder', 'transactional'));

ALTER TABLE newsletter.sms_send_queue
  ADD COLUMN category text CHECK (category IN ('promotion', 'reminder', 'transactional', 'compliance')),
  ADD COLUMN sender text,
  ADD COLUMN not_before timestamptz,
  ADD COLUMN expires_at timestamptz,
  ADD COLUMN reason text,
  ADD COLUMN error_code text,
  ADD COLUMN fence integer NOT NULL DEFAULT 0,
  ADD COLUMN claimed_by bigint,
  ADD COLUMN lease_until timestamptz,
  ADD COLUMN attempt_id bigint,
  ADD COLUMN unknown_at timestamptz,
  ADD COLUMN held_at timestamptz,
  ADD COLUMN provider_id text,
  ADD COLUMN segments smallint,
  -- An answer to a person's own text needs no consent. It leaves from the number that the person wrote to,
  -- a column that only the dispatcher may write: so nobody else can claim the exemption.
  ADD CONSTRAINT sms_send_queue_compliance_is_ours CHECK (category <> 'compliance' OR sender IS NOT NULL);

-- The claim reads this one index, lane by lane: a campaign (or none) and the category that a row carries
-- itself, so that a transactional text is found behind a hundred thousand others. No other index of ours
-- names a column that changes with the status, but the lease's.
CREATE INDEX sms_send_queue_due ON newsletter.sms_send_queue
  (coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'), coalesce(category, ''),
   greatest(scheduled_at, not_before), id) WHERE status = 'pending';
CREATE INDEX sms_send_queue_lease ON newsletter.sms_send_queue (lease_until) WHERE status = 'sending';
-- A STOP looks for the live rows of a number, a deletion for the rows of a person.
CREATE INDEX sms_send_queue_live_number ON newsletter.sms_send_queue (newsletter.e164(phone_number))
  WHERE status IN ('pending', 'sending');
CREATE INDEX sms_send_queue_person ON newsletter.sms_send_queue (subscriber_id);
CREATE INDEX subscribers_e164 ON newsletter.subscribers (newsletter.e164(phone));

-- A queue lives on updates: vacuum by the thousand rows, not by the fifth of the table, and analyze often
-- enough that the planner does not leave the claim's index at the first large campaign.
ALTER TABLE newsletter.sms_send_queue SET (
  fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
  autovacuum_analyze_scale_factor = 0.02, autovacuum_analyze_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
