-- name: known
SELECT subscription_id, owner_id, address, token_mark, status FROM newsletter.sms_subscriptions WHERE login = $1;

-- name: heard
-- When a notification last came. Written seldom: under a storm of them each would wait for this row.
UPDATE newsletter.sms_subscriptions SET heard_at = now(), quiet_since = NULL
 WHERE login = $1 AND (heard_at IS NULL OR heard_at < now() - interval '10 s' OR quiet_since IS NOT NULL);

-- name: hint
SELECT pg_notify(channel, '') FROM unnest($1::text[]) AS channel;

-- name: note
-- What RingCentral says of the subscription now. Another one has told us nothing yet.
INSERT INTO newsletter.sms_subscriptions AS s (login, subscription_id, owner_id, address, token_mark, status, expires_at, silent_after)
VALUES ($1, $2, $3, $4, $5, $6, now() + $7::interval, $8)
ON CONFLICT (login) DO UPDATE
   SET subscription_id = excluded.subscription_id, owner_id = excluded.owner_id, address = excluded.address,
       token_mark = excluded.token_mark, status = excluded.status, expires_at = excluded.expires_at,
       silent_after = excluded.silent_after, checked_at = now(),
       heard_at = CASE WHEN s.subscription_id = excluded.subscription_id THEN s.heard_at END,
       quiet_since = CASE WHEN s.subscription_id = excluded.subscription_id THEN s.quiet_since END;

-- name: listen_for_silence
-- A text of the login was accepted since the last check, and nothing was heard since then: it is quiet. What is heard ends that.
UPDATE newsletter.sms_subscriptions u SET quiet_since = now()
 WHERE u.login = $1 AND u.status = 'Active' AND u.quiet_since IS NULL
   AND coalesce(u.heard_at < u.checked_at - interval '10 s', true)
   AND EXISTS (SELECT FROM (SELECT sender, outcome, settled_at FROM newsletter.sms_attempts ORDER BY id DESC LIMIT 200) a
                 JOIN newsletter.sms_senders n ON n.login = u.login AND n.number = a.sender
                WHERE a.outcome = 'accepted' AND a.settled_at > u.checked_at);
