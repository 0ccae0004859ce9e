"""The claim looks as far as it must, and no farther."""

from dataclasses import fields, replace
from datetime import date, datetime, timedelta

import pytest
from support.claiming import Judged
from support.queue import campaign, person
from support.rules import RULES, law

from dispatcher.core.guard import SPREAD, Allow, Cancel, Verdict
from dispatcher.core.judge import Judge
from dispatcher.core.law import Hours
from dispatcher.core.message import Facts
from dispatcher.core.reason import Reason
from dispatcher.store import claims, login
from dispatcher.store.claims import Claimed, Limits
from dispatcher.store.database import Connection
from dispatcher.store.facts import SQL as FACTS

DAY = date(2026, 3, 3)
NUMBER = "+19165550199"
ANY_HOUR = replace(RULES, law=law(Hours.OFF))


@Judged
def judge(facts: Facts, _now: datetime) -> Verdict:
    return Allow() if facts.text == "yes" else Cancel(Reason.NO_CONSENT)


@pytest.fixture
async def limits(owner: Connection, daemon: Connection) -> Limits:
    """One login with three tokens and a number that may send."""
    await login.make_bucket(daemon, "us", "medium", capacity=3, per_second=0.001)
    await login.know_senders(daemon, "us", {NUMBER: True}, DAY)
    await owner.execute("UPDATE newsletter.sms_buckets SET tokens = 3")
    await owner.execute("UPDATE newsletter.sms_senders SET minute_tokens = 50")
    next_day = await owner.fetchval("SELECT now() + interval '1 day'")
    return Limits(1, "us", "medium", 50, 500, DAY, next_day, timedelta(minutes=1), idle=True)


async def queue(owner: Connection, *texts: tuple[str, int]) -> None:
    """Put so many of each text into a new campaign, in this order."""
    spring = await campaign(owner)
    for n, (content, count) in enumerate(texts):
        await owner.execute(
            "INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content, scheduled_at)"
            " SELECT $1, '+1916555' || lpad((100 + i % 100)::text, 4, '0'), $2, now() - interval '1 hour' + $3 * interval '1 s'"
            " FROM generate_series(1, $4::int) i",
            spring,
            content,
            n,
            count,
        )


async def claim(daemon: Connection, limits: Limits) -> Claimed:
    line, _ = await claims.lanes(daemon, DAY)
    return await claims.claim(daemon, line, 100, judge, limits)


async def test_the_facts_have_their_places(daemon: Connection) -> None:
    query = await daemon.prepare(FACTS["facts"])
    columns = [column.name for column in query.get_attributes()]
    assert columns == [field.name for field in fields(Facts)]


async def test_it_looks_at_few_where_these_may_go(
    owner: Connection, daemon: Connection, limits: Limits
) -> None:
    await queue(owner, ("yes", 300))
    done = await claim(daemon, limits)
    assert len(done.claims) == 3
    assert done.looked_at < 20


async def test_it_looks_past_those_that_may_not(
    owner: Connection, daemon: Connection, limits: Limits
) -> None:
    await queue(owner, ("no", 300), ("yes", 5))
    done = await claim(daemon, limits)
    assert (len(done.claims), len(done.cancelled), done.looked_at) == (3, 300, 305)


async def test_it_looks_past_a_number_that_is_full(
    owner: Connection, daemon: Connection, limits: Limits
) -> None:
    """Two campaigns' people hear from two numbers: one that is full stops its own people alone."""
    full = "+19165550198"
    await login.know_senders(daemon, "us", {NUMBER: True, full: True}, DAY)
    await owner.execute(
        "UPDATE newsletter.sms_senders SET minute_tokens = CASE WHEN number = $1 THEN 0 ELSE 50 END",
        full,
    )
    await queue(owner, ("yes", 300))
    await owner.execute(
        "INSERT INTO newsletter.sms_attempts (message_id, category, phone, sender, text_hash, fence, process_id, send_by,"
        " segment_price, segments_reserved, cents_reserved, outcome, settled_at)"
        " SELECT id, 'promotion', phone_number, $1, sha256(convert_to(id::text, 'UTF8')), 1, 1, now() + interval '5 s', 1, 1, 1,"
        " 'accepted', now() FROM newsletter.sms_send_queue ORDER BY scheduled_at, id LIMIT 60",
        full,
    )
    done = await claim(daemon, limits)
    assert [c.sender for c in done.claims] == [NUMBER] * 3


async def test_without_a_token_it_clears_away_all_the_same(
    owner: Connection, daemon: Connection, limits: Limits
) -> None:
    await queue(owner, ("yes", 20), ("no", 300))
    await owner.execute("UPDATE newsletter.sms_buckets SET tokens = 0")
    done = await claim(daemon, limits)
    assert (len(done.claims), len(done.cancelled)) == (0, 300)


async def test_whose_number_is_done_for_the_day_waits_or_is_over_at_once(
    owner: Connection, daemon: Connection, limits: Limits
) -> None:
    """A promotion of now ends in 24 hours, one that was due an hour ago before the next day."""
    for phone in ("+19165550101", "+19165550102"):
        await person(owner, phone=phone)
    await queue(owner, ("yes", 2))
    last = "UPDATE newsletter.sms_send_queue SET scheduled_at = now() WHERE id = (SELECT max(id::text)::uuid FROM newsletter.sms_send_queue)"
    await owner.execute(last)
    await owner.execute("UPDATE newsletter.sms_senders SET texts = 500, day = $1", DAY)
    next_day = await owner.fetchval("SELECT now() + interval '23 hours 30 minutes'")
    lanes, _ = await claims.lanes(daemon, DAY)
    done = await claims.claim(
        daemon, lanes, 100, Judge(ANY_HOUR), replace(limits, next_day=next_day)
    )
    ((_, deferred),), ((_, cancelled),) = done.deferred, done.cancelled
    assert (deferred.reason, deferred.by) == (Reason.SENDER_LIMIT, "sender")
    assert next_day <= deferred.until < next_day + SPREAD
    assert (cancelled.reason, cancelled.by) == (Reason.EXPIRED, "sender")
