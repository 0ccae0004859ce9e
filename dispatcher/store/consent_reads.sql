-- RingCentral's own list of opt-outs, beside ours.

-- name: due
-- Whether the list of login $1 was last read so long ago ($2), or never.
SELECT NOT EXISTS (SELECT FROM newsletter.sms_consent_reads WHERE login = $1 AND read_at > now() - $2::interval);

-- name: senders
SELECT number FROM newsletter.sms_senders WHERE login = $1 ORDER BY number;

-- name: news
-- Of the numbers $1 that opted out at $2 by RingCentral's word, those that we don't know of: no opt-out is in force,
-- and none of our STARTs came later. Only who can be texted matters. On a program's word ($3) it may be our own, told
-- after a START that we had yet to hear of: of a number that we tell of, that is no news, unless RingCentral has taken
-- an opt-in since, a minute forgiven.
SELECT t.phone, least(max(t.at), now()) AS at FROM unnest($1::text[], $2::timestamptz[], $3::boolean[]) AS t(phone, at, by_api)
  LEFT JOIN newsletter.sms_suppressions x ON x.phone = t.phone AND x.reason = 'opted_out'
 WHERE newsletter.e164(t.phone) = t.phone AND (x.phone IS NULL OR x.lifted_at <= t.at)
   AND NOT (t.by_api AND EXISTS (SELECT FROM newsletter.sms_consents_told k WHERE k.phone = t.phone AND k.told IS NOT NULL
                                   AND NOT coalesce(k.told = 'opt_in' AND k.told_at < t.at - interval '1 minute', false)))
 GROUP BY t.phone ORDER BY t.phone;

-- name: read
-- Note a reading: $2 numbers opted out, $3 of them were new to us; also how many opted out with us and not there ($4).
INSERT INTO newsletter.sms_consent_reads AS r (login, read_at, opted_out, adopted, only_ours)
SELECT $1, now(), $2, $3, count(*)
  FROM newsletter.sms_suppressions x
 WHERE x.reason = 'opted_out' AND x.lifted_at IS NULL AND x.phone <> ALL ($4::text[])
ON CONFLICT (login) DO UPDATE
   SET read_at = excluded.read_at, opted_out = excluded.opted_out, adopted = excluded.adopted, only_ours = excluded.only_ours
RETURNING only_ours;
