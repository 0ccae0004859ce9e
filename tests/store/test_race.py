"""Eight processes race for one budget: at every commit it fits, and at the end it is spent."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from itertools import count
from uuid import UUID

import pytest
from support.claiming import allow, claim, share, terms
from support.queue import campaign

from dispatcher.core.fate import PutBack, Sent
from dispatcher.core.reason import Reason
from dispatcher.store import opening, settling
from dispatcher.store.database import Connection
from dispatcher.store.opening import Attempt
from dispatcher.store.pool import Database
from dispatcher.store.settling import Settlement

PROCESSES, RUNS, ROWS, PAID = 8, 50, 1_000, 100
BATCH = 20
PROVIDER = count(1)


@pytest.fixture
async def racers(database: str) -> AsyncIterator[list[Database]]:
    """A pool for each process."""
    async with AsyncExitStack() as stack:
        dsn = database.replace("owner@", "app_daemon@")
        made = [
            Database(dsn, size=1, seconds=60, statement_cache=100) for _ in range(PROCESSES)
        ]
        for each in made:
            await each.open()
            stack.push_async_callback(each.close)
        yield made


def settlement(attempt: Attempt) -> Settlement:
    """One text in five is put back the first time: its money goes back, and somebody takes it."""
    if attempt.facts.id.int % 5 == 0 and attempt.facts.attempts == 0:
        again = PutBack(timedelta(0), Reason.RETRY, counts=True)
        return Settlement(attempt.key, "refused", "CMN-102", "Later.", again)
    return Settlement(attempt.key, "accepted", None, "", Sent(str(next(PROVIDER))))


async def race(process: Database, number: int) -> int:
    """Claim, open and settle until nothing can be paid; return how many were sent."""
    sent = 0
    while claims := (await process.run(claim, BATCH, process=number)).claims:
        done = await process.run(opening.open_attempts, claims, allow, terms(number))
        settlements = [settlement(attempt) for attempt in done.attempts]
        await process.run(settling.settle, settlements)
        sent += sum(isinstance(each.fate, Sent) for each in settlements)
    return sent


async def queued(owner: Connection) -> UUID:
    """Put a campaign into the queue of which the budget pays a tenth."""
    made = await campaign(owner, budget=119)
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content)"
        " SELECT $1, '+1916555' || lpad(i::text, 4, '0'), 'Hello' FROM generate_series(1, $2::int) i",
        made,
        ROWS,
    )
    return made


async def test_a_hundred_are_paid_and_a_hundred_are_sent(
    owner: Connection, racers: list[Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What a claim looks at beyond what it may take is another test's concern.
    monkeypatch.setattr("dispatcher.store.claims.LOOKED_AT_MOST", BATCH)
    await share(owner)
    for _ in range(RUNS):
        spring = await queued(owner)
        sent = await asyncio.gather(*(race(each, n) for n, each in enumerate(racers, 1)))
        assert sum(sent) == PAID
        rows = await owner.fetch(
            "SELECT status::text FROM newsletter.sms_send_queue WHERE campaign_id = $1", spring
        )
        assert Counter(r["status"] for r in rows) == {"sent": PAID, "pending": ROWS - PAID}
        money = await owner.fetchrow(
            "SELECT spent_exact, reserved_exact FROM newsletter.campaign_budgets WHERE campaign_id = $1",
            spring,
        )
        assert money
        assert tuple(money) == (119, 0)
        await owner.execute(
            "DELETE FROM newsletter.sms_send_queue WHERE campaign_id = $1", spring
        )
    day = await owner.fetchrow(
        "SELECT spent_exact, reserved_exact FROM newsletter.account_days"
    )
    assert day
    assert tuple(day) == (119 * RUNS, 0)
