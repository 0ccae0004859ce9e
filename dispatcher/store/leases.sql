-- name: lead
-- Take or renew the lease $1 for process $2 and $3; no row: another holds it. The fence grows with the owner.
INSERT INTO newsletter.leases AS l (name, owner, until) VALUES ($1, $2, now() + $3::interval)
ON CONFLICT (name) DO UPDATE SET owner = $2, until = now() + $3::interval, fence = l.fence + CASE WHEN l.owner = $2 THEN 0 ELSE 1 END
 WHERE l.owner = $2 OR l.until <= now()
RETURNING fence;

-- name: leads
-- Held for the length of the transaction: who takes over waits for it.
SELECT fence FROM newsletter.leases WHERE name = $1 AND fence = $2 AND until > now() FOR SHARE;

-- name: resign
UPDATE newsletter.leases SET until = now() WHERE name = $1 AND fence = $2 AND owner = $3;
