-- What the host's application filled in by itself becomes a default, where there is none, so that rows
-- can also be written in plain SQL; and the foreign keys stand where the audit says they stand.

DO $$
DECLARE d record;
BEGIN
  FOR d IN
    SELECT a.attrelid::regclass AS place, a.attname, a.atttypid, w.expression
      FROM (VALUES
        ('campaigns', 'id', 'gen_random_uuid()'), ('campaigns', 'status', '''DRAFT'''),
        ('campaigns', 'created_at', 'now()'), ('campaigns', 'updated_at', 'now()'),
        ('campaigns', 'is_deleted', 'false'),
        ('subscribers', 'id', 'gen_random_uuid()'), ('subscribers', 'email_subscribed', 'true'),
        ('subscribers', 'sms_subscribed', 'false'), ('subscribers', 'push_subscribed', 'false'),
        ('subscribers', 'whatsapp_subscribed', 'false'), ('subscribers', 'subscribed_at', 'now()'),
        ('subscribers', 'language', '''en'''), ('subscribers', 'email_open_count', '0'),
        ('subscribers', 'email_click_count', '0'), ('subscribers', 'sms_response_count', '0'),
        ('subscribers', 'created_at', 'now()'), ('subscribers', 'updated_at', 'now()'),
        ('subscribers', 'is_deleted', 'false'),
        ('campaign_events', 'id', 'gen_random_uuid()'), ('campaign_events', 'occurred_at', 'now()'),
        ('campaign_events', 'created_at', 'now()'), ('campaign_events', 'updated_at', 'now()'),
        ('campaign_events', 'is_deleted', 'false'),
        ('sms_delivery_events', 'id', 'gen_random_uuid()'), ('sms_delivery_events', 'status', '''QUEUED'''),
        ('sms_delivery_events', 'created_at', 'now()'), ('sms_delivery_events', 'updated_at', 'now()'),
        ('sms_delivery_events', 'is_deleted', 'false'),
        ('sms_templates', 'id', 'gen_random_uuid()'), ('sms_templates', 'variables', '''[]'''),
        ('sms_templates', 'is_active', 'true'), ('sms_templates', 'created_at', 'now()'),
        ('sms_templates', 'updated_at', 'now()'),
        ('campaign_budgets', 'budget_cents', '0'), ('campaign_budgets', 'spent_cents', '0'),
        ('sms_send_queue', 'id', 'gen_random_uuid()'), ('sms_send_queue', 'status', '''pending'''),
        ('sms_send_queue', 'scheduled_at', 'now()'), ('sms_send_queue', 'attempts', '0'),
        ('sms_send_queue', 'created_at', 'now()')
      ) AS w(table_name, column_name, expression)
      JOIN pg_attribute a ON a.attrelid = to_regclass('newsletter.' || w.table_name)
       AND a.attname = w.column_name AND NOT a.attisdropped AND NOT a.atthasdef
  LOOP
    -- The host keeps UTC in columns without a time zone.
    EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s', d.place, d.attname,
      CASE WHEN d.expression = 'now()' AND d.atttypid = 'timestamp'::regtype
           THEN '(now() AT TIME ZONE ''UTC'')' ELSE d.expression END);
  END LOOP;
END $$;

-- Each row must be one row: what lacks a key by which it is found gets one.
DO $$
DECLARE
  t record;
  doubled bigint;
BEGIN
  FOR t IN
    SELECT a.attrelid::regclass AS place, a.attname, a.attnum
      FROM (VALUES ('campaigns', 'id'), ('subscribers', 'id'), ('campaign_events', 'id'), ('sms_delivery_events', 'id'),
                   ('sms_templates', 'id'), ('campaign_budgets', 'campaign_id'), ('sms_send_queue', 'id'))
        AS w(table_name, column_name)
      JOIN pg_attribute a ON a.attrelid = to_regclass('newsletter.' || w.table_name) AND a.attname = w.column_name
     WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid
                          AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)
  LOOP
    EXECUTE format('SELECT count(*) - count(DISTINCT %I) FROM %s', t.attname, t.place) INTO doubled;
    IF doubled > 0 THEN
      RAISE EXCEPTION '% has no key, and % rows whose % is missing or doubled', t.place, doubled, t.attname
        USING HINT = 'Mend those rows, then run migrate again.';
    END IF;
    EXECUTE format('ALTER TABLE %s ADD UNIQUE (%I)', t.place, t.attname);
    RAISE NOTICE 'gave % a key on %', t.place, t.attname;
  END LOOP;
END $$;

-- A key to the wrong place comes from tables that were made while an older one stood in the way.
DO $$
DECLARE
  k record;
  wrong record;
BEGIN
  FOR k IN
    SELECT a.attrelid, a.attrelid::regclass AS place, a.attnum, a.attname,
           format('newsletter.%I', w.target)::regclass AS target, w.on_delete
      FROM (VALUES
        ('campaign_events', 'campaign_id', 'campaigns', 'CASCADE'),
        ('campaign_events', 'subscriber_id', 'subscribers', 'SET NULL'),
        ('sms_delivery_events', 'campaign_id', 'campaigns', 'CASCADE'),
        ('sms_delivery_events', 'subscriber_id', 'subscribers', 'SET NULL'),
        ('campaign_budgets', 'campaign_id', 'campaigns', 'CASCADE'),
        ('sms_send_queue', 'campaign_id', 'campaigns', 'CASCADE'),
        ('sms_send_queue', 'subscriber_id', 'subscribers', 'CASCADE')
      ) AS w(table_name, column_name, target, on_delete)
      JOIN pg_attribute a ON a.attrelid = to_regclass('newsletter.' || w.table_name) AND a.attname = w.column_name
  LOOP
    FOR wrong IN
      SELECT conname FROM pg_constraint
       WHERE conrelid = k.attrelid AND contype = 'f' AND conkey = ARRAY[k.attnum] AND confrelid <> k.target
    LOOP
      EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', k.place, wrong.conname);
      RAISE NOTICE 'dropped the key % of %, which pointed to the wrong table', wrong.conname, k.place;
    END LOOP;
    CONTINUE WHEN EXISTS (SELECT FROM pg_constraint
      WHERE conrelid = k.attrelid AND contype = 'f' AND conkey = ARRAY[k.attnum] AND confrelid = k.target);
    EXECUTE format('ALTER TABLE %s ADD FOREIGN KEY (%I) REFERENCES %s ON DELETE %s NOT VALID',
                   k.place, k.attname, k.target, k.on_delete);
    BEGIN
      EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', k.place,
        (SELECT conname FROM pg_constraint WHERE conrelid = k.attrelid AND contype = 'f'
            AND conkey = ARRAY[k.attnum] AND confrelid = k.target));
    EXCEPTION WHEN foreign_key_violation THEN
      RAISE WARNING 'rows of % contradict its key on %: it is kept NOT VALID (sms-dispatcher audit lists it)',
                    k.place, k.attname;
    END;
  END LOOP;
END $$;
