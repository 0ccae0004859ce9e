-- name: is_recorded
SELECT to_regclass('newsletter.dispatcher_migrations') IS NOT NULL;

-- name: applied
SELECT number, checksum FROM newsletter.dispatcher_migrations ORDER BY number;

-- name: record
INSERT INTO newsletter.dispatcher_migrations (number, name, checksum) VALUES ($1, $2, $3);

-- name: lock
-- One migrate at a time: a second waits for the first and then finds nothing to do. Names are looked up
-- in no schema of the host's, whatever its role's search_path says.
SET LOCAL statement_timeout = 0;
SET LOCAL client_encoding = 'UTF8';
SET LOCAL row_security = off;
SET LOCAL search_path = pg_catalog, pg_temp;
SET LOCAL lock_timeout = $1;
DO $lock$ BEGIN PERFORM pg_advisory_xact_lock(hashtextextended('sms-dispatcher migrate', 0)); END $lock$;
