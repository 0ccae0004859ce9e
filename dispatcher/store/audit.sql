-- The catalogue first, then one query for each check of core/finding.py: object, n, examples.
-- Before the first migration the tables may lie in `lead` and newsletter.e164() is missing: the caller
-- puts the right schema and the function's body in. So nothing here may name a column of ours.

-- name: columns
SELECT n.nspname || '.' || c.relname AS table_name, array_remove(array_agg(a.attname::text), NULL) AS columns
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p') AND n.nspname || '.' || c.relname = ANY ($1::text[])
 GROUP BY 1;

-- name: foreign_keys
SELECT k.conname::text AS name,
       tn.nspname || '.' || t.relname AS table_name,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u(attnum, n)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum ORDER BY u.n) AS columns,
       fn.nspname || '.' || f.relname AS target,
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u(attnum, n)
               JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum ORDER BY u.n) AS target_columns,
       k.convalidated AS validated
  FROM pg_constraint k
  JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
  JOIN pg_class f ON f.oid = k.confrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0
 ORDER BY table_name, name;

-- name: labels
SELECT n.nspname || '.' || c.relname || '.' || a.attname AS column_name,
       array_agg(e.enumlabel::text ORDER BY e.enumsortorder) AS labels
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
  JOIN pg_enum e ON e.enumtypid = a.atttypid
 WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p') AND c.relname || '.' || a.attname = ANY ($2::text[])
 GROUP BY 1;

-- name: foreign_key_unvalidated
SELECT k.conrelid::regclass::text AS object, 1::bigint AS n, ARRAY[quote_ident(k.conname)] AS examples
  FROM pg_constraint k WHERE k.contype = 'f' AND NOT k.convalidated ORDER BY 1, 3;

-- name: foreign_key_to_set_aside
SELECT k.conrelid::regclass::text AS object, 1::bigint AS n, ARRAY[quote_ident(k.conname)] AS examples
  FROM pg_constraint k
  JOIN pg_class t ON t.oid = k.conrelid
  JOIN pg_class f ON f.oid = k.confrelid
 WHERE k.contype = 'f' AND f.relnamespace = to_regnamespace('newsletter_set_aside')
   AND t.relnamespace <> f.relnamespace
 ORDER BY 1, 3;

-- name: businesses_doubled
SELECT 'businesses' AS object, count(*) AS n, array_agg(c.oid::regclass::text ORDER BY 1) AS examples
  FROM pg_class c WHERE c.relname = 'businesses' AND c.relkind IN ('r', 'p')
HAVING count(*) > 1;

-- name: campaign_without_budget
WITH found AS MATERIALIZED (
  SELECT c.id FROM newsletter.campaigns c
   WHERE upper(c.channel::text) = 'SMS' AND upper(c.status::text) IN ('SCHEDULED', 'SENDING', 'PAUSED')
     AND NOT c.is_deleted
     AND NOT EXISTS (SELECT FROM newsletter.campaign_budgets b WHERE b.campaign_id = c.id))
SELECT 'newsletter.campaigns' AS object, count(*) AS n,
       ARRAY(SELECT id::text FROM found ORDER BY id LIMIT 3) AS examples FROM found;

-- name: campaign_unlimited
WITH found AS MATERIALIZED (
  SELECT c.id FROM newsletter.campaigns c JOIN newsletter.campaign_budgets b ON b.campaign_id = c.id
   WHERE upper(c.channel::text) = 'SMS' AND upper(c.status::text) IN ('SCHEDULED', 'SENDING', 'PAUSED')
     AND NOT c.is_deleted AND b.budget_cents = 0)
SELECT 'newsletter.campaign_budgets' AS object, count(*) AS n,
       ARRAY(SELECT id::text FROM found ORDER BY id LIMIT 3) AS examples FROM found;

-- name: campaign_not_sms
WITH found AS MATERIALIZED (
  SELECT c.id FROM newsletter.campaigns c
   WHERE upper(c.channel::text) <> 'SMS' AND upper(c.status::text) IN ('SCHEDULED', 'SENDING') AND NOT c.is_deleted)
SELECT 'newsletter.campaigns' AS object, count(*) AS n,
       ARRAY(SELECT id::text FROM found ORDER BY id LIMIT 3) AS examples FROM found;

-- name: consent_contradiction
WITH found AS MATERIALIZED (
  SELECT s.id FROM newsletter.subscribers s WHERE s.sms_subscribed AND s.sms_unsubscribed_at IS NOT NULL)
SELECT 'newsletter.subscribers' AS object, count(*) AS n,
       ARRAY(SELECT id::text FROM found ORDER BY id LIMIT 3) AS examples FROM found;

-- name: can_spell
SELECT to_regprocedure('newsletter.e164(text)') IS NOT NULL;

-- name: settings
-- Two groupings of a million rows: in memory, and without compiling a query that runs once.
SET LOCAL statement_timeout = 0;
SET LOCAL work_mem = '64MB';
SET LOCAL jit = off;

-- name: consent_disagreement
-- First by a hash of the last ten digits, which is much cheaper than spelling a million numbers; then, of the
-- few that are left, by the number itself.
WITH groups AS MATERIALIZED (
  SELECT hashtextextended(right(translate(s.phone, translate(s.phone, '0123456789', ''), ''), 10), 0) AS digits
    FROM newsletter.subscribers s WHERE s.phone IS NOT NULL AND NOT s.is_deleted
   GROUP BY 1
  HAVING bool_or(s.sms_subscribed AND s.sms_unsubscribed_at IS NULL)
     AND NOT bool_and(s.sms_subscribed AND s.sms_unsubscribed_at IS NULL)),
members AS MATERIALIZED (
  SELECT s.id, newsletter.e164(s.phone) AS phone, s.sms_subscribed AND s.sms_unsubscribed_at IS NULL AS consents
    FROM newsletter.subscribers s
   WHERE s.phone IS NOT NULL AND NOT s.is_deleted
     AND hashtextextended(right(translate(s.phone, translate(s.phone, '0123456789', ''), ''), 10), 0) IN (SELECT digits FROM groups)),
found AS MATERIALIZED (
  SELECT min(m.id::text) AS id FROM members m WHERE m.phone IS NOT NULL
   GROUP BY m.phone HAVING bool_or(m.consents) AND NOT bool_and(m.consents))
SELECT 'newsletter.subscribers' AS object, count(*) AS n,
       ARRAY(SELECT id FROM found ORDER BY id LIMIT 3) AS examples FROM found;

-- name: text_without_number
WITH found AS MATERIALIZED (
  SELECT q.id FROM newsletter.sms_send_queue q
   WHERE q.status IN ('pending', 'sending') AND newsletter.e164(q.phone_number) IS NULL)
SELECT 'newsletter.sms_send_queue' AS object, count(*) AS n,
       ARRAY(SELECT id::text FROM found ORDER BY id LIMIT 3) AS examples FROM found;

-- name: person_without_number
WITH found AS MATERIALIZED (
  SELECT s.id FROM newsletter.subscribers s
   WHERE btrim(s.phone) <> '' AND NOT s.is_deleted AND newsletter.e164(s.phone) IS NULL)
SELECT 'newsletter.subscribers' AS object, count(*) AS n,
       ARRAY(SELECT id::text FROM found ORDER BY id LIMIT 3) AS examples FROM found;

-- name: text_pending_twice
-- As above: first by one hash of campaign, text and last ten digits, then exactly.
WITH groups AS MATERIALIZED (
  SELECT hashtextextended(right(translate(q.phone_number, translate(q.phone_number, '0123456789', ''), ''), 10),
           hashtextextended(q.message_content, coalesce(uuid_hash_extended(q.campaign_id, 0), 0))) AS hash
    FROM newsletter.sms_send_queue q WHERE q.status = 'pending' GROUP BY 1 HAVING count(*) > 1),
members AS MATERIALIZED (
  SELECT q.id, q.campaign_id, q.message_content, newsletter.e164(q.phone_number) AS phone
    FROM newsletter.sms_send_queue q
   WHERE q.status = 'pending'
     AND hashtextextended(right(translate(q.phone_number, translate(q.phone_number, '0123456789', ''), ''), 10),
           hashtextextended(q.message_content, coalesce(uuid_hash_extended(q.campaign_id, 0), 0))) IN (SELECT hash FROM groups)),
found AS MATERIALIZED (
  SELECT min(m.id::text) AS id FROM members m WHERE m.phone IS NOT NULL
   GROUP BY m.campaign_id, m.phone, m.message_content HAVING count(*) > 1)
SELECT 'newsletter.sms_send_queue' AS object, count(*) AS n,
       ARRAY(SELECT id FROM found ORDER BY id LIMIT 3) AS examples FROM found;

-- name: delivery_event_without_campaign
WITH found AS MATERIALIZED (
  SELECT d.id FROM newsletter.sms_delivery_events d WHERE d.campaign_id IS NULL)
SELECT 'newsletter.sms_delivery_events' AS object, count(*) AS n,
       ARRAY(SELECT id::text FROM found ORDER BY id LIMIT 3) AS examples FROM found;

-- name: text_stuck_in_sending
-- Read through jsonb, because before the migration there is no lease: then every such row is nobody's.
WITH found AS MATERIALIZED (
  SELECT q.id FROM newsletter.sms_send_queue q
   WHERE q.status = 'sending'
     AND to_jsonb(q) ->> 'unknown_at' IS NULL
     AND coalesce((to_jsonb(q) ->> 'lease_until')::timestamptz, '-infinity') < now() - interval '10 minutes')
SELECT 'newsletter.sms_send_queue' AS object, count(*) AS n,
       ARRAY(SELECT id::text FROM found ORDER BY id LIMIT 3) AS examples FROM found;

-- name: statements
-- Checks of tables whose names only the catalogue knows: the code of the check and its query.
SELECT 'alembic_heads' AS code, format(
         'SELECT %L AS object, count(*) AS n, array_agg(version_num::text ORDER BY 1) AS examples FROM %s HAVING count(*) > 1',
         c.oid::regclass, c.oid::regclass) AS query
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'version_num'
 WHERE c.relname = 'alembic_version' AND c.relkind = 'r' AND has_table_privilege(c.oid, 'SELECT')
UNION ALL
SELECT 'consent_of_bookings', format(
         'WITH found AS MATERIALIZED (SELECT t.ctid AS row FROM %1$s t WHERE coalesce(t.sms_consent::text = ''true'', false) '
         '<> (t.sms_consent_timestamp IS NOT NULL)) SELECT %2$L AS object, count(*) AS n, '
         'ARRAY(SELECT coalesce(to_jsonb(t) ->> ''id'', t.ctid::text) FROM found JOIN %1$s t ON t.ctid = found.row '
         'ORDER BY 1 LIMIT 3) AS examples FROM found',
         c.oid::regclass, c.oid::regclass)
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'sms_consent' AND NOT a.attisdropped
  JOIN pg_attribute b ON b.attrelid = c.oid AND b.attname = 'sms_consent_timestamp' AND NOT b.attisdropped
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\_%' AND has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE')
 ORDER BY 1, 2;

-- name: table_unreadable
SELECT c.oid::regclass::text AS object, 1::bigint AS n, '{}'::text[] AS examples
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname IN ('sms_consent_timestamp', 'version_num') AND NOT a.attisdropped
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\_%'
   AND NOT (has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'))
 ORDER BY 1;
