-- What newsletter.said() tells the triggers that write the evidence, until the transaction ends.

-- name: say
SELECT set_config('sms_dispatcher.consent_' || t.name, t.value, true)
  FROM (VALUES ('source', $1::text), ('decided_by', $2), ('why', $3), ('text', $4::uuid::text)) AS t(name, value)
 WHERE t.value IS NOT NULL;
