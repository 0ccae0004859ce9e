"""Consent belongs to a number: one STOP ends all of it, and START restores exactly what was."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from support.claiming import Judged, claim, share, terms
from support.host import connected
from support.queue import campaign, open_attempt, person, text

from dispatcher.core.guard import Allow, Cancel, Verdict
from dispatcher.core.message import Claim, Facts
from dispatcher.core.reason import Reason
from dispatcher.store import consent
from dispatcher.store.consent import OptedOut, OptOut
from dispatcher.store.database import Connection
from dispatcher.store.opening import Opened, open_attempts

PHONE = "+19165550100"
AT = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def stop(conn: Connection, at: datetime = AT, **more: Any) -> OptedOut:
    async with conn.transaction():
        return await consent.opt_out(conn, OptOut(PHONE, at, "stop", **more))


async def start(conn: Connection, at: datetime) -> bool:
    async with conn.transaction():
        return await consent.opt_in(conn, PHONE, at)


async def suppression(conn: Connection) -> asyncpg.Record:
    row = await conn.fetchrow(
        "SELECT * FROM newsletter.sms_suppressions WHERE phone = $1 AND reason = 'opted_out'",
        PHONE,
    )
    assert row
    return row


async def stands(conn: Connection, who: UUID) -> tuple[bool, datetime | None]:
    row = await conn.fetchrow(
        "SELECT sms_subscribed, sms_unsubscribed_at FROM newsletter.subscribers WHERE id = $1",
        who,
    )
    assert row
    return row["sms_subscribed"], row["sms_unsubscribed_at"]


async def status(conn: Connection, message: UUID) -> tuple[str, str | None, int]:
    row = await conn.fetchrow(
        "SELECT status::text, reason, fence FROM newsletter.sms_send_queue WHERE id = $1",
        message,
    )
    assert row
    return row["status"], row["reason"], row["fence"]


async def test_a_stop_unsubscribes_everybody_with_the_number(
    owner: Connection, daemon: Connection
) -> None:
    ada, bob = await person(owner), await person(owner, phone="(916) 555-0100")
    other = await person(owner, phone="+19165550101")
    earlier = AT - HOUR
    gone = await person(owner, subscribed=False)
    await owner.execute(
        "UPDATE newsletter.subscribers SET sms_unsubscribed_at = $2 WHERE id = $1",
        gone,
        earlier,
    )
    assert (await stop(daemon)).new
    assert [await stands(owner, each) for each in (ada, bob)] == [(False, AT)] * 2
    assert await stands(owner, gone) == (False, earlier), "what the application said is kept"
    assert await stands(owner, other) == (True, None)
    row = await suppression(owner)
    assert (row["since"], row["lifted_at"], row["source"]) == (AT, None, "stop")


async def test_a_stop_cancels_what_is_unopened_in_every_campaign(
    owner: Connection, daemon: Connection
) -> None:
    spring, autumn = await campaign(owner), await campaign(owner)
    waiting = await text(owner, campaign=spring)
    other_spelling = await text(owner, campaign=autumn, phone="916.555.0100")
    claimed = await text(owner, campaign=autumn, status="sending", claimed_by=1, fence=7)
    alone = await text(owner)
    done = await stop(daemon)
    assert {(c.message, c.campaign) for c in done.cancelled} == {
        (waiting, spring),
        (other_spelling, autumn),
        (claimed, autumn),
        (alone, None),
    }
    for message, fence in ((waiting, 1), (other_spelling, 1), (claimed, 8), (alone, 1)):
        assert await status(owner, message) == ("failed", "opted_out", fence)


@pytest.mark.parametrize(
    "kept",
    [
        {"status": "sending", "claimed_by": 1, "attempt_id": 5},
        {"status": "sending", "claimed_by": 1, "unknown_at": True},
        {"status": "sending"},
        {"status": "sent"},
        {"status": "failed", "reason": "refused"},
        {"phone": "+19165550101"},
    ],
    ids=["in flight", "unknown", "an older sender's", "sent", "failed", "another number's"],
)
async def test_a_stop_leaves_what_is_in_flight_or_over(
    owner: Connection, daemon: Connection, kept: dict[str, Any]
) -> None:
    message = await text(owner, **kept)
    if kept.get("attempt_id"):
        await open_attempt(owner, message)
    before = await status(owner, message)
    assert (await stop(daemon)).cancelled == []
    assert await status(owner, message) == before


async def test_a_stop_leaves_the_answer_to_a_persons_own_text(
    owner: Connection, daemon: Connection
) -> None:
    message = await text(owner)
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET category = 'compliance', sender = '+16505550100',"
        " answers = gen_random_uuid()"
    )
    assert (await stop(daemon)).cancelled == []
    assert (await status(owner, message))[0] == "pending"


async def test_start_restores_exactly_what_was_there(
    owner: Connection, daemon: Connection
) -> None:
    """Whoever was not subscribed before is not subscribed by it."""
    ada, bob = await person(owner), await person(owner, subscribed=False)
    gone = await person(owner, subscribed=True, opted_out=True)
    before = [await stands(owner, each) for each in (ada, bob, gone)]
    await stop(daemon)
    assert not any([(await stands(owner, each))[0] for each in (ada, bob, gone)])
    assert await start(daemon, AT + HOUR)
    assert [await stands(owner, each) for each in (ada, bob, gone)] == before
    assert (await suppression(owner))["lifted_at"] == AT + HOUR


async def test_a_second_stop_remembers_those_who_came_between(
    owner: Connection, daemon: Connection
) -> None:
    ada = await person(owner)
    await stop(daemon)
    bob = await person(owner)
    again = await stop(daemon, AT + HOUR)
    assert not again.new
    assert [await stands(owner, each) for each in (ada, bob)] == [(False, AT + HOUR)] * 2
    await start(daemon, AT + 2 * HOUR)
    assert [await stands(owner, each) for each in (ada, bob)] == [(True, None)] * 2


async def test_a_person_whom_the_application_changed_since_stays_as_it_wrote(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    back, out, moved = await person(owner), await person(owner), await person(owner)
    await stop(daemon)
    change = (
        "UPDATE newsletter.subscribers SET sms_subscribed = $2::timestamptz IS NULL,"
        " sms_unsubscribed_at = $2, phone = $3 WHERE id = $1"
    )
    await app.execute(change, back, None, PHONE)
    await app.execute(change, out, AT + HOUR / 2, PHONE)
    await app.execute(change, moved, AT, "+19165550101")
    await start(daemon, AT + HOUR)
    assert await stands(owner, back) == (True, None)
    assert await stands(owner, out) == (False, AT + HOUR / 2)
    assert await stands(owner, moved) == (False, AT), "the START is of another number"


async def test_deleting_the_person_keeps_the_suppression(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    ada = await person(owner)
    await stop(daemon)
    await app.execute("DELETE FROM newsletter.subscribers WHERE id = $1", ada)
    assert (await suppression(owner))["lifted_at"] is None
    bob = await person(owner)
    await start(daemon, AT + HOUR)
    assert await stands(owner, bob) == (True, None)
    assert (await suppression(owner))["lifted_at"] == AT + HOUR


async def test_an_opt_out_that_returns_with_a_deletion_outlives_the_start_before_it(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    ada = await person(owner)
    await stop(daemon)
    await start(daemon, AT + HOUR)
    await app.execute(
        "UPDATE newsletter.subscribers SET sms_unsubscribed_at = $1", AT + 2 * HOUR
    )
    await app.execute("DELETE FROM newsletter.subscribers WHERE id = $1", ada)
    assert not await start(daemon, AT + HOUR)
    assert (await suppression(owner))["lifted_at"] is None


async def test_start_lifts_nothing_but_the_opt_out(
    owner: Connection, daemon: Connection
) -> None:
    await owner.execute(
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source) VALUES ($1, 'landline', 'x')",
        PHONE,
    )
    await stop(daemon)
    await start(daemon, AT + HOUR)
    left = await owner.fetch(
        "SELECT reason FROM newsletter.sms_suppressions WHERE lifted_at IS NULL"
    )
    assert [r["reason"] for r in left] == ["landline"]


async def test_a_start_that_is_older_than_the_stop_does_nothing(
    owner: Connection, daemon: Connection
) -> None:
    ada = await person(owner)
    await stop(daemon)
    for at in (AT - HOUR, AT):
        assert not await start(daemon, at)
    assert await stands(owner, ada) == (False, AT)
    assert (await suppression(owner))["lifted_at"] is None


async def test_a_stop_that_comes_after_the_start_that_lifted_it_cancels_and_no_more(
    owner: Connection, daemon: Connection
) -> None:
    ada = await person(owner)
    message = await text(owner, person=ada)
    assert not await start(daemon, AT + HOUR), "nothing was in force"
    done = await stop(daemon)
    assert (done.new, [c.message for c in done.cancelled]) == (False, [message])
    assert await stands(owner, ada) == (True, None)
    assert (await suppression(owner))["lifted_at"] == AT + HOUR


async def events(conn: Connection) -> list[tuple[Any, ...]]:
    rows = await conn.fetch(
        "SELECT campaign_id, subscriber_id, attempt_id, occurred_at FROM newsletter.campaign_events"
        " WHERE event_type = 'UNSUBSCRIBED'"
    )
    return [tuple(r) for r in rows]


async def sent(conn: Connection, spring: UUID, who: UUID, opened: datetime) -> int:
    message = await text(conn, campaign=spring, status="sent")
    made = await open_attempt(conn, message, person=who, campaign=spring, outcome="accepted")
    await conn.execute(
        "UPDATE newsletter.sms_attempts SET opened_at = $2 WHERE id = $1", made, opened
    )
    return made


async def test_the_campaign_that_was_answered_is_told_once(
    owner: Connection, daemon: Connection
) -> None:
    ada, spring, autumn = await person(owner), await campaign(owner), await campaign(owner)
    await sent(owner, spring, ada, AT - 2 * HOUR)
    latest = await sent(owner, autumn, ada, AT - HOUR)
    await sent(owner, spring, ada, AT + HOUR)  # a STOP answers nothing that came after it
    await stop(daemon)
    await stop(daemon)
    assert await events(owner) == [(autumn, ada, latest, AT)]


async def test_the_attempt_that_is_named_is_the_one_that_was_answered(
    owner: Connection, daemon: Connection
) -> None:
    ada, spring = await person(owner), await campaign(owner)
    first = await sent(owner, spring, ada, AT - 2 * HOUR)
    await sent(owner, spring, ada, AT - HOUR)
    await stop(daemon, attempt_id=first)
    assert await events(owner) == [(spring, ada, first, AT)]


async def test_what_left_after_they_wrote_is_answered_only_if_nothing_else_can_be(
    owner: Connection, daemon: Connection
) -> None:
    ada, spring, autumn = await person(owner), await campaign(owner), await campaign(owner)
    later = await sent(owner, autumn, ada, AT + timedelta(seconds=20))
    found = await consent.answered(daemon, PHONE, AT)
    assert found
    assert found.attempt == later, "RingCentral's clock is behind ours"
    earlier = await sent(owner, spring, ada, AT - HOUR)
    found = await consent.answered(daemon, PHONE, AT)
    assert found
    assert found.attempt == earlier


async def test_a_text_is_answered_though_its_process_died_before_it_heard_that_it_left(
    owner: Connection, daemon: Connection
) -> None:
    made = await open_attempt(owner, await text(owner, status="sending"))
    await owner.execute("UPDATE newsletter.sms_attempts SET opened_at = $1", AT - HOUR)
    found = await consent.answered(daemon, PHONE, AT)
    assert found
    assert found.attempt == made


async def test_a_person_who_has_another_number_by_now_may_be_deleted_meanwhile(
    database: str, owner: Connection, daemon: Connection, app: Connection
) -> None:
    """The deletion starts at the person and goes on to their texts, and so do we."""
    ada, spring = await person(owner), await campaign(owner)
    await sent(owner, spring, ada, AT - HOUR)
    message = await text(owner, campaign=spring, person=ada)
    await owner.execute("UPDATE newsletter.subscribers SET phone = '+19165550101'")
    async with connected(database) as other, app.transaction():
        await app.execute("SELECT FROM newsletter.subscribers WHERE id = $1 FOR UPDATE", ada)
        waiting = asyncio.create_task(stop(daemon))
        await waits_for_a_row(other, daemon.get_server_pid())
        await app.execute("DELETE FROM newsletter.subscribers WHERE id = $1", ada)
    await waiting
    assert (await status(owner, message))[0] == "failed"
    assert [who for _, who, _, _ in await events(owner)] == [None]


async def waits_for_a_row(conn: Connection, process: int) -> None:
    """Return once that process of the server's waits for a row that another holds."""
    waiting = "SELECT count(*) FROM pg_locks WHERE pid = $1 AND NOT granted"
    async with asyncio.timeout(10):
        while not await conn.fetchval(waiting, process):
            pass


async def held(owner: Connection, daemon: Connection) -> Claim:
    await text(owner, campaign=await campaign(owner, budget=100), person=await person(owner))
    await share(owner)
    (made,) = (await claim(daemon, 1)).claims
    return made


@Judged
def judge(facts: Facts, _: datetime) -> Verdict:
    return Cancel(Reason.SUPPRESSED) if facts.suppressed else Allow()


async def opening(conn: Connection, claimed: Claim) -> Opened:
    return await open_attempts(conn, [claimed], judge, terms())


async def waits_for_a_lock(conn: Connection) -> None:
    """Return once somebody waits for another's lock."""
    waiting = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    async with asyncio.timeout(10):
        while not await conn.fetchval(waiting):
            pass


async def test_nothing_is_opened_once_the_opt_out_is_committed(
    database: str, owner: Connection, daemon: Connection
) -> None:
    """Not even a text that came when the STOP had cancelled what there was."""
    async with connected(database) as other:
        transaction = owner.transaction()
        await transaction.start()
        await consent.opt_out(owner, OptOut(PHONE, AT, "stop"))
        claimed = await held(other, daemon)
        waiting = asyncio.create_task(opening(daemon, claimed))
        await waits_for_a_lock(other)
        rows = await other.fetchval(
            "SELECT count(*) FROM pg_locks WHERE relation = 'newsletter.sms_send_queue'::regclass AND pid = $1",
            daemon.get_server_pid(),
        )
        assert rows == 0, "whoever waits for the number holds no row"
        await transaction.commit()
    assert [cancel.reason for _, cancel in (await waiting).cancelled] == [Reason.SUPPRESSED]
    assert await owner.fetchval("SELECT count(*) FROM newsletter.sms_attempts") == 0


async def test_a_claim_that_the_opt_out_cancelled_is_lost(
    owner: Connection, daemon: Connection
) -> None:
    claimed = await held(owner, daemon)
    assert [c.message for c in (await stop(owner)).cancelled] == [claimed.facts.id]
    assert (await opening(daemon, claimed)).lost == [claimed]


async def test_an_opt_out_waits_for_what_is_being_opened(
    database: str, owner: Connection, daemon: Connection
) -> None:
    claimed = await held(owner, daemon)
    async with connected(database) as other:
        transaction = daemon.transaction()
        await transaction.start()
        assert (await opening(daemon, claimed)).attempts
        waiting = asyncio.create_task(stop(owner))
        await waits_for_a_lock(other)
        await transaction.commit()
    assert (await waiting).cancelled == []
    assert (await status(owner, claimed.facts.id))[0] == "sending"


async def test_a_text_that_got_another_number_meanwhile_is_claimed_anew(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    """Its new number is not locked against an opt-out that is being written."""
    claimed = await held(owner, daemon)
    await app.execute("UPDATE newsletter.sms_send_queue SET phone_number = '+19165550101'")
    opened = await opening(daemon, claimed)
    assert (opened.attempts, opened.waiting) == ([], [claimed])
    assert (await status(owner, claimed.facts.id))[0] == "pending"
