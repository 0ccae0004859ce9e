-- Whether the books agree, read in one snapshot. A fault's examples are ids: of rows, attempts, campaigns, days.

-- name: settings
-- All of it is read: no time-out may end it, and what the role set for the claim's sake must not slow it.
SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '256MB'; SET LOCAL jit = off;
SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; SET LOCAL enable_hashagg = on; SET LOCAL enable_nestloop = off;

-- name: sizes
SELECT now() AS at, (SELECT count(*) FROM newsletter.sms_send_queue) AS rows, (SELECT count(*) FROM newsletter.sms_attempts) AS attempts;

-- name: rows
-- Each row of the queue beside its attempt. What we end loses its claim, lease and doubt in the same statement: a
-- terminal row that still has one was ended by the application, as was a failed one without an attempt. A row whose
-- fence is 0 was never in our hands. $1 are the reasons of an end.
SELECT fault, count(*) AS texts, (array_agg(id::text))[1:3] AS examples
  FROM (SELECT q.id, CASE
          WHEN q.fence = 0 AND q.attempt_id IS NULL THEN CASE WHEN q.status IN ('sent', 'failed') THEN 'theirs' END
          WHEN q.attempt_id IS NOT NULL AND (a.id IS NULL OR a.message_id <> q.id) THEN 'strange_attempt'
          WHEN q.status = 'pending' THEN CASE
            WHEN a.id IS NOT NULL AND (a.outcome IS NULL OR a.outcome IN ('accepted', 'ambiguous')) THEN 'pending_again' END
          WHEN q.status = 'sending' THEN CASE
            WHEN a.id IS NULL AND q.claimed_by IS NULL AND q.held_at IS NULL THEN 'unclaimed'
            WHEN a.outcome <> 'ambiguous' THEN 'left_behind'
            WHEN a.id IS NOT NULL AND (a.outcome IS NOT NULL) <> (q.unknown_at IS NOT NULL) THEN 'doubt_differs' END
          WHEN coalesce(q.claimed_by::text, q.lease_until::text, q.unknown_at::text, q.held_at::text) IS NOT NULL THEN 'theirs'
          WHEN q.status = 'sent' THEN CASE
            WHEN a.outcome IS DISTINCT FROM 'accepted' THEN 'sent_unaccepted'
            WHEN a.provider_id IS DISTINCT FROM q.provider_id THEN 'provider_differs' END
          WHEN a.id IS NOT NULL AND (a.outcome IS NULL OR a.outcome IN ('accepted', 'ambiguous')) THEN 'failed_unsettled'
          WHEN q.reason IS NULL OR q.reason <> ALL ($1::text[]) THEN CASE WHEN a.id IS NULL THEN 'theirs' ELSE 'no_reason' END
        END AS fault
          FROM newsletter.sms_send_queue q LEFT JOIN newsletter.sms_attempts a ON a.id = q.attempt_id) AS judged
 WHERE fault IS NOT NULL GROUP BY fault;

-- name: ledger
-- Each attempt by itself.
SELECT fault, count(*) AS texts, (array_agg(id::text))[1:3] AS examples
  FROM (SELECT id, CASE
          WHEN cents_reserved <> segment_price * segments_reserved THEN 'misreserved'
          WHEN (coalesce(outcome, '') = 'accepted') <> (cents_billed IS NOT NULL) THEN 'misbilled'
          WHEN coalesce(outcome, '') <> 'accepted' AND provider_id IS NOT NULL THEN 'misbilled'
          WHEN cents_billed <> segment_price * segments_billed THEN 'misbilled'
          WHEN decision IN ('found', 'presumed', 'sent') AND coalesce(outcome, '') <> 'accepted'
            OR decision IN ('resent', 'dropped', 'failed') AND coalesce(outcome, '') <> 'absent' THEN 'misdecided'
        END AS fault FROM newsletter.sms_attempts) AS judged
 WHERE fault IS NOT NULL GROUP BY fault;

-- name: unsettled
-- Attempts without an answer whose row is there and has nothing to do with them.
SELECT 'disowned' AS fault, count(*) AS texts, (array_agg(a.id::text))[1:3] AS examples
  FROM newsletter.sms_attempts a JOIN newsletter.sms_send_queue q ON q.id = a.message_id
 WHERE (a.outcome IS NULL OR a.outcome = 'ambiguous') AND q.attempt_id IS DISTINCT FROM a.id HAVING count(*) > 0;

-- name: provider_twice
-- Counted only where the unique index that holds it is gone.
SELECT 'provider_twice' AS fault, count(*) AS texts, (array_agg(provider_id))[1:3] AS examples
  FROM (SELECT provider_id FROM newsletter.sms_attempts WHERE provider_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute t ON t.attrelid = i.indrelid AND t.attname = 'provider_id'
                            WHERE i.indrelid = 'newsletter.sms_attempts'::regclass AND i.indisunique AND i.indisvalid
                              AND i.indpred IS NULL AND i.indkey::text = t.attnum::text)
         GROUP BY 1 HAVING count(*) > 1) AS twice
HAVING count(*) > 0;

-- name: events
-- Each attempt beside its delivery events. The application may delete them with the text.
SELECT fault, count(*) AS texts, (array_agg(id::text))[1:3] AS examples
  FROM (SELECT coalesce(a.id, e.attempt_id) AS id, CASE
          WHEN a.id IS NULL THEN 'event_of_none'
          WHEN a.outcome = 'accepted' AND e.attempt_id IS NULL
           AND EXISTS (SELECT FROM newsletter.sms_send_queue q WHERE q.id = a.message_id) THEN 'no_event'
          WHEN a.outcome = 'accepted' AND (e.cost_exact <> a.cents_billed OR e.segments <> a.segments_billed) THEN 'event_differs'
        END AS fault
          FROM newsletter.sms_attempts a
          FULL JOIN (SELECT attempt_id, segments, cost_exact FROM newsletter.sms_delivery_events WHERE attempt_id IS NOT NULL) e ON e.attempt_id = a.id) AS judged
 WHERE fault IS NOT NULL GROUP BY fault;

-- name: event_twice
-- Counted only where the unique index that holds it is gone.
SELECT 'event_twice' AS fault, count(*) AS texts, (array_agg(attempt_id::text))[1:3] AS examples
  FROM (SELECT attempt_id FROM newsletter.sms_delivery_events WHERE attempt_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM pg_index i JOIN pg_attribute t ON t.attrelid = i.indrelid AND t.attname = 'attempt_id'
                            WHERE i.indrelid = 'newsletter.sms_delivery_events'::regclass AND i.indisunique AND i.indisvalid
                              AND i.indpred IS NULL AND i.indkey::text = t.attnum::text)
         GROUP BY 1 HAVING count(*) > 1) AS twice
HAVING count(*) > 0;

-- name: accepted_twice
-- The attempts of texts that RingCentral took more than once, as far as the ledger knows.
SELECT a.message_id AS message, a.id AS attempt, a.opened_at, a.decision,
       (SELECT min(e.failed_at) FROM newsletter.sms_delivery_events e
         WHERE e.attempt_id = a.id AND e.status IN ('FAILED', 'UNDELIVERED')) AS failed_at
  -- Of two that were accepted at most one is the row's own, so only messages with another are looked at.
  FROM (SELECT t.message_id FROM newsletter.sms_attempts t
          JOIN (SELECT DISTINCT o.message_id FROM newsletter.sms_attempts o
                 WHERE (o.outcome = 'accepted' OR o.late_outcome = 'accepted')
                   AND NOT EXISTS (SELECT FROM newsletter.sms_send_queue q WHERE q.attempt_id = o.id)) AS x USING (message_id)
         WHERE t.outcome = 'accepted' OR t.late_outcome = 'accepted' GROUP BY 1 HAVING count(*) > 1) AS m
  JOIN newsletter.sms_attempts a ON a.message_id = m.message_id AND (a.outcome = 'accepted' OR a.late_outcome = 'accepted')
 ORDER BY a.message_id, a.id;

-- name: settled
-- What the ledger says was spent and is reserved, by campaign and by the account's day. First by both: that is shared
-- among workers, grouping sets are not.
SELECT coalesce(campaign_id::text, account_day::text) AS purse, grouping(account_day) = 0 AS is_day,
       coalesce(sum(billed), 0) AS spent, coalesce(sum(open), 0) AS reserved
  FROM (SELECT campaign_id, account_day, sum(cents_billed) FILTER (WHERE outcome = 'accepted') AS billed,
               sum(cents_reserved) FILTER (WHERE outcome IS NULL OR outcome = 'ambiguous') AS open
          FROM newsletter.sms_attempts GROUP BY 1, 2) AS summed
 GROUP BY GROUPING SETS ((campaign_id), (account_day))
HAVING grouping(account_day) = 0 OR campaign_id IS NOT NULL;

-- name: books
SELECT campaign_id::text AS purse, false AS is_day, spent_exact - booked_exact AS spent, reserved_exact AS reserved, spent_cents = ceil(spent_exact) AS rounds
  FROM newsletter.campaign_budgets
UNION ALL
SELECT day::text, true, spent_exact, reserved_exact, true FROM newsletter.account_days;

-- name: entries
-- The ledger's side of RingCentral's record of login $1, from $2 on; what was accepted by $3 stands in the record, as does
-- what was opened since $4.
SELECT a.id AS attempt, a.sender, a.phone, a.text_hash, a.opened_at, a.send_by, a.provider_id,
       a.outcome IS NOT NULL AND a.outcome NOT IN ('accepted', 'ambiguous') AS missing,
       coalesce(a.outcome = 'accepted' AND a.provider_id IS NOT NULL AND a.opened_at >= $4 AND a.settled_at <= $3, false) AS expected
  FROM newsletter.sms_attempts a
 WHERE a.opened_at >= $2 AND EXISTS (SELECT FROM newsletter.sms_senders n WHERE n.login = $1 AND n.number = a.sender);

-- name: known
-- The ids of $1 that the ledger has, be it as news.
SELECT provider_id FROM newsletter.sms_attempts WHERE provider_id = ANY ($1::text[])
UNION SELECT late_provider_id FROM newsletter.sms_attempts WHERE late_provider_id = ANY ($1::text[]);
