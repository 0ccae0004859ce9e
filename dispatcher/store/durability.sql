-- name: look
-- How the server keeps what is committed. Whoever may connect may read this; what a lesser role does not see of a
-- standby is told by pg_stat_activity: one that follows bytes is in no database, one that follows rows is no standby.
SELECT current_setting('fsync')::bool AS fsync,
       current_setting('synchronous_standby_names') <> '' AS waits,
       (SELECT count(*) FROM pg_stat_replication r JOIN pg_stat_activity a USING (pid)
         WHERE a.datid IS NULL AND a.application_name NOT IN ('pg_basebackup', 'pg_receivewal')) AS standbys;
