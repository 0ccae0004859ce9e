-- name: keep
-- Store raw records once for each change. What a webhook claimed is replaced by RingCentral's own record, and read anew.
INSERT INTO newsletter.sms_receipts AS r (login, source, provider_id, change, body)
SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[]) AS t(provider_id, change, body)
ON CONFLICT (provider_id, change) DO UPDATE
   SET source = excluded.source, body = excluded.body, early_at = NULL, applied_at = NULL, verdict = NULL
 WHERE r.source = 'webhook' AND excluded.source <> 'webhook'
RETURNING id;

-- name: tell
SELECT pg_notify('sms_dispatcher_receipts', '');
