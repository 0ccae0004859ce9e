-- The campaigns' figures by day. They are counted from what happened, day by day of a campaign and only where
-- something has changed: whoever writes notes in `rollup_stale` what became stale, and never waits for anybody.
--
-- Whatever the application deletes keeps its figures: what its rows said is condensed into two tables of ours. So
-- tidying up the queue changes no figure, and the recount of a day agrees with what stands there, always.

-- The quarter of an hour that a time lies in: no zone's day begins within one (since 2000; before that some zones were
-- odd minutes off). What an application dates before 2000 or after 2199 is on no day.
CREATE FUNCTION newsletter.quarter_hour(at timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN at >= timestamptz '2000-01-01 00:00+00' AND at < timestamptz '2200-01-01 00:00+00'
            THEN date_bin('15 minutes', at, timestamptz '2000-01-01 00:00+00') END;
COMMENT ON FUNCTION newsletter.quarter_hour(timestamptz) IS
  'The begin of the quarter of an hour that a time lies in; NULL before 2000 and after 2199.';

CREATE TABLE newsletter.campaign_metrics_daily (
    campaign_id uuid,
    day date NOT NULL,
    queued bigint NOT NULL,
    sent bigint NOT NULL,
    delivered bigint NOT NULL,
    failed bigint NOT NULL,
    failed_refused bigint NOT NULL,
    failed_number bigint NOT NULL,
    failed_absent bigint NOT NULL,
    failed_opted_out bigint NOT NULL,
    failed_spam bigint NOT NULL,
    failed_text bigint NOT NULL,
    failed_sender bigint NOT NULL,
    failed_limit bigint NOT NULL,
    failed_broken bigint NOT NULL,
    unconfirmed bigint NOT NULL,
    unsubscribed bigint NOT NULL,
    replied bigint NOT NULL,
    segments bigint NOT NULL,
    cost_exact numeric(14,4) NOT NULL,
    rolled_at timestamptz NOT NULL,
    UNIQUE NULLS NOT DISTINCT (campaign_id, day)
);
CREATE INDEX campaign_metrics_daily_day ON newsletter.campaign_metrics_daily (day);
COMMENT ON TABLE newsletter.campaign_metrics_daily IS 'The figures of each campaign by day; it outlives the campaign and all that it was counted from. A day without anything has no row. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.campaign_id IS 'The campaign, which may be gone by now; NULL: texts without one.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.day IS 'The day, in the zone of newsletter.rollup_zone.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.queued IS 'Texts that were put into the queue on that day, also those that were deleted since.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.sent IS 'Texts that RingCentral accepted on that day.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.delivered IS 'Of those: what a carrier has delivered, whenever that was told.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.failed IS 'What failed for good: sent on that day and not delivered, or refused on that day. The nine that follow add up to it.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.failed_refused IS 'RingCentral refused to take them: they are not among the sent.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.failed_number IS 'The number takes no texts.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.failed_absent IS 'The telephone was out of reach.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.failed_opted_out IS 'The person has opted out with RingCentral or a carrier.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.failed_spam IS 'A carrier took them for spam.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.failed_text IS 'Something is wrong with the text.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.failed_sender IS 'Something is wrong with our number.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.failed_limit IS 'A carrier''s limit was reached.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.failed_broken IS 'A network''s own fault, and every other reason.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.unconfirmed IS 'Sent on that day, and no final word came in time.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.unsubscribed IS 'People who opted out of the campaign on that day.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.replied IS 'Texts that people wrote back on that day, STOP and the like too.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.segments IS 'Segments that the sent were billed with, as far as is known.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.cost_exact IS 'What the sent cost, in cents, exact.';
COMMENT ON COLUMN newsletter.campaign_metrics_daily.rolled_at IS 'When the row was counted.';

CREATE VIEW newsletter.campaign_metrics_weekly WITH (security_invoker = true) AS
SELECT campaign_id, date_trunc('week', day)::date AS week, sum(queued)::bigint AS queued, sum(sent)::bigint AS sent,
       sum(delivered)::bigint AS delivered, sum(failed)::bigint AS failed, sum(failed_refused)::bigint AS failed_refused,
       sum(failed_number)::bigint AS failed_number, sum(failed_absent)::bigint AS failed_absent,
       sum(failed_opted_out)::bigint AS failed_opted_out, sum(failed_spam)::bigint AS failed_spam,
       sum(failed_text)::bigint AS failed_text, sum(failed_sender)::bigint AS failed_sender,
       sum(failed_limit)::bigint AS failed_limit, sum(failed_broken)::bigint AS failed_broken,
       sum(unconfirmed)::bigint AS unconfirmed, sum(unsubscribed)::bigint AS unsubscribed, sum(replied)::bigint AS replied,
       sum(segments)::bigint AS segments, sum(cost_exact)::numeric(14,4) AS cost_exact, max(rolled_at) AS rolled_at
  FROM newsletter.campaign_metrics_daily GROUP BY 1, 2;
COMMENT ON VIEW newsletter.campaign_metrics_weekly IS 'The same by week: the sums of its seven days.';
COMMENT ON COLUMN newsletter.campaign_metrics_weekly.week IS 'The Monday that the week begins with (ISO 8601).';
COMMENT ON COLUMN newsletter.campaign_metrics_weekly.rolled_at IS 'When a day of it was last counted.';
DO $$
DECLARE c record;
BEGIN
  FOR c IN SELECT a.attname, col_description(d.oid, s.attnum) AS words
             FROM pg_class d JOIN pg_attribute s ON s.attrelid = d.oid AND s.attnum > 0
             JOIN pg_attribute a ON a.attrelid = 'newsletter.campaign_metrics_weekly'::regclass AND a.attname = s.attname
            WHERE d.oid = 'newsletter.campaign_metrics_daily'::regclass AND a.attname <> 'rolled_at'
  LOOP
    EXECUTE format('COMMENT ON COLUMN newsletter.campaign_metrics_weekly.%I IS %L', c.attname,
                   replace(c.words, 'on that day', 'in that week'));
  END LOOP;
END $$;

CREATE TABLE newsletter.rollup_zone (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    zone text NOT NULL
);
INSERT INTO newsletter.rollup_zone (zone) VALUES ('America/New_York');
COMMENT ON TABLE newsletter.rollup_zone IS 'One row: the zone whose days are counted. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.rollup_zone.one IS 'Always true: there is one row.';
COMMENT ON COLUMN newsletter.rollup_zone.zone IS 'Its IANA name; from the setting metrics_zone.';

CREATE TABLE newsletter.rollup_stale (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id uuid,
    at timestamptz NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE newsletter.rollup_stale IS 'Which days are to be counted anew: added to by triggers, taken away by who counts. Written by the dispatcher.';
COMMENT ON COLUMN newsletter.rollup_stale.id IS 'Key.';
COMMENT ON COLUMN newsletter.rollup_stale.campaign_id IS 'The campaign; NULL: texts without one.';
COMMENT ON COLUMN newsletter.rollup_stale.at IS 'A time of the day that changed, to the quarter of an hour: right in every zone.';
COMMENT ON COLUMN newsletter.rollup_stale.noted_at IS 'When it changed.';

CREATE TABLE newsletter.rollup_deleted (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id uuid,
    at timestamptz NOT NULL,
    queued bigint NOT NULL DEFAULT 0,
    unsubscribed bigint NOT NULL DEFAULT 0,
    replied bigint NOT NULL DEFAULT 0
);
CREATE INDEX rollup_deleted_at ON newsletter.rollup_deleted
  (coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'), at);
COMMENT ON TABLE newsletter.rollup_deleted IS 'What rows said that are deleted by now, by campaign and quarter of an hour. Written by triggers.';
COMMENT ON COLUMN newsletter.rollup_deleted.id IS 'Key.';
COMMENT ON COLUMN newsletter.rollup_deleted.campaign_id IS 'The campaign; NULL: texts without one.';
COMMENT ON COLUMN newsletter.rollup_deleted.at IS 'When it was, to the quarter of an hour.';
COMMENT ON COLUMN newsletter.rollup_deleted.queued IS 'Deleted rows of the queue.';
COMMENT ON COLUMN newsletter.rollup_deleted.unsubscribed IS 'Deleted events of people who opted out.';
COMMENT ON COLUMN newsletter.rollup_deleted.replied IS 'Deleted texts that people wrote.';

CREATE TABLE newsletter.rollup_deleted_deliveries (
    attempt_id bigint PRIMARY KEY,
    status text NOT NULL,
    failure_class text,
    kept_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE newsletter.rollup_deleted_deliveries IS 'What became of attempts whose delivery event is deleted by now. Written by a trigger.';
COMMENT ON COLUMN newsletter.rollup_deleted_deliveries.attempt_id IS 'The attempt (newsletter.sms_attempts).';
COMMENT ON COLUMN newsletter.rollup_deleted_deliveries.status IS 'The event''s status.';
COMMENT ON COLUMN newsletter.rollup_deleted_deliveries.failure_class IS 'Why it failed, in a word.';
COMMENT ON COLUMN newsletter.rollup_deleted_deliveries.kept_at IS 'When the event was deleted.';

-- A day of a campaign is found by these. What they cost: the queue's and the ledger's are entered once more for each text
-- that is inserted, claimed and settled (those updates change a status that other indexes name, so all indexes get an
-- entry anyway); without them each recount would read the whole of either table.
CREATE INDEX sms_send_queue_queued ON newsletter.sms_send_queue
  (coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'), coalesce(created_at, scheduled_at));
CREATE INDEX sms_attempts_settled ON newsletter.sms_attempts
  (coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'), settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX campaign_events_unsubscribed ON newsletter.campaign_events (campaign_id, occurred_at) WHERE event_type = 'UNSUBSCRIBED';
CREATE INDEX sms_inbound_messages_replied ON newsletter.sms_inbound_messages
  (coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'), written_at);

-- All that figures are counted from, the one place that says which day and which figure a thing belongs to.
CREATE VIEW newsletter.rollup_facts WITH (security_invoker = true) AS
SELECT coalesce(q.campaign_id, '00000000-0000-0000-0000-000000000000') AS campaign, coalesce(q.created_at, q.scheduled_at) AS at,
       1::bigint AS queued, false AS sent, NULL::text AS fate, 0::bigint AS unsubscribed, 0::bigint AS replied,
       0::smallint AS segments, 0::numeric AS cost
  FROM newsletter.sms_send_queue q
UNION ALL
SELECT coalesce(a.campaign_id, '00000000-0000-0000-0000-000000000000'), a.settled_at, 0, a.outcome = 'accepted',
       CASE WHEN coalesce(e.status::text, k.status) = 'DELIVERED' THEN 'delivered'
            WHEN coalesce(e.status::text, k.status) IN ('FAILED', 'UNDELIVERED') THEN
              CASE WHEN a.outcome <> 'accepted' THEN 'refused'
                   ELSE coalesce(CASE WHEN e.attempt_id IS NULL THEN k.failure_class ELSE e.failure_class END, 'broken') END
            WHEN a.outcome = 'accepted' AND coalesce(e.attempt_id, k.attempt_id) IS NOT NULL THEN 'unconfirmed' END,
       0, 0, CASE WHEN a.outcome = 'accepted' THEN a.segments_billed END, CASE WHEN a.outcome = 'accepted' THEN a.cents_billed END
  FROM newsletter.sms_attempts a
  -- An event that is still open says nothing: what was kept of a deleted one stands until there is news.
  LEFT JOIN newsletter.sms_delivery_events e
    ON e.attempt_id = a.id AND (e.status IN ('DELIVERED', 'FAILED', 'UNDELIVERED') OR e.closed_at IS NOT NULL)
  LEFT JOIN newsletter.rollup_deleted_deliveries k ON k.attempt_id = a.id
 WHERE a.settled_at IS NOT NULL
UNION ALL
SELECT campaign_id, occurred_at, 0, false, NULL, 1, 0, 0, 0 FROM newsletter.campaign_events WHERE event_type = 'UNSUBSCRIBED'
UNION ALL
SELECT coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'), written_at, 0, false, NULL, 0, 1, 0, 0 FROM newsletter.sms_inbound_messages
UNION ALL
SELECT coalesce(campaign_id, '00000000-0000-0000-0000-000000000000'), at, queued, false, NULL, unsubscribed, replied, 0, 0
  FROM newsletter.rollup_deleted;
COMMENT ON VIEW newsletter.rollup_facts IS 'All that the figures by day are counted from: for the dispatcher.';
COMMENT ON COLUMN newsletter.rollup_facts.campaign IS 'The campaign; all zeros: none.';
COMMENT ON COLUMN newsletter.rollup_facts.at IS 'The time that decides on the day.';
COMMENT ON COLUMN newsletter.rollup_facts.queued IS 'Rows of the queue.';
COMMENT ON COLUMN newsletter.rollup_facts.sent IS 'Whether it is an attempt that RingCentral accepted.';
COMMENT ON COLUMN newsletter.rollup_facts.fate IS 'What became of an attempt: delivered, unconfirmed, or why it failed; NULL: nothing that is known.';
COMMENT ON COLUMN newsletter.rollup_facts.unsubscribed IS 'People who opted out.';
COMMENT ON COLUMN newsletter.rollup_facts.replied IS 'Texts that people wrote.';
COMMENT ON COLUMN newsletter.rollup_facts.segments IS 'Segments that were billed.';
COMMENT ON COLUMN newsletter.rollup_facts.cost IS 'Cents that were billed.';

-- Counts days of campaigns (NULL: none), those without anything left out. The indexes are read a few hours further than
-- the day, since midnight comes twice or never in some zones; which day a time belongs to is said by one expression.
CREATE FUNCTION newsletter.counted_days(campaigns uuid[], days date[]) RETURNS SETOF newsletter.campaign_metrics_daily
LANGUAGE sql STABLE AS $$
  SELECT p.campaign_id, p.day, f.queued, f.sent, f.delivered,
         f.refused + f.number + f.absent + f.opted_out + f.spam + f.text + f.sender + f."limit" + f.broken,
         f.refused, f.number, f.absent, f.opted_out, f.spam, f.text, f.sender, f."limit", f.broken,
         f.unconfirmed, f.unsubscribed, f.replied, f.segments, f.cost, now()
    FROM newsletter.rollup_zone z CROSS JOIN unnest(campaigns, days) AS p(campaign_id, day)
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(queued), 0)::bigint AS queued, count(*) FILTER (WHERE sent) AS sent,
            count(*) FILTER (WHERE fate = 'delivered') AS delivered, count(*) FILTER (WHERE fate = 'refused') AS refused,
            count(*) FILTER (WHERE fate = 'number') AS number, count(*) FILTER (WHERE fate = 'absent') AS absent,
            count(*) FILTER (WHERE fate = 'opted_out') AS opted_out, count(*) FILTER (WHERE fate = 'spam') AS spam,
            count(*) FILTER (WHERE fate = 'text') AS text, count(*) FILTER (WHERE fate = 'sender') AS sender,
            count(*) FILTER (WHERE fate = 'limit') AS "limit",
            count(*) FILTER (WHERE fate NOT IN ('delivered', 'unconfirmed', 'refused', 'number', 'absent', 'opted_out', 'spam',
                                                'text', 'sender', 'limit')) AS broken,
            count(*) FILTER (WHERE fate = 'unconfirmed') AS unconfirmed, coalesce(sum(unsubscribed), 0)::bigint AS unsubscribed,
            coalesce(sum(replied), 0)::bigint AS replied, coalesce(sum(segments), 0)::bigint AS segments,
            coalesce(sum(cost), 0)::numeric(14,4) AS cost
       FROM newsletter.rollup_facts
      WHERE campaign = coalesce(p.campaign_id, '00000000-0000-0000-0000-000000000000')
        AND at >= (p.day::timestamp AT TIME ZONE z.zone) - interval '3 hours'
        AND at < (p.day::timestamp AT TIME ZONE z.zone) + interval '28 hours'
        AND (at AT TIME ZONE z.zone)::date = p.day AND newsletter.quarter_hour(at) IS NOT NULL) AS f
   WHERE f.queued + f.sent + f.delivered + f.unconfirmed + f.unsubscribed + f.replied
         + f.refused + f.number + f.absent + f.opted_out + f.spam + f.text + f.sender + f."limit" + f.broken > 0
$$;
COMMENT ON FUNCTION newsletter.counted_days(uuid[], date[]) IS 'Counts the figures of days of campaigns from all that happened.';

-- The notes. Of a hundred thousand rows in one statement there are as many as quarters of an hour in which they lie.
CREATE FUNCTION newsletter.note_queued() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO newsletter.rollup_stale (campaign_id, at)
  SELECT DISTINCT campaign_id, newsletter.quarter_hour(coalesce(created_at, scheduled_at)) FROM changed
   WHERE newsletter.quarter_hour(coalesce(created_at, scheduled_at)) IS NOT NULL;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.note_queued() IS 'Notes the days on which rows were queued.';
CREATE TRIGGER note_queued AFTER INSERT ON newsletter.sms_send_queue
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION newsletter.note_queued();

-- A row that the application gives to another campaign, or another time. Row by row: so the condition keeps the
-- dispatcher's own updates, which are many, from costing anything.
CREATE FUNCTION newsletter.note_requeued() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO newsletter.rollup_stale (campaign_id, at)
  SELECT t.campaign_id, newsletter.quarter_hour(t.at)
    FROM (VALUES (OLD.campaign_id, coalesce(OLD.created_at, OLD.scheduled_at)),
                 (NEW.campaign_id, coalesce(NEW.created_at, NEW.scheduled_at))) AS t(campaign_id, at)
   WHERE newsletter.quarter_hour(t.at) IS NOT NULL;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.note_requeued() IS 'Notes both days of a row of the queue that was moved.';
CREATE TRIGGER note_requeued AFTER UPDATE OF campaign_id, created_at, scheduled_at ON newsletter.sms_send_queue
  FOR EACH ROW WHEN (OLD.campaign_id IS DISTINCT FROM NEW.campaign_id
                     OR coalesce(OLD.created_at, OLD.scheduled_at) IS DISTINCT FROM coalesce(NEW.created_at, NEW.scheduled_at))
  EXECUTE FUNCTION newsletter.note_requeued();

CREATE FUNCTION newsletter.note_settled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO newsletter.rollup_stale (campaign_id, at)
  SELECT DISTINCT campaign_id, newsletter.quarter_hour(settled_at)
    FROM (SELECT campaign_id, settled_at FROM before UNION ALL SELECT campaign_id, settled_at FROM changed) AS t
   WHERE newsletter.quarter_hour(settled_at) IS NOT NULL;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.note_settled() IS 'Notes the days on which attempts were settled, or settled before.';
CREATE TRIGGER note_settled AFTER UPDATE ON newsletter.sms_attempts
  REFERENCING OLD TABLE AS before NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION newsletter.note_settled();

CREATE FUNCTION newsletter.note_written_settled() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO newsletter.rollup_stale (campaign_id, at)
  SELECT NEW.campaign_id, newsletter.quarter_hour(NEW.settled_at) WHERE newsletter.quarter_hour(NEW.settled_at) IS NOT NULL;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.note_written_settled() IS 'Notes the day of an attempt that is settled when it is written.';
CREATE TRIGGER note_written_settled AFTER INSERT ON newsletter.sms_attempts
  FOR EACH ROW WHEN (NEW.settled_at IS NOT NULL) EXECUTE FUNCTION newsletter.note_written_settled();

-- A delivery event counts on the day of its attempt: late news opens that day again. An event that says nothing but
-- that the text is under way changes no figure. (OFFSET 0: each attempt is looked up, however few PostgreSQL expects.)
CREATE FUNCTION newsletter.note_delivered() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO newsletter.rollup_stale (campaign_id, at)
  SELECT DISTINCT a.campaign_id, newsletter.quarter_hour(a.settled_at)
    FROM changed e
   CROSS JOIN LATERAL (SELECT campaign_id, settled_at FROM newsletter.sms_attempts WHERE id = e.attempt_id OFFSET 0) AS a
   WHERE (e.status IN ('DELIVERED', 'FAILED', 'UNDELIVERED') OR e.closed_at IS NOT NULL)
     AND newsletter.quarter_hour(a.settled_at) IS NOT NULL;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.note_delivered() IS 'Notes the days of attempts of which there is news.';
CREATE TRIGGER note_delivered AFTER INSERT ON newsletter.sms_delivery_events
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION newsletter.note_delivered();
CREATE TRIGGER note_redelivered AFTER UPDATE ON newsletter.sms_delivery_events
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION newsletter.note_delivered();
CREATE TRIGGER note_undelivered AFTER UPDATE ON newsletter.sms_delivery_events
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION newsletter.note_delivered();

-- Opt-outs and replies are few: they are noted row by row.
CREATE FUNCTION newsletter.note_moment(campaign uuid, moment timestamptz) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO newsletter.rollup_stale (campaign_id, at)
  SELECT campaign, newsletter.quarter_hour(moment) WHERE newsletter.quarter_hour(moment) IS NOT NULL
$$;
COMMENT ON FUNCTION newsletter.note_moment(uuid, timestamptz) IS 'Notes the day of a moment, if it is on one.';

CREATE FUNCTION newsletter.note_unsubscribed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM newsletter.note_moment(NEW.campaign_id, NEW.occurred_at);
  IF TG_OP = 'UPDATE' THEN
    PERFORM newsletter.note_moment(OLD.campaign_id, OLD.occurred_at);
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.note_unsubscribed() IS 'Notes the day on which somebody opted out.';
CREATE TRIGGER note_unsubscribed AFTER INSERT ON newsletter.campaign_events
  FOR EACH ROW WHEN (NEW.event_type = 'UNSUBSCRIBED') EXECUTE FUNCTION newsletter.note_unsubscribed();
CREATE TRIGGER note_resubscribed AFTER UPDATE ON newsletter.campaign_events
  FOR EACH ROW WHEN (NEW.event_type = 'UNSUBSCRIBED' OR OLD.event_type = 'UNSUBSCRIBED') EXECUTE FUNCTION newsletter.note_unsubscribed();

CREATE FUNCTION newsletter.note_replied() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM newsletter.note_moment(NEW.campaign_id, NEW.written_at);
  IF TG_OP = 'UPDATE' THEN
    PERFORM newsletter.note_moment(OLD.campaign_id, OLD.written_at);
  END IF;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.note_replied() IS 'Notes the day on which somebody wrote.';
CREATE TRIGGER note_replied AFTER INSERT OR UPDATE OF campaign_id, written_at ON newsletter.sms_inbound_messages
  FOR EACH ROW EXECUTE FUNCTION newsletter.note_replied();

-- What is deleted keeps its figures, so no day becomes stale.
CREATE FUNCTION newsletter.keep_figures() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  CASE TG_TABLE_NAME
  WHEN 'sms_send_queue' THEN
    INSERT INTO newsletter.rollup_deleted (campaign_id, at, queued)
    SELECT campaign_id, newsletter.quarter_hour(coalesce(created_at, scheduled_at)), count(*) FROM gone
     WHERE newsletter.quarter_hour(coalesce(created_at, scheduled_at)) IS NOT NULL GROUP BY 1, 2;
  WHEN 'campaign_events' THEN
    INSERT INTO newsletter.rollup_deleted (campaign_id, at, unsubscribed)
    SELECT campaign_id, newsletter.quarter_hour(occurred_at), count(*) FROM gone
     WHERE event_type = 'UNSUBSCRIBED' AND newsletter.quarter_hour(occurred_at) IS NOT NULL GROUP BY 1, 2;
  WHEN 'sms_inbound_messages' THEN
    INSERT INTO newsletter.rollup_deleted (campaign_id, at, replied)
    SELECT campaign_id, newsletter.quarter_hour(written_at), count(*) FROM gone
     WHERE newsletter.quarter_hour(written_at) IS NOT NULL GROUP BY 1, 2;
  ELSE
    INSERT INTO newsletter.rollup_deleted_deliveries AS k (attempt_id, status, failure_class)
    SELECT attempt_id, status::text, failure_class FROM gone
     WHERE attempt_id IS NOT NULL AND (status IN ('DELIVERED', 'FAILED', 'UNDELIVERED') OR closed_at IS NOT NULL)
    ON CONFLICT (attempt_id) DO UPDATE
       SET status = excluded.status, failure_class = excluded.failure_class, kept_at = excluded.kept_at;
  END CASE;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION newsletter.keep_figures() IS 'Keeps what deleted rows said, so that no figure changes.';
CREATE TRIGGER keep_figures AFTER DELETE ON newsletter.sms_send_queue
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION newsletter.keep_figures();
CREATE TRIGGER keep_figures AFTER DELETE ON newsletter.campaign_events
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION newsletter.keep_figures();
CREATE TRIGGER keep_figures AFTER DELETE ON newsletter.sms_inbound_messages
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION newsletter.keep_figures();
CREATE TRIGGER keep_figures AFTER DELETE ON newsletter.sms_delivery_events
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION newsletter.keep_figures();

REVOKE EXECUTE ON FUNCTION newsletter.note_queued(), newsletter.note_requeued(), newsletter.note_settled(), newsletter.note_written_settled(),
  newsletter.note_delivered(), newsletter.note_unsubscribed(), newsletter.note_replied(), newsletter.note_moment(uuid, timestamptz),
  newsletter.keep_figures() FROM PUBLIC;

-- What has happened so far is counted by the first process that leads.
INSERT INTO newsletter.rollup_stale (campaign_id, at)
SELECT DISTINCT nullif(campaign, '00000000-0000-0000-0000-000000000000'), newsletter.quarter_hour(at) FROM newsletter.rollup_facts
 WHERE newsletter.quarter_hour(at) IS NOT NULL;
