-- The host's enum types: older ones set aside with the tables that used them, missing ones made, and the
-- labels checked. Labels in another case are renamed only when the operator asked for it, because the host
-- application must be ready for that.

CREATE TEMPORARY TABLE enums (
  type_name text PRIMARY KEY,
  used_by text NOT NULL,          -- table.column
  labels text[] NOT NULL,         -- as the host's application declares them
  needed text[] NOT NULL          -- those that the dispatcher cannot do without
) ON COMMIT DROP;
INSERT INTO enums VALUES
  ('campaign_channel', 'campaigns.channel', '{EMAIL,SMS,PUSH,WHATSAPP}', '{SMS}'),
  ('campaign_status', 'campaigns.status', '{DRAFT,SCHEDULED,SENDING,SENT,PAUSED,CANCELLED,FAILED}',
   '{DRAFT,SCHEDULED,SENDING,SENT,PAUSED,CANCELLED,FAILED}'),
  ('campaign_event_type', 'campaign_events.event_type',
   '{SENT,DELIVERED,OPENED,CLICKED,BOUNCED,UNSUBSCRIBED,COMPLAINED}', '{SENT,DELIVERED,BOUNCED,UNSUBSCRIBED}'),
  ('sms_delivery_status', 'sms_delivery_events.status', '{QUEUED,SENT,DELIVERED,FAILED,UNDELIVERED}',
   '{QUEUED,SENT,DELIVERED,FAILED,UNDELIVERED}'),
  ('sms_queue_status', 'sms_send_queue.status', '{pending,sending,sent,failed}', '{pending,sending,sent,failed}');

CREATE FUNCTION pg_temp.labels_of(enum_type oid) RETURNS text[]
LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(enumlabel::text ORDER BY enumsortorder), '{}') FROM pg_enum WHERE enumtypid = enum_type
$$;

-- The enum that counts for a column: the column's own where its table stands (NULL if it is no enum),
-- else the one of that name in `public`, which the table will be made with.
CREATE FUNCTION pg_temp.enum_of(used_by text, type_name text) RETURNS oid
LANGUAGE sql STABLE AS $$
  SELECT t.oid FROM pg_type t WHERE t.typtype = 'e' AND t.oid = coalesce(
    (SELECT a.atttypid FROM pg_attribute a
      WHERE a.attrelid = to_regclass('newsletter.' || split_part(used_by, '.', 1))
        AND a.attname = split_part(used_by, '.', 2) AND NOT a.attisdropped),
    to_regtype(format('public.%I', type_name))::oid)
$$;

-- The table that something which depends on a type belongs to; NULL for a function, a domain, a cast.
CREATE FUNCTION pg_temp.table_of(class oid, object oid) RETURNS oid
LANGUAGE sql STABLE AS $$
  SELECT CASE class
    WHEN 'pg_class'::regclass THEN object
    WHEN 'pg_attrdef'::regclass THEN (SELECT adrelid FROM pg_attrdef WHERE oid = object)
    WHEN 'pg_constraint'::regclass THEN (SELECT nullif(conrelid, 0) FROM pg_constraint WHERE oid = object)
  END
$$;

-- An enum of the right name and other labels, used by nothing but tables that were set aside.
DO $$
DECLARE e record;
BEGIN
  FOR e IN
    SELECT type_name FROM enums
      JOIN pg_type t ON t.typname = type_name AND t.typnamespace = 'public'::regnamespace AND t.typtype = 'e'
     WHERE NOT lower(pg_temp.labels_of(t.oid)::text)::text[] @> lower(labels::text)::text[]
       AND NOT EXISTS (
         SELECT FROM pg_depend d LEFT JOIN pg_class c ON c.oid = pg_temp.table_of(d.classid, d.objid)
          WHERE d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray) AND d.deptype = 'n'
            AND (c.oid IS NULL OR c.relnamespace IS DISTINCT FROM to_regnamespace('newsletter_set_aside')))
  LOOP
    IF to_regnamespace('newsletter_set_aside') IS NULL THEN
      CREATE SCHEMA newsletter_set_aside;
    END IF;
    EXECUTE format('ALTER TYPE public.%I SET SCHEMA newsletter_set_aside', e.type_name);
    RAISE NOTICE 'set aside the type public.%, which only older tables used', e.type_name;
  END LOOP;
END $$;

-- A type is made only for a table that is about to be made: an adopted table brings its own.
DO $$
DECLARE e record;
BEGIN
  FOR e IN
    SELECT * FROM enums
     WHERE to_regclass('newsletter.' || split_part(used_by, '.', 1)) IS NULL
       AND to_regtype(format('public.%I', type_name)) IS NULL
  LOOP
    EXECUTE format('CREATE TYPE public.%I AS ENUM (%s)', e.type_name,
                   (SELECT string_agg(quote_literal(l), ', ' ORDER BY n)
                      FROM unnest(e.labels) WITH ORDINALITY AS u(l, n)));
  END LOOP;
END $$;

DO $$
DECLARE
  named text;
  l record;
BEGIN
  CREATE TEMPORARY TABLE wrong_case ON COMMIT DROP AS
    SELECT DISTINCT enum_type, found.label, wanted.label AS upper_label
      FROM (SELECT pg_temp.enum_of(used_by, type_name) AS enum_type, labels FROM enums) e
     CROSS JOIN LATERAL unnest(e.labels) AS wanted(label)
     CROSS JOIN LATERAL unnest(pg_temp.labels_of(e.enum_type)) AS found(label)
     WHERE found.label <> wanted.label AND lower(found.label) = lower(wanted.label)
       AND NOT wanted.label = ANY (pg_temp.labels_of(e.enum_type));

  IF coalesce(current_setting('sms_dispatcher.rename_enum_labels', true), '') <> 'on' THEN
    SELECT string_agg(format('%s (%s)', enum_type::regtype, labels), ', ') INTO named
      FROM (SELECT enum_type, string_agg(label, ' ' ORDER BY label) AS labels FROM wrong_case GROUP BY enum_type) w;
    IF named IS NOT NULL THEN
      RAISE EXCEPTION 'enum labels are in another case: %', named
        USING HINT = 'When the host application spells them as its models do (SENDING, SMS, pending), run sms-dispatcher migrate --rename-enum-labels.';
    END IF;
  END IF;

  FOR l IN SELECT * FROM wrong_case LOOP
    EXECUTE format('ALTER TYPE %s RENAME VALUE %L TO %L', l.enum_type::regtype, l.label, l.upper_label);
    RAISE NOTICE 'renamed the label % of % to %', l.label, l.enum_type::regtype, l.upper_label;
  END LOOP;

  SELECT string_agg(format('ALTER TYPE %s ADD VALUE %L;', enum_type::regtype, label), ' ') INTO named
    FROM (SELECT pg_temp.enum_of(used_by, type_name) AS enum_type, needed FROM enums) e
   CROSS JOIN LATERAL unnest(e.needed) AS label
   WHERE enum_type IS NOT NULL AND NOT label = ANY (pg_temp.labels_of(enum_type));
  IF named IS NOT NULL THEN
    RAISE EXCEPTION 'enum labels are missing'
      USING HINT = format('Add them (%s), then run migrate again.', named);
  END IF;
END $$;
