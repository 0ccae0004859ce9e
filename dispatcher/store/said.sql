-- name: said
-- For the length of this transaction: where a change of consent is known from, who decided it, and why. What is empty
-- is not said. The triggers of newsletter.consent_events write it down.
SELECT set_config('sms_dispatcher.consent_source', coalesce($1::text, ''), true),
       set_config('sms_dispatcher.consent_decided_by', coalesce($2::text, ''), true),
       set_config('sms_dispatcher.consent_why', coalesce($3::text, ''), true);
