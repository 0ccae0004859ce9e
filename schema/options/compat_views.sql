-- Updatable views under the old names, for code of the host that still says lead.campaigns. A view shows
-- the host's columns alone and hands on the rights that were granted on its table.
DO $$
DECLARE
  t record;
  g record;
BEGIN
  IF to_regnamespace('lead') IS NULL THEN
    CREATE SCHEMA lead;
  END IF;
  FOR t IN
    SELECT c.oid, c.relname, coalesce(c.relacl, acldefault('r', c.relowner)) AS relacl,
           (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               AND (c.relname, a.attname) NOT IN (
                 ('campaigns', 'category'), ('campaigns', 'drained_at'), ('campaign_events', 'attempt_id'), ('sms_delivery_events', 'attempt_id'),
                 ('sms_delivery_events', 'segments'), ('sms_delivery_events', 'cost_exact'), ('sms_delivery_events', 'changed_at'),
                 ('sms_delivery_events', 'failure_class'), ('sms_delivery_events', 'closed_at'),
                 ('sms_delivery_events', 'segments_counted'), ('sms_delivery_events', 'counted_at'))) AS columns
      FROM pg_class c
     WHERE c.relnamespace = 'newsletter'::regnamespace
       AND c.relname IN ('campaigns', 'subscribers', 'campaign_events', 'sms_delivery_events')
       AND to_regclass(format('lead.%I', c.relname)) IS NULL
     ORDER BY c.relname
  LOOP
    EXECUTE format('CREATE VIEW lead.%I WITH (security_invoker = true) AS SELECT %s FROM newsletter.%I',
                   t.relname, t.columns, t.relname);
    EXECUTE format('COMMENT ON VIEW lead.%I IS %L', t.relname,
                   format('The old name of newsletter.%s, kept by sms-dispatcher migrate --compat-views.', t.relname));
    FOR g IN SELECT grantee, privilege_type FROM aclexplode(t.relacl)
              WHERE grantee <> (SELECT oid FROM pg_roles WHERE rolname = current_user)
                AND privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    LOOP
      EXECUTE format('GRANT %s ON lead.%I TO %s', g.privilege_type, t.relname,
                     CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END);
    END LOOP;
    RAISE NOTICE 'made the view lead.% of newsletter.%', t.relname, t.relname;
  END LOOP;
END $$;
