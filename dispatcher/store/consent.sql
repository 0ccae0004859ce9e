-- name: suppress
INSERT INTO newsletter.sms_suppressions (phone, reason, source, since) VALUES ($1, 'opted_out', $2, $3)
ON CONFLICT (phone, reason) DO NOTHING RETURNING phone;
