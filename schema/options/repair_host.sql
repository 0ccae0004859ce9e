-- The five foreign keys of other applications' tables that the audit found missing or misdirected (its
-- steps 3 and 4). Only where both tables stand. Rows that contradict a key are reported, never deleted.
DO $$
DECLARE
  k record;
  wrong record;
  orphans bigint;
  examples text;
BEGIN
  FOR k IN
    SELECT w.*, c.oid AS child, p.oid AS parent, a.attnum, a.attnotnull AS mandatory, c.relkind = 'p' AS partitioned,
           format('fk_%s_%s', w.child_name, w.column_name) AS key_name
      FROM (VALUES
        ('identity', 'station_users', 'user_id', 'identity', 'users', 'CASCADE'),
        ('support', 'audit_logs', 'user_id', 'identity', 'users', 'SET NULL'),
        ('bookings', 'booking_reminders', 'booking_id', 'core', 'bookings', 'CASCADE'),
        ('public', 'catering_payments', 'booking_id', 'core', 'bookings', 'CASCADE'),
        ('public', 'payment_notifications', 'booking_id', 'core', 'bookings', 'SET NULL')
      ) AS w(child_schema, child_name, column_name, parent_schema, parent_name, on_delete)
      JOIN pg_class c ON c.relname = w.child_name AND c.relkind IN ('r', 'p')
       AND c.relnamespace = to_regnamespace(w.child_schema)
      JOIN pg_class p ON p.relname = w.parent_name AND p.relkind IN ('r', 'p')
       AND p.relnamespace = to_regnamespace(w.parent_schema)
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = w.column_name AND NOT a.attisdropped
  LOOP
    IF NOT EXISTS (
      SELECT FROM pg_index i JOIN pg_attribute id ON id.attrelid = k.parent AND id.attname = 'id'
       WHERE i.indrelid = k.parent AND i.indisunique AND i.indpred IS NULL
         AND i.indnkeyatts = 1 AND i.indkey[0] = id.attnum
         AND id.atttypid = (SELECT atttypid FROM pg_attribute WHERE attrelid = k.child AND attnum = k.attnum))
    THEN
      RAISE WARNING '%.%.% was left alone: %.%.id is not unique or of another type',
        k.child_schema, k.child_name, k.column_name, k.parent_schema, k.parent_name;
      CONTINUE;
    END IF;

    FOR wrong IN SELECT conname FROM pg_constraint
                  WHERE conrelid = k.child AND contype = 'f' AND conkey = ARRAY[k.attnum] AND confrelid <> k.parent
    LOOP
      EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', k.child::regclass, wrong.conname);
      RAISE NOTICE 'dropped the key % of %.%, which pointed to the wrong table',
        wrong.conname, k.child_schema, k.child_name;
    END LOOP;

    EXECUTE format('SELECT count(*), (array_agg(c.%1$I::text ORDER BY c.%1$I::text))[1:3]::text FROM %2$s c
                     WHERE c.%1$I IS NOT NULL AND NOT EXISTS (SELECT FROM %3$s p WHERE p.id = c.%1$I)',
                   k.column_name, k.child::regclass, k.parent::regclass) INTO orphans, examples;

    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = k.child AND contype = 'f'
                      AND conkey = ARRAY[k.attnum] AND confrelid = k.parent) THEN
      -- PostgreSQL has no unvalidated keys on partitioned tables.
      IF k.partitioned AND orphans > 0 THEN
        RAISE WARNING '% rows of %.% have a % that is not in %.%, for example %: a partitioned table gets its key once they are mended',
          orphans, k.child_schema, k.child_name, k.column_name, k.parent_schema, k.parent_name, examples;
        CONTINUE;
      END IF;
      EXECUTE format('ALTER TABLE %s ADD %s FOREIGN KEY (%I) REFERENCES %s (id) ON DELETE %s %s', k.child::regclass,
        -- The audit's name, unless something else has it.
        CASE WHEN EXISTS (SELECT FROM pg_constraint WHERE conrelid = k.child AND conname = k.key_name) THEN ''
             ELSE format('CONSTRAINT %I', k.key_name) END,
        k.column_name, k.parent::regclass,
        CASE WHEN k.on_delete = 'SET NULL' AND k.mandatory THEN 'NO ACTION' ELSE k.on_delete END,
        CASE WHEN k.partitioned THEN '' ELSE 'NOT VALID' END);
      RAISE NOTICE 'added a key on % to %.%', k.column_name, k.child_schema, k.child_name;
    END IF;

    IF orphans > 0 THEN
      RAISE WARNING '% rows of %.% have a % that is not in %.%, for example %: the key stays NOT VALID until they are mended',
        orphans, k.child_schema, k.child_name, k.column_name, k.parent_schema, k.parent_name, examples;
    ELSE
      FOR wrong IN SELECT conname FROM pg_constraint WHERE conrelid = k.child AND contype = 'f'
                      AND conkey = ARRAY[k.attnum] AND confrelid = k.parent AND NOT convalidated
      LOOP
        EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', k.child::regclass, wrong.conname);
      END LOOP;
    END IF;
  END LOOP;
END $$;
