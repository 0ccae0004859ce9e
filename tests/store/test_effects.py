"""What a carrier's code calls for beside the status."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from support.inbound import entry
from support.queue import campaign, person, text
from support.told import NOON, OURS, accepted, apply, failed, record, tell

from dispatcher.core.alerts import Alert
from dispatcher.store import alerts, closing, consent, leases
from dispatcher.store.closing import SpamRule
from dispatcher.store.database import Connection
from dispatcher.store.leases import Lead

TEN_MINUTES = timedelta(minutes=10)


async def leads(conn: Connection) -> Lead:
    lead = await leases.lead(conn, "shop", 1, TEN_MINUTES)
    assert lead
    return lead


async def test_an_opt_out_that_a_carrier_tells_of_counts_for_every_campaign(
    owner: Connection, daemon: Connection
) -> None:
    ada = await person(owner)
    await accepted(owner, "1", campaign=await campaign(owner), person=ada)
    waiting = await text(owner, campaign=await campaign(owner), person=ada)
    await tell(daemon, failed("1", "SMS-UP-413"))
    assert len((await apply(daemon)).alone) == 1
    row = await owner.fetchrow("SELECT phone, reason, since FROM newsletter.sms_suppressions")
    assert row
    assert tuple(row) == ("+19165550100", "opted_out", NOON + timedelta(minutes=1))
    told = "SELECT status::text, reason FROM newsletter.sms_send_queue WHERE id = $1"
    assert tuple(await owner.fetchrow(told, waiting) or ()) == ("failed", "opted_out")
    event = "SELECT status::text, failure_class FROM newsletter.sms_delivery_events"
    assert tuple(await owner.fetchrow(event) or ()) == ("UNDELIVERED", "opted_out")


async def test_who_opted_in_again_stays_so_when_an_old_record_is_deleted(
    owner: Connection, daemon: Connection
) -> None:
    await accepted(owner, "1")
    await tell(daemon, failed("1", "SMS-UP-413"))
    await apply(daemon)
    async with daemon.transaction():
        assert await consent.opt_in(daemon, "+19165550100", NOON + timedelta(minutes=5))
    await tell(daemon, failed("1", "SMS-UP-413", minutes=10, availability="Deleted"))
    await apply(daemon)
    assert await owner.fetchval("SELECT lifted_at FROM newsletter.sms_suppressions")


async def test_a_clock_that_runs_ahead_makes_no_opt_out_that_outlives_every_start(
    owner: Connection, daemon: Connection
) -> None:
    await accepted(owner, "1")
    later = "2099-01-01T00:00:00Z"
    await tell(daemon, failed("1", "SMS-UP-413", lastModifiedTime=later))
    await apply(daemon)
    assert await owner.fetchval("SELECT since <= now() FROM newsletter.sms_suppressions")


@pytest.mark.parametrize("by", ["their own text", "a carrier"])
async def test_a_number_is_silent_at_once_though_the_application_holds_its_person(
    owner: Connection, daemon: Connection, app: Connection, by: str
) -> None:
    """Nothing leaves for who is suppressed; the rest of the opt-out follows."""
    ada = await person(owner)
    await accepted(owner, "1", campaign=await campaign(owner), person=ada)
    waiting = await text(owner, campaign=await campaign(owner), person=ada)
    written = entry("STOP", NOON + timedelta(minutes=1))
    await tell(daemon, written if by == "their own text" else failed("1", "SMS-UP-413"))
    silent = "SELECT since FROM newsletter.sms_suppressions WHERE reason = 'opted_out' AND lifted_at IS NULL"
    subscribed = "SELECT sms_subscribed FROM newsletter.subscribers"
    async with app.transaction(), asyncio.timeout(20):
        await app.execute("UPDATE newsletter.subscribers SET sms_subscribed = true")
        await apply(daemon)
        assert await owner.fetchval(silent) == NOON + timedelta(minutes=1)
        assert await owner.fetchval(subscribed)
    await apply(daemon)
    assert not await owner.fetchval(subscribed)
    told = "SELECT status::text, reason FROM newsletter.sms_send_queue WHERE id = $1"
    assert tuple(await owner.fetchrow(told, waiting) or ()) == ("failed", "opted_out")
    async with daemon.transaction():
        assert await consent.opt_in(daemon, "+19165550100", NOON + timedelta(minutes=5))
    assert await owner.fetchval(subscribed)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("SMS-RC-410", "landline"),
        ("SMS-UP-410", "unallocated"),
        ("SMS-CAR-400", "unsupported"),
        ("SMS-CAR-411", "unallocated"),
    ],
)
async def test_a_number_that_cannot_be_texted_is_left_alone_for_a_time(
    owner: Connection, daemon: Connection, code: str, reason: str
) -> None:
    for n in "12":
        await accepted(owner, n)
    await tell(daemon, failed("1", code, minutes=60), failed("2", code))
    await apply(daemon)
    row = await owner.fetchrow(
        "SELECT reason, since, until, lifted_at FROM newsletter.sms_suppressions"
    )
    first, last = NOON + timedelta(minutes=1), NOON + timedelta(minutes=60, days=180)
    assert tuple(row or ()) == (reason, first, last, None)


@pytest.mark.parametrize("order", ["12", "21"])
async def test_a_shorter_time_never_shortens_a_longer_one(
    owner: Connection, daemon: Connection, order: str
) -> None:
    for n in order:
        await accepted(owner, n)
        await tell(daemon, failed(n, "SMS-UP-410", minutes=int(n)))
        await apply(daemon)
    row = await owner.fetchrow("SELECT since, until FROM newsletter.sms_suppressions")
    assert tuple(row or ()) == (
        NOON + timedelta(minutes=1),
        NOON + timedelta(minutes=2, days=180),
    )


async def test_what_a_person_lifted_stays_so_for_older_news_and_no_opt_out_is_touched(
    owner: Connection, daemon: Connection
) -> None:
    await accepted(owner, "1")
    await owner.execute(
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source, until, lifted_at)"
        " VALUES ('+19165550100', 'unallocated', 'receipt', $1::timestamptz, $1::timestamptz), ('+19165550100', 'opted_out', 'stop', NULL, NULL)",
        NOON + timedelta(minutes=5),
    )
    before = await owner.fetch(
        "SELECT * FROM newsletter.sms_suppressions WHERE reason = 'opted_out'"
    )
    lifted = "SELECT lifted_at FROM newsletter.sms_suppressions WHERE reason = 'unallocated'"
    await tell(daemon, failed("1", "SMS-UP-410"))
    await apply(daemon)
    assert await owner.fetchval(lifted) == NOON + timedelta(minutes=5)
    await tell(daemon, failed("1", "SMS-UP-410", minutes=9))
    await apply(daemon)
    assert await owner.fetchval(lifted) is None
    after = await owner.fetch(
        "SELECT * FROM newsletter.sms_suppressions WHERE reason = 'opted_out'"
    )
    assert after == before


async def rests(conn: Connection) -> tuple[object, ...]:
    row = await conn.fetchrow("SELECT stopped_until, stopped_code FROM newsletter.sms_senders")
    return tuple(row or ())


async def test_a_limit_of_the_day_holds_the_number_until_midnight_in_california(
    owner: Connection, daemon: Connection
) -> None:
    await owner.execute(
        "INSERT INTO newsletter.sms_senders (login, number, enabled, minute_tokens, day) VALUES ('shop', $1, true, 1, current_date)",
        OURS,
    )
    for n in "12":
        await accepted(owner, n)
    await tell(daemon, failed("1", "SMS-CAR-450"))
    done = await apply(daemon)
    midnight = datetime(2026, 2, 4, 8, tzinfo=UTC)
    assert await rests(owner) == (midnight, "SMS-CAR-450")
    assert done.rested == []  # it is over by now
    await tell(daemon, failed("2", "SMS-CAR-461"))  # an hour: less than what holds
    await apply(daemon)
    assert await rests(owner) == (midnight, "SMS-CAR-450")
    now = datetime.now(UTC)  # noqa: TID251
    await tell(daemon, failed("2", "SMS-CAR-461", lastModifiedTime=now.isoformat()))
    assert (await apply(daemon)).rested == [(OURS, "SMS-CAR-461")]
    assert await rests(owner) == (now + timedelta(hours=1), "SMS-CAR-461")


async def filtered(
    owner: Connection,
    daemon: Connection,
    texts: int,
    spam: int,
    *,
    days: int = 0,
    code: str = "SMS-UP-430",
) -> str:
    """Let a campaign have so many texts, of which some were taken for spam; return its id."""
    spring = await campaign(owner, budget=0)
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat()  # noqa: TID251
    for n in range(texts):
        await accepted(owner, f"{spring}{n}", campaign=spring)
        end = failed(f"{spring}{n}", code) if n < spam else record(f"{spring}{n}", "Delivered")
        await tell(daemon, end | {"lastModifiedTime": at})
    await apply(daemon)
    return str(spring)


STATUS = "SELECT status::text FROM newsletter.campaigns WHERE id = $1::text::uuid"


@pytest.mark.parametrize(
    ("code", "counts"),
    [
        ("SMS-RC-430", True),
        ("SMS-UP-430", True),
        ("SMS-UP-431", True),
        ("SMS-CAR-430", True),
        ("SMS-CAR-431", True),
        pytest.param("SMS-XX-430", True, id="one that nobody has told us of"),
        ("SMS-CAR-432", False),
        ("SMS-RC-410", False),
    ],
)
async def test_what_counts_as_taken_for_spam(
    owner: Connection, daemon: Connection, code: str, *, counts: bool
) -> None:
    await filtered(owner, daemon, 10, 10, code=code)
    paused, _ = await closing.pause_filtered(daemon, await leads(daemon), SpamRule(2, 10))
    assert bool(paused) == counts


async def test_a_campaign_that_is_taken_for_spam_is_paused_once(
    owner: Connection, daemon: Connection
) -> None:
    spring = await filtered(owner, daemon, 50, 2)
    lead, rule = await leads(daemon), SpamRule(2, 50)
    (paused,), changed = await closing.pause_filtered(daemon, lead, rule)
    assert (str(paused.campaign), paused.texts, paused.filtered) == (spring, 50, 2)
    assert changed.raised == [Alert("spam_filtered", spring)]
    assert await owner.fetchval(STATUS, spring) == "PAUSED"
    day = await owner.fetchval("SELECT current_date")
    assert (await alerts.follow(daemon, day)).cleared == ()
    await owner.execute("UPDATE newsletter.campaigns SET status = 'SENDING'")
    # Whoever resumes it has seen what was: only what comes after that counts.
    assert (await closing.pause_filtered(daemon, lead, rule))[0] == []
    assert (await alerts.follow(daemon, day)).cleared == [Alert("spam_filtered", spring)]
    assert (await closing.pause_filtered(daemon, lead, rule))[0] == []
    assert await owner.fetchval(STATUS, spring) == "SENDING"


@pytest.mark.parametrize(
    ("texts", "spam", "days"),
    [(49, 49, 0), (100, 2, 0), (60, 60, 2)],
    ids=["few", "share", "old"],
)
async def test_little_or_old_spam_pauses_nothing(
    owner: Connection, daemon: Connection, texts: int, spam: int, days: int
) -> None:
    await filtered(owner, daemon, texts, spam, days=days)
    paused, _ = await closing.pause_filtered(daemon, await leads(daemon), SpamRule(2, 50))
    assert paused == []


async def test_nobody_waits_for_ever_for_the_end_of_a_text(
    owner: Connection, daemon: Connection
) -> None:
    now = datetime.now(UTC)  # noqa: TID251
    for n, hours in enumerate([80, 73, 71]):
        await accepted(owner, str(n), settled_at=now - timedelta(hours=hours))
    lead, after = await leads(daemon), timedelta(hours=72)
    assert [await closing.end_unconfirmed(daemon, lead, after, 1) for _ in range(3)] == [
        1,
        1,
        0,
    ]
    ends = "SELECT status::text, closed_at IS NOT NULL FROM newsletter.sms_delivery_events ORDER BY message_sid"
    said = [tuple(r) for r in await owner.fetch(ends)]
    assert said == [("QUEUED", True), ("QUEUED", True), ("QUEUED", False)]
    await tell(daemon, record("0", "Delivered"))
    await apply(daemon)
    assert tuple((await owner.fetch(ends))[0]) == ("DELIVERED", True)


async def test_receipts_go_when_they_are_old_and_foreign_ones_are_given_up(
    owner: Connection, daemon: Connection
) -> None:
    await accepted(owner, "1")
    await tell(daemon, record("1", "Sent"), record("2", "Sent"))
    await apply(daemon)
    lead, days = await leads(daemon), timedelta(days=3)
    assert await closing.give_up(daemon, lead, days, 9) == 0
    await owner.execute(
        "UPDATE newsletter.sms_receipts SET early_at = early_at - interval '4 days'"
    )
    assert await closing.give_up(daemon, lead, days, 9) == 1
    assert await closing.forget(daemon, lead, days, 9) == 0
    await owner.execute(
        "UPDATE newsletter.sms_receipts SET applied_at = applied_at - interval '4 days'"
    )
    assert [await closing.forget(daemon, lead, days, 1) for _ in range(3)] == [1, 1, 0]
