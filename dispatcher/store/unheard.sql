-- What was committed while the database went away, so that the process that did it never heard of it.

-- name: attempts
-- Attempts that were opened for the claims $1 under their fences $2. Nobody began their requests.
SELECT a.id AS attempt, a.message_id AS message, a.fence, c.id AS campaign, s.id AS person, c.sent_at IS NOT NULL AS begun
  FROM unnest($1::uuid[], $2::int[]) AS t(message, fence)
  JOIN newsletter.sms_attempts a ON a.message_id = t.message AND a.fence = t.fence
  LEFT JOIN newsletter.campaigns c ON c.id = a.campaign_id LEFT JOIN newsletter.subscribers s ON s.id = a.subscriber_id
 WHERE a.outcome IS NULL OR a.outcome = 'ambiguous';

-- name: claims
-- The claims of process $1 but for those that it knows of ($2).
SELECT id, fence FROM newsletter.sms_send_queue
 WHERE status = 'sending' AND claimed_by = $1 AND attempt_id IS NULL AND lease_until IS NOT NULL AND id <> ALL ($2::uuid[]);
