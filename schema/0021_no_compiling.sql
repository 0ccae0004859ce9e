-- What a function forbids counts as dear beyond measure: with jit on, each change of a person was compiled, for half a
-- second of the application's own transaction.
ALTER FUNCTION newsletter.record_changes() SET jit = off;
ALTER FUNCTION newsletter.note_consents() SET jit = off;

COMMENT ON COLUMN newsletter.sms_send_queue.reaps IS
  'How often in a row the process that held it died before its request: neither judged nor opened since.';
