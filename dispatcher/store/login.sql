-- name: make_bucket
INSERT INTO newsletter.sms_buckets (login, limit_group, capacity, per_second, tokens) VALUES ($1, $2, $3, $4, 1)
ON CONFLICT (login, limit_group) DO UPDATE SET capacity = $3, per_second = $4
 WHERE sms_buckets.capacity <> $3 OR sms_buckets.per_second <> $4;

-- name: take_token
-- A token of the group, else how long to wait for one: for a command, which a person may ask again.
WITH b AS MATERIALIZED (
  SELECT *, least(capacity, tokens + per_second * extract(epoch FROM greatest(now() - filled_at, interval '0'))) AS level
    FROM newsletter.sms_buckets WHERE login = $1 AND limit_group = $2 FOR NO KEY UPDATE),
taken AS (
  UPDATE newsletter.sms_buckets t SET tokens = b.level - 1, filled_at = greatest(t.filled_at, now())
    FROM b WHERE t.login = b.login AND t.limit_group = b.limit_group AND b.level >= 1
     AND NOT b.needs_probe AND (b.blocked_until IS NULL OR b.blocked_until <= now())
  RETURNING 1)
SELECT CASE WHEN EXISTS (SELECT FROM taken) THEN 0
            ELSE greatest((1 - b.level) / b.per_second, extract(epoch FROM coalesce(b.blocked_until, now()) - now()), 1) END::float8
  FROM b;

-- name: stand_in_line
-- The level falls below nothing: the next who looks finds no token until this one has come.
WITH b AS MATERIALIZED (
  SELECT *, least(capacity, tokens + per_second * extract(epoch FROM greatest(now() - filled_at, interval '0'))) AS level
    FROM newsletter.sms_buckets WHERE login = $1 AND limit_group = $2 FOR NO KEY UPDATE)
UPDATE newsletter.sms_buckets t SET tokens = b.level - 1, filled_at = greatest(t.filled_at, now())
  FROM b WHERE t.login = b.login AND t.limit_group = b.limit_group AND NOT b.needs_probe
   AND (b.blocked_until IS NULL OR b.blocked_until <= now()) AND 1 - b.level <= b.per_second * extract(epoch FROM $3::interval)
RETURNING (greatest(1 - b.level, 0) / b.per_second)::float8;

-- name: is_stopped
SELECT EXISTS (SELECT FROM newsletter.sms_buckets
                WHERE login = $1 AND limit_group = $2 AND (needs_probe OR blocked_until > now()));

-- name: learn_rate
-- What RingCentral's headers say of the limit bounds what we allow ourselves ($3), never widens it.
UPDATE newsletter.sms_buckets SET per_second = $3 WHERE login = $1 AND limit_group = $2 AND per_second > $3 RETURNING login;

-- name: throttle
-- A further 429 only lengthens the wait. One that names no group ($2 NULL) stops every bucket of the login.
UPDATE newsletter.sms_buckets
   SET blocked_until = greatest(coalesce(blocked_until, '-infinity'), now() + $3::interval), tokens = 0, filled_at = now()
 WHERE login = $1 AND ($2::text IS NULL OR limit_group = $2);

-- name: stop
-- RingCentral is out of reach: nobody sends before a look has said that it is back.
UPDATE newsletter.sms_buckets
   SET blocked_until = greatest(coalesce(blocked_until, '-infinity'), now() + $2::interval), needs_probe = true, tokens = 0, filled_at = now()
 WHERE login = $1 RETURNING blocked_until;

-- name: take_probe
-- One process looks, the others wait for what it finds. Returns until when they do.
UPDATE newsletter.sms_buckets SET blocked_until = now() + $2::interval
 WHERE login = $1 AND needs_probe AND (blocked_until IS NULL OR blocked_until <= now()) RETURNING blocked_until;

-- name: resume
-- A stop or a penalty that came during the look, and lasts beyond its own wait ($2), stays.
UPDATE newsletter.sms_buckets SET needs_probe = false, blocked_until = NULL
 WHERE login = $1 AND needs_probe AND coalesce(blocked_until <= $2, true) RETURNING login;

-- name: know_senders
INSERT INTO newsletter.sms_senders (login, number, enabled, minute_tokens, day)
SELECT $1, t.number, t.enabled, 1, $4 FROM unnest($2::text[], $3::boolean[]) AS t(number, enabled)
ON CONFLICT (login, number) DO UPDATE SET enabled = excluded.enabled WHERE sms_senders.enabled <> excluded.enabled;

-- name: forget_senders
UPDATE newsletter.sms_senders SET enabled = false WHERE login = $1 AND enabled AND number <> ALL ($2::text[]);

-- name: stop_sender
-- A longer rest stays: a carrier's limit may hold until its day is over.
UPDATE newsletter.sms_senders SET stopped_until = now() + $3::interval, stopped_code = $4
 WHERE login = $1 AND number = $2 AND (stopped_until IS NULL OR stopped_until < now() + $3::interval);
