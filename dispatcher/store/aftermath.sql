-- What came after a campaign's texts were accepted, from outside: receipts, replies, consent.

-- name: aftermath
-- Of the campaign $1 and the login $2. A text that RingCentral refused was never accepted; an answer to somebody of whose
-- text nobody knows whether it went out leaves no sooner than that is known.
SELECT e.*, c.spared, i.*, o.opted_out, r.answers_left
  FROM (SELECT count(*) FILTER (WHERE status = 'DELIVERED')::int AS delivered,
               count(*) FILTER (WHERE status IN ('FAILED', 'UNDELIVERED'))::int AS failed,
               count(*) FILTER (WHERE closed_at IS NULL AND error_code IS NULL)::int AS awaited,
               count(*) FILTER (WHERE closed_at IS NULL AND error_code IS NOT NULL)::int AS open
          FROM newsletter.sms_delivery_events WHERE campaign_id = $1 AND attempt_id IS NOT NULL AND message_sid IS NOT NULL) e
 CROSS JOIN (SELECT count(*)::int AS spared FROM newsletter.sms_messages
              WHERE campaign_id = $1 AND word = 'cancelled' AND reason = 'opted_out') c
 CROSS JOIN (SELECT count(*)::int AS texts_in, count(DISTINCT phone)::int AS replied,
                    count(*) FILTER (WHERE verdict = 'unclear' AND handled_at IS NULL)::int AS to_read,
                    count(*) FILTER (WHERE verdict <> 'unclear' AND handled_at IS NULL)::int AS undone,
                    (max(extract(epoch FROM stored_at - written_at)) FILTER (WHERE verdict = 'opt_out'))::float8 AS stop_seconds
               FROM newsletter.sms_inbound_messages WHERE login = $2) i
 CROSS JOIN (SELECT count(*)::int AS opted_out FROM newsletter.sms_suppressions WHERE reason = 'opted_out' AND lifted_at IS NULL) o
 CROSS JOIN (SELECT count(*)::int AS answers_left FROM newsletter.sms_send_queue
              WHERE answers IS NOT NULL AND status IN ('pending', 'sending') AND held_at IS NULL AND reason IS DISTINCT FROM 'in_doubt') r;

-- name: line
-- The numbers of the campaign $1 in the order of their turns.
SELECT newsletter.e164(phone_number) AS phone FROM newsletter.sms_send_queue
 WHERE campaign_id = $1 AND status = 'pending' ORDER BY greatest(scheduled_at, not_before), id;

-- name: failures
-- Accepted texts of the campaign $1 that did not arrive, or of which a carrier does not say whether they did.
SELECT error_code AS code, coalesce(max(error_message), '') AS sentence, count(*)::int AS texts
  FROM newsletter.sms_delivery_events
 WHERE campaign_id = $1 AND attempt_id IS NOT NULL AND message_sid IS NOT NULL AND error_code IS NOT NULL
 GROUP BY 1 ORDER BY 3 DESC, 1;

-- name: endings
SELECT a.provider_id, a.phone, coalesce(e.error_code, '') AS code, a.cents_billed AS cents,
       CASE WHEN e.closed_at IS NULL THEN 'open' WHEN e.status = 'DELIVERED' THEN 'delivered'
            WHEN e.status IN ('FAILED', 'UNDELIVERED') THEN 'failed' ELSE 'given up' END AS word
  FROM newsletter.sms_attempts a JOIN newsletter.sms_delivery_events e ON e.attempt_id = a.id
 WHERE a.campaign_id = $1 AND a.provider_id IS NOT NULL;

-- name: stored
SELECT provider_id, coalesce(phone, phone_number) AS phone, stored_at AS at FROM newsletter.sms_inbound_messages WHERE login = $1;

-- name: opted_out
SELECT phone FROM newsletter.sms_suppressions WHERE reason = 'opted_out' AND lifted_at IS NULL;
