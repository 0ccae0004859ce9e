-- How far RingCentral's record has been read. Each write names what it was read from: another leader's stays.

-- name: standing
-- $2 is how old a token may be, $3 how far back a first token's texts go. Both times are RingCentral's, within a little.
SELECT s.token, coalesce(s.token_at > now() - $2::interval, false) AS fresh, s.gap_since, s.gap_until, s.gap_page,
       now() - $3::interval AS earliest
  FROM (SELECT $1::text AS login) l LEFT JOIN newsletter.sms_syncs s USING (login);

-- name: move
UPDATE newsletter.sms_syncs SET token = $3, token_at = $4, read_at = now() WHERE login = $1 AND token = $2 RETURNING login;

-- name: oldest_open
-- Since when texts of ours may have changed unseen: the oldest whose end is not known, be it unsettled.
SELECT least((SELECT a.opened_at FROM newsletter.sms_delivery_events e JOIN newsletter.sms_attempts a ON a.id = e.attempt_id
               WHERE e.attempt_id IS NOT NULL AND e.closed_at IS NULL AND e.sent_at IS NOT NULL ORDER BY e.sent_at LIMIT 1),
             (SELECT min(opened_at) FROM newsletter.sms_attempts WHERE outcome IS NULL OR outcome = 'ambiguous'));

-- name: open_gap
-- The new token $3 waits while what was before it is read from the list. A gap that is open already becomes longer. It goes
-- back to the token before, however old: what people wrote since then was never seen. A text of ours is followed for $5.
INSERT INTO newsletter.sms_syncs AS s (login, token, token_at, gap_since, gap_until, gap_page)
VALUES ($1, $3, $4::timestamptz, $4::timestamptz - $5::interval, $4, 1)
ON CONFLICT (login) DO UPDATE
   SET token = $3, token_at = $4, gap_until = $4, gap_page = 1,
       gap_since = least(s.gap_since, s.token_at - $6::interval,
                         CASE WHEN $7::timestamptz IS NOT NULL
                              THEN greatest($4::timestamptz - $5::interval, $7::timestamptz - $6::interval) END)
 WHERE s.token IS NOT DISTINCT FROM $2
RETURNING gap_since, gap_until;

-- name: turn_page
-- The gap's page $3 is stored; $4 says whether it was the last.
UPDATE newsletter.sms_syncs
   SET gap_page = CASE WHEN $4 THEN NULL ELSE gap_page + 1 END, gap_since = CASE WHEN $4 THEN NULL ELSE gap_since END,
       gap_until = CASE WHEN $4 THEN NULL ELSE gap_until END, read_at = now()
 WHERE login = $1 AND gap_until = $2 AND gap_page = $3 RETURNING login;
