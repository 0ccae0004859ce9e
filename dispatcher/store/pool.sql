-- name: release_frozen
-- End sessions of our own role that have kept a transaction waiting for its next message for $1. PostgreSQL's own
-- time-outs do not see the pause between the halves of a statement: to them the session is active.
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
 WHERE usename = current_user AND datname = current_database() AND application_name = 'sms-dispatcher' AND pid <> pg_backend_pid()
   AND state <> 'idle' AND wait_event = 'ClientRead' AND xact_start < now() - $1::interval AND state_change < now() - $1::interval;
