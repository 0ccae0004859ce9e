-- What RingCentral's own list of opt-outs is told. A row that somebody is changing at this moment is left for later: it
-- is stale in any case, and their transaction may be long.

-- name: due
-- Whether login $1 has a number that is to hear of earlier opt-outs, and whether anything is to be told now.
SELECT EXISTS (SELECT FROM newsletter.sms_senders WHERE login = $1 AND told_at IS NULL) AS new_numbers,
       EXISTS (SELECT FROM newsletter.sms_consents_told WHERE login = $1 AND changes > told_changes AND due_at <= now()) AS stale;

-- name: new_numbers
SELECT number FROM newsletter.sms_senders WHERE login = $1 AND told_at IS NULL ORDER BY number;

-- name: note_earlier
-- Of all who ever opted out, the next $3 after the number $2 are to be told (again) by login $1. Returns the last one.
WITH next AS MATERIALIZED (
  SELECT DISTINCT e.phone FROM newsletter.consent_events e WHERE e.event = 'opt_out' AND e.phone > $2 ORDER BY e.phone LIMIT $3),
noted AS (
  INSERT INTO newsletter.sms_consents_told AS t (phone, login) SELECT n.phone, $1::text FROM next n ORDER BY 1
  ON CONFLICT (phone, login) DO UPDATE SET changes = t.changes + 1, due_at = now())
SELECT max(phone) FROM next;

-- name: noted_earlier
UPDATE newsletter.sms_senders SET told_at = now() WHERE login = $1 AND number = ANY ($2::text[]) AND told_at IS NULL;

-- name: hold
-- At most $2 numbers that login $1 is to tell, those that changed last first.
SELECT phone FROM newsletter.sms_consents_told WHERE login = $1 AND changes > told_changes AND due_at <= now()
 ORDER BY due_at DESC LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED;

-- name: standing
-- A statement of its own after the lock: whoever changes consent counts it in these rows, so all that they have counted
-- is seen here. Opted out is who the guard holds for opted out.
SELECT t.phone, t.changes, t.told,
       EXISTS (SELECT FROM newsletter.sms_suppressions x
                WHERE x.phone = t.phone AND x.reason = 'opted_out' AND x.lifted_at IS NULL AND (x.until IS NULL OR x.until > now()))
       OR EXISTS (SELECT FROM newsletter.subscribers o
                   WHERE newsletter.e164(o.phone) = t.phone AND o.sms_unsubscribed_at IS NOT NULL) AS opted_out,
       EXISTS (SELECT FROM newsletter.sms_suppressions x
                WHERE x.phone = t.phone AND x.reason = 'opted_out' AND x.lifted_at IS NOT NULL) AS lifted
  FROM newsletter.sms_consents_told t WHERE t.login = $1 AND t.phone = ANY ($2::text[]);

-- name: may_know
-- Before the request: from here on RingCentral may know that the numbers $2 opted out, whatever becomes of us.
UPDATE newsletter.sms_consents_told SET told = 'opt_out' WHERE login = $1 AND phone = ANY ($2::text[]) AND told IS DISTINCT FROM 'opt_out';

-- name: note
-- Of the numbers $2, RingCentral knows as many changes as $3 by the word $4 (NULL: there was nothing to tell), or did not
-- take them ($5, its code) and is told again after $6.
WITH free AS MATERIALIZED (
  SELECT t.phone, n.changes, n.word, n.code
    FROM newsletter.sms_consents_told t
    JOIN unnest($2::text[], $3::bigint[], $4::text[], $5::text[]) AS n(phone, changes, word, code) ON n.phone = t.phone
   WHERE t.login = $1 ORDER BY t.phone FOR NO KEY UPDATE OF t SKIP LOCKED)
UPDATE newsletter.sms_consents_told t
   SET told_changes = CASE WHEN f.code IS NULL THEN greatest(t.told_changes, f.changes) ELSE t.told_changes END,
       told = CASE WHEN f.code IS NULL THEN coalesce(f.word, t.told) ELSE t.told END,
       told_at = CASE WHEN f.code IS NULL AND f.word IS NOT NULL THEN now() ELSE t.told_at END,
       refusal = f.code,
       due_at = CASE WHEN f.code IS NOT NULL AND t.changes = f.changes THEN now() + $6::interval ELSE t.due_at END
  FROM free f WHERE t.login = $1 AND t.phone = f.phone;
