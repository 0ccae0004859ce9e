-- name: make
INSERT INTO newsletter.sms_logins (login) VALUES ($1) ON CONFLICT DO NOTHING;

-- name: take_turn
-- Let this process log in for $3, if somebody has to (generation $2 is known to be no good) and nobody else does;
-- not during a rest, but for who has other credentials than those ($4) that were refused, nor a sixth time in a
-- minute. A login counts from its latest end, until keep or rest write the real one.
UPDATE newsletter.sms_logins
   SET renewing_until = now() + $3::interval,
       asked_at = ARRAY(SELECT a FROM unnest(asked_at) AS a WHERE a > now() - interval '1 minute') || (now() + $3::interval)
 WHERE login = $1
   AND (token IS NULL OR generation <= $2 OR coalesce(renew_at <= now(), true))
   AND coalesce(renewing_until <= now(), true)
   AND (coalesce(refused_until <= now(), true) OR refused_for <> $4)
   AND (SELECT count(*) FROM unnest(asked_at) AS a WHERE a > now() - interval '1 minute') < 5
RETURNING renewing_until;

-- name: look
-- The rest is what is left of a failure's pause ($2 as above) or until the fifth login is a minute old.
SELECT generation, token AS sealed,
       coalesce(extract(epoch FROM renew_at - now()), 0)::float8 AS renew_in,
       coalesce(extract(epoch FROM expires_at - now()), 0)::float8 AS expires_in,
       coalesce(renewing_until > now(), false) AS renewing,
       greatest(0, extract(epoch FROM CASE WHEN coalesce(refused_for = $2, true) THEN refused_until - now() END),
         (SELECT extract(epoch FROM a + interval '1 minute' - now()) FROM unnest(asked_at) AS a
           ORDER BY a DESC OFFSET 4 LIMIT 1))::float8 AS rest,
       CASE WHEN refused_until > now() AND refused_for = $2 THEN refused_code END AS code
  FROM newsletter.sms_logins WHERE login = $1;

-- name: keep
-- Nothing, if another's turn has come since.
UPDATE newsletter.sms_logins
   SET token = $3, generation = generation + 1, issued_at = now() - $4::interval,
       renew_at = now() - $4::interval + $5::interval, expires_at = now() - $4::interval + $6::interval,
       renewing_until = NULL, asked_at = array_remove(asked_at, $2) || now(),
       refused_until = NULL, refused_code = NULL, refused_for = NULL
 WHERE login = $1 AND renewing_until = $2::timestamptz RETURNING generation;

-- name: rest
UPDATE newsletter.sms_logins
   SET renewing_until = NULL, asked_at = array_remove(asked_at, $2) || now(),
       refused_until = now() + $3::interval, refused_code = $4, refused_for = $5
 WHERE login = $1 AND renewing_until = $2::timestamptz;
