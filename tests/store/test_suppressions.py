"""Numbers that get no texts: what is added holds, what is lifted goes, and evidence stays."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from support.claiming import NO_MEMORY
from support.queue import open_attempt, person, text

from dispatcher.core.suppression import Reason, Wanted
from dispatcher.store import consent, facts, suppressions
from dispatcher.store.database import Connection
from dispatcher.store.suppressions import IMPORT, PERSON, Added, People

PHONE = "+19165550100"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHY, BY = "They told us", "Ada, as app_daemon"
ROW = "SELECT * FROM newsletter.sms_suppressions WHERE phone = $1 AND reason = $2"
CANCELLED = ("failed", "suppressed")


async def now(conn: Connection) -> datetime:
    moment: datetime = await conn.fetchval("SELECT now()")
    return moment


async def add(
    daemon: Connection,
    reason: Reason = Reason.COMPLAINT,
    *,
    ends: timedelta | None = None,
    ago: timedelta = timedelta(0),
    theirs: bool = False,
    source: str = PERSON,
) -> Added:
    moment = await now(daemon)
    until = moment + ends if ends else None
    wanted = Wanted("(916) 555-0100", reason, moment - ago, until, theirs, WHY)
    done = await suppressions.add(daemon, wanted, source, BY)
    assert done
    return done


async def fate(owner: Connection, message: UUID) -> tuple[str, str | None]:
    row = await owner.fetchrow(
        "SELECT status::text AS status, reason FROM newsletter.sms_send_queue WHERE id = $1",
        message,
    )
    assert row
    return row["status"], row["reason"]


async def suppressed(owner: Connection, daemon: Connection) -> bool:
    message = await text(owner)
    return (await facts.read_facts(daemon, [message], NO_MEMORY))[message].suppressed


async def story(owner: Connection) -> list[tuple[str, str, str | None, str | None]]:
    rows = await owner.fetch(
        "SELECT * FROM newsletter.consent_events WHERE phone = $1 ORDER BY id", PHONE
    )
    return [(r["event"], r["source"], r["decided_by"], r["why"]) for r in rows]


@pytest.mark.parametrize("reason", list(Reason))
async def test_whatever_the_reason_nothing_more_leaves(
    owner: Connection, daemon: Connection, reason: Reason
) -> None:
    waiting, claimed = await text(owner), await text(owner, status="sending", claimed_by=1)
    assert (await add(daemon, reason)).cancelled == 2
    cancelled = ("failed", "opted_out") if reason is Reason.OPTED_OUT else CANCELLED
    for message in (waiting, claimed):
        assert await fate(owner, message) == cancelled
    assert await suppressed(owner, daemon)
    assert (
        await owner.fetchval("SELECT word FROM newsletter.sms_messages WHERE id = $1", waiting)
        == "cancelled"
    )


async def test_what_is_opened_and_what_is_anothers_is_left(
    owner: Connection, daemon: Connection
) -> None:
    opened = await text(owner, status="sending", claimed_by=1)
    await open_attempt(owner, opened)
    other = await text(owner, phone="+19165550101")
    unknown = await text(owner, status="sending", claimed_by=1, unknown_at=True)
    assert (await add(daemon)).cancelled == 0
    for message, status in ((opened, "sending"), (other, "pending"), (unknown, "sending")):
        assert await fate(owner, message) == (status, None)


async def test_who_opts_out_so_is_opted_out_in_full(
    owner: Connection, daemon: Connection
) -> None:
    someone = await person(owner)
    await add(daemon, Reason.OPTED_OUT)
    row = await owner.fetchrow("SELECT * FROM newsletter.subscribers WHERE id = $1", someone)
    assert row
    assert not row["sms_subscribed"]
    assert row["sms_unsubscribed_at"]
    events = await story(owner)
    assert events[0][0] == "opt_in"
    assert set(events[1:]) == {("opt_out", "person", BY, WHY)}


async def test_another_reason_unsubscribes_nobody(
    owner: Connection, daemon: Connection
) -> None:
    await person(owner)
    await add(daemon)
    assert await owner.fetchval("SELECT sms_subscribed FROM newsletter.subscribers")


async def test_the_evidence_names_who_and_why(owner: Connection, daemon: Connection) -> None:
    await add(daemon)
    await suppressions.lift(daemon, PHONE, [Reason.COMPLAINT], BY, "A mistake")
    assert await story(owner) == [
        ("suppressed", "person", BY, WHY),
        ("released", "person", BY, "A mistake"),
    ]


async def test_what_is_said_is_forgotten_after_its_transaction(
    owner: Connection, daemon: Connection
) -> None:
    await add(daemon)
    await daemon.execute(
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source) VALUES ($1, 'landline', 'receipt')",
        PHONE,
    )
    assert (await story(owner))[-1] == ("suppressed", "receipt", None, "landline")


async def test_an_end_that_has_passed_holds_nothing(
    owner: Connection, daemon: Connection
) -> None:
    await add(daemon, Reason.LANDLINE, ends=DAY)
    assert await suppressed(owner, daemon)
    await owner.execute("UPDATE newsletter.sms_suppressions SET until = now()")
    assert not await suppressed(owner, daemon)
    (one,) = await suppressions.look(daemon, None, 9)
    assert (one.reason, one.ended) == ("landline", True)


@pytest.mark.parametrize(
    "ends",
    [
        (None, DAY, False, None),
        (2 * DAY, DAY, False, 2 * DAY),
        (DAY, 2 * DAY, False, 2 * DAY),
        (DAY, None, False, None),
        (None, DAY, True, DAY),
        (2 * DAY, DAY, True, DAY),
    ],
)
async def test_only_who_says_so_shortens_an_end(
    owner: Connection,
    daemon: Connection,
    ends: tuple[timedelta | None, timedelta | None, bool, timedelta | None],
) -> None:
    first, second, theirs, left = ends
    async with owner.transaction(), daemon.transaction():  # one now()
        await add(daemon, ends=first)
        done = await add(daemon, ends=second, theirs=theirs)
        assert done.until == (await now(daemon) + left if left else None)


async def test_what_a_person_lifted_an_older_line_does_not_bring_back(
    owner: Connection, daemon: Connection
) -> None:
    await add(daemon)
    await suppressions.lift(daemon, PHONE, [Reason.COMPLAINT], BY, WHY)
    assert not (await add(daemon, ago=HOUR, source=IMPORT)).holds
    assert not await suppressed(owner, daemon)
    assert (await add(daemon)).holds
    row = await owner.fetchrow(ROW, PHONE, "complaint")
    assert row
    assert row["lifted_at"] is None


async def test_an_older_opt_out_does_not_undo_a_start(
    owner: Connection, daemon: Connection
) -> None:
    async with daemon.transaction():
        await consent.opt_in(daemon, PHONE, await now(daemon))
    assert not (await add(daemon, Reason.OPTED_OUT, ago=HOUR, source=IMPORT)).holds
    assert not await suppressed(owner, daemon)


async def test_one_that_ended_begins_anew(owner: Connection, daemon: Connection) -> None:
    await add(daemon, Reason.LANDLINE, ends=DAY, ago=HOUR)
    await owner.execute("UPDATE newsletter.sms_suppressions SET until = now()")
    assert (await add(daemon, Reason.LANDLINE, ends=DAY)).until
    row = await owner.fetchrow(ROW, PHONE, "landline")
    assert row
    assert row["until"] - row["since"] == DAY


async def test_what_is_no_number_is_not_suppressed(daemon: Connection) -> None:
    wanted = Wanted("12", Reason.COMPLAINT, await now(daemon), None, theirs=False, why=WHY)
    assert await suppressions.add(daemon, wanted, PERSON, BY) is None


async def test_an_opt_out_is_lifted_by_itself_only(
    owner: Connection, daemon: Connection
) -> None:
    await add(daemon, Reason.OPTED_OUT)
    await add(daemon)
    assert await suppressions.lift(daemon, PHONE, list(Reason), BY, WHY) == ["complaint"]
    assert await suppressed(owner, daemon)
    assert [one.reason for one in await suppressions.stands(daemon, PHONE)] == ["opted_out"]


async def test_who_is_taken_back_gets_what_stood_before(
    owner: Connection, daemon: Connection
) -> None:
    await person(owner)
    await person(owner, subscribed=False)
    await add(daemon, Reason.OPTED_OUT)
    assert await suppressions.opt_in(daemon, PHONE, BY, WHY) == People(2, 1, 0)
    assert not await suppressed(owner, daemon)
    assert await suppressions.opt_in(daemon, PHONE, BY, WHY) is None, "it was lifted"
    assert ("opt_in", "person", BY, WHY) in await story(owner)


async def test_a_stop_that_comes_later_stays(owner: Connection, daemon: Connection) -> None:
    await add(daemon, Reason.OPTED_OUT)
    await owner.execute(
        "UPDATE newsletter.sms_suppressions SET since = now() + interval '1 hour'"
    )
    assert await suppressions.opt_in(daemon, PHONE, BY, WHY) is None


async def test_nothing_is_deleted(owner: Connection, daemon: Connection) -> None:
    await add(daemon)
    await suppressions.lift(daemon, PHONE, [Reason.COMPLAINT], BY, WHY)
    assert await suppressions.stands(daemon, PHONE) == []
    row = await owner.fetchrow(ROW, PHONE, "complaint")
    assert row
    assert row["lifted_at"]


async def test_the_list_and_its_counts(owner: Connection, daemon: Connection) -> None:
    await add(daemon, Reason.LANDLINE, ends=DAY)
    await add(daemon)
    await owner.execute(
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source, since, until)"
        " VALUES ('+19165550101', 'landline', 'receipt', now() - interval '1 year', now())"
    )
    seen = [(one.phone, one.reason) for one in await suppressions.look(daemon, "landline", 9)]
    assert seen == [(PHONE, "landline"), ("+19165550101", "landline")]
    assert len(await suppressions.look(daemon, None, 2)) == 2
    counts = {c.reason: (c.holds, c.ended) for c in await suppressions.count(daemon, None)}
    assert counts == {"landline": (1, 1), "complaint": (1, 0)}
