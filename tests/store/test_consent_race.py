"""Texts are opened while people opt out: nobody waits in a circle, and nothing leaves afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from support.claiming import Judged, claim, share, terms
from support.queue import campaign

from dispatcher.core.guard import Allow, Cancel, Verdict
from dispatcher.core.message import Facts
from dispatcher.core.reason import Reason
from dispatcher.store import consent, opening
from dispatcher.store.consent import OptOut
from dispatcher.store.database import Connection
from dispatcher.store.pool import Database

AT = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
PHONES = [f"+1916555{n:04}" for n in range(100, 112)]
SENDERS, ROUNDS, EACH = 3, 12, 4


@pytest.fixture
async def processes(database: str) -> AsyncIterator[list[Database]]:
    """A pool for each sender, and one for who opts out."""
    async with AsyncExitStack() as stack:
        dsn = database.replace("owner@", "app_daemon@")
        made = [
            Database(dsn, size=1, seconds=60, statement_cache=100) for _ in range(SENDERS + 1)
        ]
        for each in made:
            await each.open()
            stack.push_async_callback(each.close)
        yield made


@Judged
def judge(facts: Facts, _: datetime) -> Verdict:
    return Cancel(Reason.SUPPRESSED) if facts.suppressed else Allow()


async def opt_out(conn: Connection, phone: str, at: datetime) -> int:
    """Opt *phone* out; return the last attempt that was opened for it by then."""
    async with conn.transaction():
        await consent.opt_out(conn, OptOut(phone, at, "stop"))
        last = "SELECT coalesce(max(id), 0) FROM newsletter.sms_attempts WHERE phone = $1"
        opened: int = await conn.fetchval(last, phone)
    return opened


async def send(process: Database, number: int) -> None:
    """Claim and open until nothing is left to be claimed."""
    while claims := (await process.run(claim, 7, judge, process=number)).claims:
        await process.run(opening.open_attempts, claims, judge, terms(number))


async def test_nothing_is_opened_after_the_opt_out_and_nobody_deadlocks(
    owner: Connection, processes: list[Database]
) -> None:
    await share(owner)
    *senders, stopper = processes
    spring = await campaign(owner, budget=0)
    for n in range(ROUNDS):
        await owner.execute(
            "INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content)"
            " SELECT $1, p, 'Text ' || i || ' of ' || $4::int FROM unnest($2::text[]) p, generate_series(1, $3::int) i",
            spring,
            PHONES,
            EACH,
            n,
        )
        sending = [asyncio.create_task(send(each, k)) for k, each in enumerate(senders, 1)]
        phone = PHONES[n]
        last = await stopper.run(opt_out, phone, AT + timedelta(minutes=n))
        await asyncio.gather(*sending)
        after = "SELECT count(*) FROM newsletter.sms_attempts WHERE phone = $1 AND id > $2"
        assert await owner.fetchval(after, phone, last) == 0
    live = "SELECT count(*) FROM newsletter.sms_send_queue WHERE status = 'pending'"
    assert await owner.fetchval(live) == 0
