-- Numbers that get no texts, as a person adds and lifts them. Nothing is deleted: what is lifted says when.

-- name: spell
SELECT newsletter.e164($1::text) AS phone, now() AS now, session_user::text AS role;

-- name: stands
-- Every reason of the number $1 that is not lifted, with what it was recorded for last.
SELECT x.phone, x.reason, x.source, x.since, x.until, x.lifted_at, x.until IS NOT NULL AND x.until <= now() AS ended
  FROM newsletter.sms_suppressions x WHERE x.phone = $1 AND x.lifted_at IS NULL ORDER BY x.reason;

-- name: suppress
-- The number $1 for the reason $2 by $3, since $4 until $5, which somebody said ($6) or which is the reason's own: that
-- never shortens what stands. What was lifted after $4 stays lifted. No row: nothing changed.
INSERT INTO newsletter.sms_suppressions AS x (phone, reason, source, since, until) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (phone, reason) DO UPDATE
   SET source = CASE WHEN x.lifted_at IS NULL AND (x.until IS NULL OR x.until > now()) THEN x.source ELSE excluded.source END,
       since = CASE WHEN x.lifted_at IS NULL AND (x.until IS NULL OR x.until > now()) THEN least(x.since, excluded.since) ELSE excluded.since END,
       until = CASE WHEN $6::boolean OR x.lifted_at IS NOT NULL OR x.until <= now() THEN excluded.until
                    WHEN x.until IS NULL OR excluded.until IS NULL THEN NULL ELSE greatest(x.until, excluded.until) END,
       lifted_at = NULL, lifted_by = NULL
 WHERE x.lifted_at IS NULL OR x.lifted_at < excluded.since
RETURNING x.until;

-- name: lift
-- The reasons $2 of the number $1, now.
UPDATE newsletter.sms_suppressions SET lifted_at = now()
 WHERE phone = $1 AND reason = ANY ($2::text[]) AND reason <> 'opted_out' AND lifted_at IS NULL RETURNING reason;

-- name: people
-- How many people have the number $1, how many of them are subscribed, and how many opted out by the application's word.
SELECT count(*)::int AS people, (count(*) FILTER (WHERE sms_subscribed))::int AS subscribed,
       (count(*) FILTER (WHERE sms_unsubscribed_at IS NOT NULL))::int AS opted_out
  FROM newsletter.subscribers WHERE newsletter.e164(phone) = $1 AND NOT is_deleted;

-- name: list
-- What is not lifted, for the reason $1 (NULL: any), the latest first, at most $2.
SELECT x.phone, x.reason, x.source, x.since, x.until, x.lifted_at, x.until IS NOT NULL AND x.until <= now() AS ended
  FROM newsletter.sms_suppressions x WHERE x.lifted_at IS NULL AND ($1::text IS NULL OR x.reason = $1)
 ORDER BY x.since DESC, x.phone, x.reason LIMIT $2;

-- name: count
-- How many numbers each reason holds for now, and for how many its end has passed.
SELECT x.reason, (count(*) FILTER (WHERE x.until IS NULL OR x.until > now()))::int AS holds,
       (count(*) FILTER (WHERE x.until <= now()))::int AS ended
  FROM newsletter.sms_suppressions x WHERE x.lifted_at IS NULL AND ($1::text IS NULL OR x.reason = $1)
 GROUP BY x.reason ORDER BY x.reason;
