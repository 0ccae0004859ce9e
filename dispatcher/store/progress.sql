-- What a campaign is about, from outside: how far it is, and what its books say.

-- name: figures
-- Where the texts of campaign $1 stand, its budget, and what login $2 waits for.
SELECT m.*, coalesce(b.budget_cents, 0) AS budget_cents, coalesce(b.spent_exact, 0) AS spent,
       coalesce(b.reserved_exact, 0) AS reserved, b.exceeded_at IS NOT NULL AS exceeded,
       k.blocked_seconds, k.needs_probe, k.tokens_idle, a.throttled, a.found
  FROM (SELECT count(*) FILTER (WHERE word = 'pending')::int AS pending,
               count(*) FILTER (WHERE word = 'sending')::int AS sending,
               count(*) FILTER (WHERE word = 'sent')::int AS sent,
               count(*) FILTER (WHERE word = 'unknown')::int AS unknown,
               count(*) FILTER (WHERE word = 'unknown' AND held_at IS NOT NULL)::int AS held,
               count(*) FILTER (WHERE word = 'failed')::int AS failed,
               count(*) FILTER (WHERE word = 'cancelled')::int AS cancelled
          FROM newsletter.sms_messages WHERE campaign_id = $1) m
  LEFT JOIN newsletter.campaign_budgets b ON b.campaign_id = $1
 CROSS JOIN (SELECT greatest(coalesce(max(extract(epoch FROM blocked_until - now())), 0), 0)::float8 AS blocked_seconds,
                    coalesce(bool_or(needs_probe), false) AS needs_probe,
                    coalesce(bool_and(tokens + per_second * extract(epoch FROM now() - filled_at) >= capacity), false) AS tokens_idle
               FROM newsletter.sms_buckets WHERE login = $2) k
 CROSS JOIN (SELECT count(*) FILTER (WHERE outcome = 'throttled')::int AS throttled,
                    count(*) FILTER (WHERE decision = 'found')::int AS found
               FROM newsletter.sms_attempts WHERE campaign_id = $1) a;

-- name: rows
SELECT coalesce(newsletter.e164(phone_number), phone_number) AS phone, word
  FROM newsletter.sms_messages WHERE campaign_id = $1 ORDER BY id;

-- name: failures
SELECT coalesce(error_code, reason, '') AS code, coalesce(max(last_error), '') AS sentence, count(*)::int AS texts
  FROM newsletter.sms_messages WHERE campaign_id = $1 AND word IN ('failed', 'cancelled') GROUP BY 1 ORDER BY 3 DESC, 1;
