-- One home. What the host's database already holds of the seven tables comes to stand in `newsletter`:
-- tables in `lead` are moved with their rows, indexes and foreign keys; older empty tables of the same
-- names are set aside with their indexes; where rows are in the way nothing is touched and the run is
-- refused. Every table is locked before it is judged, so nobody can write into one that was found empty.

DO $$ BEGIN
  -- Not CREATE SCHEMA IF NOT EXISTS: that asks for the right to create even where nothing is created.
  IF to_regnamespace('newsletter') IS NULL THEN
    CREATE SCHEMA newsletter;
  END IF;
END $$;

-- Each file is recorded here, in the transaction that applied it.
CREATE TABLE newsletter.dispatcher_migrations (
    number integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    applied_by text NOT NULL DEFAULT session_user
);

-- The columns by which a table is known to be the host's and not an older one of the same name.
CREATE TEMPORARY TABLE homes (name text PRIMARY KEY, needs text[] NOT NULL) ON COMMIT DROP;
INSERT INTO homes VALUES
  ('campaigns', '{id,name,channel,status,content,scheduled_at,sent_at,completed_at,updated_at,is_deleted}'),
  ('subscribers', '{id,phone,sms_subscribed,sms_unsubscribed_at,timezone,last_sms_sent_at,sms_response_count,updated_at,is_deleted}'),
  ('campaign_events', '{id,campaign_id,subscriber_id,event_type,occurred_at,extra_data}'),
  ('sms_delivery_events', '{id,campaign_id,subscriber_id,phone_number,message_sid,status,sent_at,delivered_at,failed_at,error_code,error_message,cost}'),
  ('sms_templates', '{id,name,content,category}'),
  ('campaign_budgets', '{campaign_id,budget_cents,spent_cents}'),
  ('sms_send_queue', '{id,campaign_id,subscriber_id,phone_number,message_content,status,scheduled_at}');

CREATE FUNCTION pg_temp.table_in(schema_name text, table_name text) RETURNS regclass
LANGUAGE sql STABLE AS $$
  SELECT c.oid::regclass FROM pg_class c
   WHERE c.relnamespace = to_regnamespace(quote_ident(schema_name))
     AND c.relname = table_name AND c.relkind IN ('r', 'p')
$$;

CREATE FUNCTION pg_temp.lacks(place regclass, needs text[]) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT string_agg(n, ', ') FROM unnest(needs) AS n
   WHERE NOT EXISTS (SELECT FROM pg_attribute a
                      WHERE a.attrelid = place AND a.attname = n AND NOT a.attisdropped)
$$;

CREATE FUNCTION pg_temp.rows_in(place regclass) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE n bigint := 0;
BEGIN
  IF place IS NOT NULL THEN
    EXECUTE format('SELECT count(*) FROM %s', place) INTO n;
  END IF;
  RETURN n;
END $$;

CREATE FUNCTION pg_temp.shown(place regclass) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = place
$$;

-- What stands where, and what is to become of it: filled once, under locks, then judged, then done.
CREATE TEMPORARY TABLE finds (name text PRIMARY KEY, old regclass, here regclass, here_in_way boolean)
  ON COMMIT DROP;

DO $$
DECLARE t record; old regclass; here regclass;
BEGIN
  FOR t IN SELECT * FROM homes ORDER BY name LOOP
    old := pg_temp.table_in('lead', t.name);
    here := pg_temp.table_in('newsletter', t.name);
    IF old IS NOT NULL THEN EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', old); END IF;
    IF here IS NOT NULL THEN EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', here); END IF;
    INSERT INTO finds VALUES
      (t.name, old, here, here IS NOT NULL AND (old IS NOT NULL OR pg_temp.lacks(here, t.needs) IS NOT NULL));
  END LOOP;
END $$;

-- The refusals. All reasons of one kind are named at once.
DO $$
DECLARE named text;
BEGIN
  SELECT string_agg(pg_temp.shown(place), ', ' ORDER BY name) INTO named
    FROM finds CROSS JOIN LATERAL (VALUES (old), (here)) AS v(place) JOIN pg_class c ON c.oid = v.place
   WHERE c.relkind = 'p' AND NOT (here_in_way AND place = here);
  IF named IS NOT NULL THEN
    RAISE EXCEPTION 'partitioned tables cannot be adopted: %', named
      USING HINT = 'Replace each by a plain table with the same rows, then run migrate again.';
  END IF;

  SELECT string_agg(format('%s.%s', pg_temp.shown(place), a.attname), ', ' ORDER BY name, a.attname) INTO named
    FROM finds CROSS JOIN LATERAL (VALUES (coalesce(old, here))) AS v(place)
    JOIN (VALUES
      ('campaigns', 'category'), ('campaigns', 'drained_at'), ('campaign_events', 'attempt_id'),
      ('sms_delivery_events', 'attempt_id'), ('sms_delivery_events', 'segments'), ('sms_delivery_events', 'cost_exact'),
      ('campaign_budgets', 'spent_exact'), ('campaign_budgets', 'reserved_exact'), ('campaign_budgets', 'overspent_exact'),
      ('sms_send_queue', 'category'), ('sms_send_queue', 'not_before'), ('sms_send_queue', 'expires_at'),
      ('sms_send_queue', 'reason'), ('sms_send_queue', 'error_code'), ('sms_send_queue', 'fence'),
      ('sms_send_queue', 'claimed_by'), ('sms_send_queue', 'lease_until'), ('sms_send_queue', 'attempt_id'),
      ('sms_send_queue', 'unknown_at'), ('sms_send_queue', 'held_at'), ('sms_send_queue', 'sender'),
      ('sms_send_queue', 'provider_id'), ('sms_send_queue', 'segments')
    ) AS ours(table_name, column_name) ON ours.table_name = finds.name
    JOIN pg_attribute a ON a.attrelid = v.place AND a.attname = ours.column_name AND NOT a.attisdropped
   WHERE NOT (here_in_way AND v.place = here);
  IF named IS NOT NULL THEN
    RAISE EXCEPTION 'columns of the application have names that the dispatcher''s own need: %', named
      USING HINT = 'Rename them, then run migrate again.';
  END IF;

  SELECT string_agg(format('newsletter.%s', c.relname), ', ' ORDER BY c.relname) INTO named
    FROM homes JOIN pg_class c ON c.relname = homes.name AND c.relkind NOT IN ('r', 'p')
   WHERE c.relnamespace = 'newsletter'::regnamespace;
  IF named IS NOT NULL THEN
    RAISE EXCEPTION 'not a table but in the place of one: %', named
      USING HINT = 'Rename or drop it, then run migrate again.';
  END IF;

  SELECT string_agg(format('%s has no %s', old, pg_temp.lacks(old, needs)), '; ' ORDER BY name) INTO named
    FROM finds JOIN homes USING (name) WHERE old IS NOT NULL AND pg_temp.lacks(old, needs) IS NOT NULL;
  IF named IS NOT NULL THEN
    RAISE EXCEPTION 'columns that the dispatcher needs are missing: %', named
      USING HINT = 'Bring the host application''s own migrations up to date, then run migrate again.';
  END IF;

  SELECT string_agg(CASE WHEN old IS NULL THEN format('%s (%s rows, an older shape)', here, pg_temp.rows_in(here))
                         ELSE format('%s (%s rows) beside %s (%s rows)', here, pg_temp.rows_in(here), old, pg_temp.rows_in(old))
                    END, '; ' ORDER BY name) INTO named
    FROM finds WHERE here_in_way AND pg_temp.rows_in(here) > 0;
  IF named IS NOT NULL THEN
    RAISE EXCEPTION 'tables with rows are in the way: %', named
      USING HINT = 'Decide which of them the host application uses, move the other to a schema of its own '
                   '(CREATE SCHEMA newsletter_old; ALTER TABLE … SET SCHEMA newsletter_old), then run migrate again.';
  END IF;

  SELECT string_agg(format('newsletter_set_aside.%s', name), ', ' ORDER BY name) INTO named
    FROM finds WHERE here_in_way AND to_regclass(format('newsletter_set_aside.%I', name)) IS NOT NULL;
  IF named IS NOT NULL THEN
    RAISE EXCEPTION 'the place where older tables are set aside is taken: %', named
      USING HINT = 'Rename or drop it, then run migrate again.';
  END IF;
END $$;

-- Set aside what is old and empty. Its indexes and constraints go with it.
DO $$
DECLARE t record;
BEGIN
  FOR t IN SELECT * FROM finds WHERE here_in_way ORDER BY name LOOP
    IF to_regnamespace('newsletter_set_aside') IS NULL THEN
      CREATE SCHEMA newsletter_set_aside;
    END IF;
    EXECUTE format('ALTER TABLE %s SET SCHEMA newsletter_set_aside', t.here);
    RAISE NOTICE 'set aside newsletter.%, which was empty, as newsletter_set_aside.%', t.name, t.name;
  END LOOP;
END $$;

-- A table that was only renamed left its index names behind, and two relations of a schema cannot share
-- a name: the index in the way gets another name, the table that moves keeps its own.
DO $$
DECLARE i record;
BEGIN
  FOR i IN
    SELECT other.oid::regclass AS relation, other.relname AS name
      FROM finds JOIN pg_index x ON x.indrelid = finds.old
      JOIN pg_class own ON own.oid = x.indexrelid
      JOIN pg_class other ON other.relname = own.relname AND other.relkind IN ('i', 'I')
       AND other.relnamespace = 'newsletter'::regnamespace
  LOOP
    EXECUTE format('ALTER INDEX %s RENAME TO %I', i.relation, left(i.name, 50) || '_set_aside');
    RAISE NOTICE 'renamed the index newsletter.% to %_set_aside', i.name, left(i.name, 50);
  END LOOP;
END $$;

DO $$
DECLARE t record;
BEGIN
  FOR t IN SELECT * FROM finds WHERE old IS NOT NULL ORDER BY name LOOP
    EXECUTE format('ALTER TABLE %s SET SCHEMA newsletter', t.old);
    RAISE NOTICE 'moved lead.% to newsletter.%', t.name, t.name;
  END LOOP;
END $$;

-- PostgreSQL checks a foreign key with the rights of its table's owner, and who could use the tables in
-- `lead` shall be able to use them here: both need the schema.
DO $$
DECLARE r record;
BEGIN
  FOR r IN
    SELECT pg_get_userbyid(c.relowner) AS name FROM homes JOIN pg_class c ON c.relname = homes.name
     WHERE c.relnamespace = 'newsletter'::regnamespace
    UNION
    SELECT CASE WHEN a.grantee = 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END
      FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) a
     WHERE n.nspname = 'lead' AND a.privilege_type = 'USAGE' AND EXISTS (SELECT FROM finds WHERE old IS NOT NULL)
  LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA newsletter TO %s', coalesce(quote_ident(r.name), 'PUBLIC'));
  END LOOP;
END $$;
