"""Deleting a person or a campaign does not make history wrong."""

import asyncio
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
    before = dict(await row(owner, message))
    await app.execute("DELETE FROM newsletter.subscribers WHERE id = $1", ada)
    assert dict(await row(owner, message)) == before | {"subscriber_id": None}


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
    "busy", ["claimed", "in flight", "unknown", "reserved", "only in the ledger"]
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
