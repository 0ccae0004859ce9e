"""Deleting a person or a campaign does not make history wrong."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from support.host import connected
from support.queue import campaign, open_attempt, person, text

from dispatcher.store.database import Connection


async def row(conn: Connection, message: UUID) -> asyncpg.Record:
    found = await conn.fetchrow(
        "SELECT * FROM newsletter.sms_send_queue WHERE id = $1", message
    )
    assert found
    return found


async def test_what_is_unopened_is_cancelled_when_the_person_goes(
    owner: Connection, app: Connection
) -> None:
    ada = await person(owner)
    waiting = await text(owner, person=ada)
    claimed = await text(owner, person=ada, status="sending", claimed_by=1, fence=7)
    await app.execute("DELETE FROM newsletter.subscribers WHERE id = $1", ada)
    for message, fence in ((waiting, 1), (claimed, 8)):
        left = await row(owner, message)
        assert (left["status"], left["reason"], left["subscriber_id"]) == (
            "failed",
            "subscriber_deleted",
            None,
        )
        assert left["fence"] == fence, "whoever holds the claim can no longer open it"
        assert left["lease_until"] is None
        (kept,) = json.loads(left["verdicts"])
        assert (left["rule"], kept["rule"], kept["verdict"]) == ("person", "person", "cancel")


@pytest.mark.parametrize(
    "kept",
    [
        {"status": "sending", "claimed_by": 1, "attempt_id": 5},
        {"status": "sending", "claimed_by": 1, "unknown_at": True},
        {"status": "sending"},
        {"status": "sent"},
        {"status": "failed", "reason": "refused"},
    ],
    ids=["in flight", "unknown", "an older sender's", "sent", "failed"],
)
async def test_what_is_in_flight_or_over_stays_without_the_person(
    owner: Connection, app: Connection, kept: dict[str, Any]
) -> None:
    ada = await person(owner)
    message = await text(owner, person=ada, **kept)
    if kept.get("attempt_id"):
        await open_attempt(owner, message, person=ada)
    before = dict(await row(owner, message))
    await app.execute("DELETE FROM newsletter.subscribers WHERE id = $1", ada)
    # What is in flight is marked, so that it is not sent once more if this time it is refused.
    mark = {"reason": "subscriber_deleted"} if kept["status"] == "sending" else {}
    assert dict(await row(owner, message)) == before | {"subscriber_id": None} | mark


async def test_an_attempt_of_an_earlier_claim_does_not_make_a_text_in_flight(
    owner: Connection, app: Connection
) -> None:
    ada = await person(owner)
    message = await text(owner, person=ada, status="sending", claimed_by=1, attempt_id=5)
    await open_attempt(owner, message, person=ada, outcome="throttled")
    await app.execute("DELETE FROM newsletter.subscribers WHERE id = $1", ada)
    assert (await row(owner, message))["status"] == "failed"


async def test_the_ledger_outlives_the_person_the_row_and_the_campaign(
    owner: Connection, app: Connection
) -> None:
    ada, spring = await person(owner), await campaign(owner)
    message = await text(owner, person=ada, campaign=spring, status="sent")
    attempt = await open_attempt(
        owner, message, person=ada, campaign=spring, outcome="accepted"
    )
    await app.execute("DELETE FROM newsletter.subscribers WHERE id = $1", ada)
    await app.execute("DELETE FROM newsletter.campaigns WHERE id = $1", spring)
    assert await owner.fetchval("SELECT count(*) FROM newsletter.sms_send_queue") == 0
    left = await owner.fetchrow("SELECT * FROM newsletter.sms_attempts WHERE id = $1", attempt)
    assert left
    assert (left["message_id"], left["campaign_id"], left["subscriber_id"]) == (
        message,
        spring,
        ada,
    )


@pytest.mark.parametrize(
    "statement", ["DELETE FROM newsletter.sms_attempts", "TRUNCATE newsletter.sms_attempts"]
)
async def test_nobody_deletes_from_the_ledger(owner: Connection, statement: str) -> None:
    await open_attempt(owner, uuid4())
    with pytest.raises(asyncpg.RestrictViolationError, match="never deleted"):
        await owner.execute(statement)


async def test_an_opt_out_outlives_the_person(owner: Connection, app: Connection) -> None:
    ada = await person(owner, phone="(916) 555-0101", opted_out=True)
    await app.execute("DELETE FROM newsletter.subscribers WHERE id = $1", ada)
    left = await owner.fetchrow("SELECT * FROM newsletter.sms_suppressions")
    assert left
    assert (left["phone"], left["reason"], left["lifted_at"]) == (
        "+19165550101",
        "opted_out",
        None,
    )


async def test_an_opt_out_stays_with_the_number_when_the_person_gets_another(
    owner: Connection, app: Connection
) -> None:
    ada = await person(owner, phone="9165550101", opted_out=True)
    await app.execute(
        "UPDATE newsletter.subscribers SET phone = '+19165550101' WHERE id = $1", ada
    )
    assert await owner.fetchval("SELECT count(*) FROM newsletter.sms_suppressions") == 0, (
        "only another spelling"
    )
    await app.execute(
        "UPDATE newsletter.subscribers SET phone = '+19165550102' WHERE id = $1", ada
    )
    assert (
        await owner.fetchval("SELECT phone FROM newsletter.sms_suppressions") == "+19165550101"
    )


@pytest.mark.parametrize(
    ("phone", "opted_out"), [("+19165550101", False), ("call me", True), (None, True)]
)
async def test_who_never_opted_out_or_has_no_number_leaves_nothing(
    owner: Connection, app: Connection, phone: str | None, *, opted_out: bool
) -> None:
    ada = await person(owner, phone=phone, opted_out=opted_out)
    await app.execute("DELETE FROM newsletter.subscribers WHERE id = $1", ada)
    assert await owner.fetchval("SELECT count(*) FROM newsletter.sms_suppressions") == 0


@pytest.mark.parametrize(
    "busy", ["claimed", "in flight", "unknown", "reserved", "only in the ledger", "ambiguous"]
)
async def test_a_campaign_that_is_not_over_cannot_be_deleted(
    owner: Connection, app: Connection, busy: str
) -> None:
    spring = await campaign(owner, budget=1_000)
    match busy:
        case "claimed":
            await text(owner, campaign=spring, status="sending", claimed_by=1)
        case "in flight":
            await text(owner, campaign=spring, status="sending", claimed_by=1, attempt_id=1)
        case "unknown":
            await text(owner, campaign=spring, status="sending", unknown_at=True)
        case "reserved":
            await owner.execute("UPDATE newsletter.campaign_budgets SET reserved_exact = 1.19")
        case "ambiguous":
            await open_attempt(owner, uuid4(), campaign=spring, outcome="ambiguous")
        case _:
            await open_attempt(owner, uuid4(), campaign=spring)
    with pytest.raises(asyncpg.RestrictViolationError, match="cannot be deleted yet"):
        await app.execute("DELETE FROM newsletter.campaigns WHERE id = $1", spring)
    assert await owner.fetchval("SELECT count(*) FROM newsletter.campaigns") == 1


async def test_a_campaign_that_is_over_can_be_deleted(
    owner: Connection, app: Connection
) -> None:
    spring = await campaign(owner, budget=1_000)
    for status in ("pending", "sent", "failed"):
        await text(owner, campaign=spring, status=status)
    await open_attempt(owner, uuid4(), campaign=spring, outcome="refused")
    await app.execute("DELETE FROM newsletter.campaigns WHERE id = $1", spring)
    assert await owner.fetchval("SELECT count(*) FROM newsletter.sms_send_queue") == 0


async def test_no_claim_slips_in_between_the_check_and_the_deletion(
    database: str, owner: Connection, app: Connection, daemon: Connection
) -> None:
    """The deletion waits for the claim that came first, and then sees it."""
    spring = await campaign(owner)
    await text(owner, campaign=spring)
    claim = daemon.transaction()
    await claim.start()
    await daemon.execute(
        "UPDATE newsletter.sms_send_queue SET status = 'sending', claimed_by = 1"
    )
    deletion = asyncio.create_task(app.execute("DELETE FROM newsletter.campaigns"))
    async with connected(database) as watcher, asyncio.timeout(10):
        while not await watcher.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await watcher.execute("SELECT pg_stat_clear_snapshot()")
    await claim.commit()
    with pytest.raises(asyncpg.RestrictViolationError, match="1 texts are claimed"):
        await deletion


async def waits(database: str) -> None:
    """Return once somebody waits for a lock in this database."""
    async with connected(database) as watcher, asyncio.timeout(10):
        while not await watcher.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await watcher.execute("SELECT pg_stat_clear_snapshot()")


async def test_a_campaign_that_is_being_settled_is_refused_without_a_deadlock(
    owner: Connection, app: Connection, daemon: Connection
) -> None:
    spring = await campaign(owner)
    message = await text(owner, campaign=spring, status="sending", claimed_by=1)
    async with daemon.transaction():
        await daemon.execute(
            "UPDATE newsletter.sms_send_queue SET status = 'sent' WHERE id = $1", message
        )
        with pytest.raises(asyncpg.RestrictViolationError):
            await app.execute("DELETE FROM newsletter.campaigns WHERE id = $1", spring)
        await daemon.execute(
            "INSERT INTO newsletter.campaign_events (campaign_id, event_type) VALUES ($1, 'SENT')",
            spring,
        )


async def test_a_person_that_is_being_settled_goes_afterwards(
    database: str, owner: Connection, app: Connection, daemon: Connection
) -> None:
    """Whoever settles locks the person before the rows: so neither waits for the other in a circle."""
    ada, spring = await person(owner), await campaign(owner)
    message = await text(owner, person=ada, campaign=spring, status="sending", claimed_by=1)
    settle = daemon.transaction()
    await settle.start()
    await daemon.execute(
        "SELECT id FROM newsletter.subscribers WHERE id = $1 FOR KEY SHARE", ada
    )
    deletion = asyncio.create_task(app.execute("DELETE FROM newsletter.subscribers"))
    await waits(database)
    await daemon.execute(
        "UPDATE newsletter.sms_send_queue SET status = 'sent' WHERE id = $1", message
    )
    await daemon.execute(
        "INSERT INTO newsletter.campaign_events (campaign_id, subscriber_id, event_type) VALUES ($1, $2, 'SENT')",
        spring,
        ada,
    )
    await settle.commit()
    await deletion
    assert (await row(owner, message))["status"] == "sent"


async def test_an_opt_out_that_was_lifted_comes_back_with_the_next(
    owner: Connection, app: Connection
) -> None:
    await owner.execute(
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source, lifted_at) VALUES ('+19165550100', 'opted_out', 'x', now())"
    )
    ada = await person(owner, opted_out=True)
    await app.execute("DELETE FROM newsletter.subscribers WHERE id = $1", ada)
    assert await owner.fetchval("SELECT lifted_at FROM newsletter.sms_suppressions") is None


@pytest.mark.parametrize("table", ["subscribers", "campaigns", "campaign_budgets"])
async def test_truncate_does_not_pass_the_guards_by(owner: Connection, table: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="not truncated"):
        await owner.execute(f"TRUNCATE newsletter.{table} CASCADE")


async def test_the_guards_functions_are_nobody_elses_to_call(daemon: Connection) -> None:
    await daemon.execute(
        "CREATE TEMPORARY TABLE mine (id uuid, phone text, sms_unsubscribed_at timestamptz)"
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await daemon.execute(
            "CREATE TRIGGER t AFTER DELETE ON mine FOR EACH ROW EXECUTE FUNCTION newsletter.keep_opt_out_of_number()"
        )
