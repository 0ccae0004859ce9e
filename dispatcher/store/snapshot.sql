-- name: snapshot
-- One look for all gauges: a figure per row, named by its family and up to two words. Money is the day's $1.
SELECT 'depth' AS family, q.state AS first, coalesce(q.own, c.category, 'promotion') AS second,
       sum(q.messages)::float8 AS figure, max(q.age)::float8 AS age
  FROM (SELECT CASE WHEN status = 'pending' THEN 'pending' WHEN unknown_at IS NULL THEN 'sending' ELSE 'unknown' END AS state,
               category AS own, campaign_id, count(*) AS messages,
               extract(epoch FROM greatest(now() - min(coalesce(unknown_at, greatest(scheduled_at, not_before))), interval '0')) AS age
          FROM newsletter.sms_send_queue WHERE status IN ('pending', 'sending') GROUP BY 1, 2, 3) q
  LEFT JOIN newsletter.campaigns c ON c.id = q.campaign_id
 GROUP BY 1, 2, 3
UNION ALL
SELECT 'due', '', '', count(*), 0 FROM newsletter.sms_send_queue
 WHERE status = 'pending' AND greatest(scheduled_at, not_before) <= now()
UNION ALL
SELECT 'in_flight', '', '', count(*), 0 FROM newsletter.sms_attempts WHERE outcome IS NULL
UNION ALL
SELECT 'capacity', limit_group, '', sum(capacity), 0 FROM newsletter.sms_buckets GROUP BY limit_group
UNION ALL
SELECT 'used', limit_group, '',
       sum(capacity - least(capacity, tokens + per_second * extract(epoch FROM greatest(now() - filled_at, interval '0')))), 0
  FROM newsletter.sms_buckets GROUP BY limit_group
UNION ALL
SELECT 'budget', t.word, '', t.cents, 0 FROM newsletter.account_days d
 CROSS JOIN LATERAL (VALUES ('limit', d.budget_cents), ('spent', d.spent_exact), ('reserved', d.reserved_exact)) AS t(word, cents)
 WHERE d.day = $1
UNION ALL
SELECT 'unclear', '', '', count(*), 0 FROM newsletter.sms_inbound_messages WHERE verdict = 'unclear' AND handled_at IS NULL
UNION ALL
SELECT t.word, '', '', t.figure, 0 FROM (SELECT coalesce(sum(adopted), 0) AS adopted, coalesce(sum(only_ours), 0) AS only_ours
                                          FROM newsletter.sms_consent_reads) c
 CROSS JOIN LATERAL (VALUES ('adopted', c.adopted), ('only_ours', c.only_ours)) AS t(word, figure)
UNION ALL
SELECT 'untold', '', '', count(*), 0 FROM newsletter.sms_consents_told WHERE changes > told_changes
UNION ALL
SELECT 'unmatched', '', '', count(*), 0 FROM newsletter.sms_receipts WHERE applied_at IS NULL AND early_at IS NOT NULL
 UNION ALL
SELECT 'subscriptions', '', '', count(*), 0 FROM newsletter.sms_subscriptions WHERE status = 'Active' AND expires_at > now()
 UNION ALL
SELECT 'rollup_stale', '', '', count(*), 0 FROM newsletter.rollup_stale
UNION ALL
SELECT 'alert', kind, '', count(*), 0 FROM newsletter.alerts WHERE until IS NULL GROUP BY kind;
