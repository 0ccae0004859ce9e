"""A cap is exact whoever sends: several processes, one batch, and a host that changes its mind."""

import asyncio
from datetime import timedelta

import pytest
from support.claiming import WITNESS, share
from support.daemon import until
from support.promotions import PHONES, Process, accepted, capped, processes, queue
from support.queue import campaign, open_attempt, text

from dispatcher.core.reason import Reason
from dispatcher.store import consent
from dispatcher.store.database import Connection

MANY, ROUNDS = 4, 4
BY_NUMBER = "SELECT phone, count(*) FROM newsletter.sms_attempts GROUP BY phone ORDER BY phone"
ROWS = "SELECT status::text, reason, rule, count(*) FROM newsletter.sms_send_queue GROUP BY 1, 2, 3"


async def found(owner: Connection, query: str) -> set[tuple[object, ...]]:
    return {tuple(row) for row in await owner.fetch(query)}


async def test_processes_that_race_never_exceed_it(owner: Connection, database: str) -> None:
    """Each claims texts of the same people, from several campaigns, before any is opened."""
    await share(owner)
    springs = [await campaign(owner, budget=0) for _ in range(3)]
    people = [Process(capped(3), number) for number in range(1, MANY + 1)]
    async with processes(database, MANY) as pools:
        for n in range(ROUNDS):
            phones = [f"+1916555{n}1{i:02}" for i in range(4)]
            for spring in springs:
                await queue(owner, spring, phones, each=4)
            held = [
                await pool.run(each.claim, 12) for pool, each in zip(pools, people, strict=True)
            ]
            assert [len(each.claims) for each in held] == [12] * MANY
            await asyncio.gather(
                *(
                    pool.run(each.open, claimed)
                    for pool, each, claimed in zip(pools, people, held, strict=True)
                )
            )
            sent = await owner.fetch(BY_NUMBER)
            assert max(row["count"] for row in sent) == 3, [tuple(row) for row in sent]
            await asyncio.gather(
                *(each.race(pool, accepted) for pool, each in zip(pools, people, strict=True))
            )
            assert {row["count"] for row in await owner.fetch(BY_NUMBER)} == {3}
    waiting = (
        "SELECT DISTINCT reason, rule FROM newsletter.sms_send_queue WHERE status = 'pending'"
    )
    assert await found(owner, waiting) == {("frequency_cap", "cap person")}


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        (None, True),
        ("accepted", True),
        ("ambiguous", True),
        ("absent", True),
        ("throttled", False),
        ("refused", False),
        ("unreached", False),
    ],
)
async def test_what_may_have_arrived_counts(
    owner: Connection, daemon: Connection, outcome: str | None, *, counts: bool
) -> None:
    await share(owner)
    for _ in range(2):
        await open_attempt(owner, await text(owner, status="sent"), outcome=outcome)
    await owner.execute("UPDATE newsletter.sms_attempts SET looks = 2")  # its fate is no doubt
    await queue(owner, None, PHONES[:1])
    done = await Process(capped(2)).claim(daemon)
    assert len(done.claims) == (0 if counts else 1)
    assert [d.reason for _, d in done.deferred] == ([Reason.FREQUENCY_CAP] if counts else [])


async def test_the_window_rolls_and_does_not_follow_the_calendar(
    owner: Connection, daemon: Connection
) -> None:
    await share(owner)
    await open_attempt(owner, await text(owner, status="sent"), outcome="accepted")
    aged = "UPDATE newsletter.sms_attempts SET opened_at = now() - $1::interval"
    await queue(owner, None, PHONES[:1])
    one = Process(capped(1))
    await owner.execute(aged, timedelta(hours=23, minutes=59))
    ((_, deferred),) = (await one.claim(daemon)).deferred
    opened = await owner.fetchval("SELECT opened_at FROM newsletter.sms_attempts")
    assert deferred.until == opened + timedelta(hours=24)
    await owner.execute("UPDATE newsletter.sms_send_queue SET not_before = now()")
    await owner.execute(aged, timedelta(hours=24, seconds=1))
    assert len((await one.claim(daemon)).claims) == 1


@pytest.mark.parametrize("category", ["transactional", "reminder"])
async def test_other_categories_neither_count_nor_are_capped(
    owner: Connection, daemon: Connection, category: str
) -> None:
    await share(owner)
    one = Process(capped(1))
    await queue(owner, None, PHONES[:1], each=3, category=category)
    opened = await one.open(daemon, await one.claim(daemon))
    assert len(opened.attempts) == 3
    await queue(owner, None, PHONES[:1])
    assert len((await one.open(daemon, await one.claim(daemon))).attempts) == 1


async def test_several_of_one_person_in_one_batch(
    owner: Connection, daemon: Connection
) -> None:
    await share(owner)
    two = Process(capped(2))
    await queue(owner, None, PHONES[:1], each=5)
    opened = await two.open(daemon, await two.claim(daemon))
    assert (len(opened.attempts), len(opened.waiting), opened.deferred) == (2, 3, [])
    again = await two.claim(daemon)
    assert (again.claims, len(again.deferred)) == ([], 3)
    assert await found(owner, ROWS) == {
        ("sending", None, None, 2),
        ("pending", "frequency_cap", "cap person", 3),
    }


@pytest.mark.parametrize(
    ("first", "change"),
    [
        (None, f"phone_number = '{PHONES[1]}'"),
        ("transactional", "category = 'promotion'"),
    ],
)
async def test_the_host_makes_it_another_persons_or_a_promotion_after_the_claim(
    owner: Connection, daemon: Connection, app: Connection, first: str | None, change: str
) -> None:
    """Its number is not locked as it must be: it is not opened, but judged anew."""
    await share(owner)
    one = Process(capped(1))
    await queue(owner, None, PHONES[:2], each=0)  # the people alone
    await queue(owner, None, PHONES[:1] if first is None else PHONES[1:2], category=first)
    held = await one.claim(daemon)
    await app.execute(
        f"UPDATE newsletter.sms_send_queue SET {change} WHERE status = 'sending' AND attempt_id IS NULL"
    )
    opened = await one.open(daemon, held)
    assert (opened.attempts, len(opened.waiting)) == ([], 1)
    (attempt,) = (await one.open(daemon, await one.claim(daemon))).attempts
    assert (attempt.facts.phone, attempt.facts.category) == (PHONES[1], "promotion")


async def test_a_cap_that_is_reached_after_the_claim_costs_one_write(
    owner: Connection, daemon: Connection
) -> None:
    await share(owner)
    one = Process(capped(1))
    await queue(owner, None, PHONES)
    held = await one.claim(daemon)
    for phone in PHONES:
        message = await text(owner, phone=phone, status="sent")
        await open_attempt(owner, message, phone=phone, outcome="accepted")
    await owner.execute(WITNESS)
    opened = await one.open(daemon, held)
    assert (opened.attempts, len(opened.deferred)) == ([], len(PHONES))
    writes = await owner.fetch("SELECT count(*) AS n FROM public.writes GROUP BY id")
    assert [row["n"] for row in writes] == [1] * len(PHONES)
    kept = "SELECT DISTINCT status::text, verdicts -> 0 ->> 'rule', jsonb_array_length(verdicts) FROM newsletter.sms_send_queue WHERE status = 'pending'"
    assert await found(owner, kept) == {("pending", "cap person", 1)}


@pytest.mark.parametrize(
    ("category", "number", "waits"),
    [
        (None, 0, True),
        ("transactional", 0, True),
        (None, 1, False),
        ("transactional", 1, False),
    ],
)
async def test_who_waits_while_a_promotion_is_opened(
    owner: Connection,
    daemon: Connection,
    database: str,
    category: str | None,
    number: int,
    *,
    waits: bool,
) -> None:
    """Only who sends to that number, and no longer than until it is committed."""
    await share(owner)
    one = Process(capped(3))
    await queue(owner, None, [PHONES[number]], category=category)
    async with processes(database, 1) as (mine,):
        held = await mine.run(one.claim)
        async with daemon.transaction():
            await consent.share_numbers(daemon, PHONES[:1], PHONES[:1])
            opening = asyncio.create_task(mine.run(one.open, held))
            if waits:
                await until(
                    owner,
                    "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)",
                )
                assert not opening.done()
            else:
                assert len((await opening).attempts) == 1
        assert len((await opening).attempts) == 1


async def test_two_transactional_texts_to_one_number_do_not_wait_for_each_other(
    owner: Connection, daemon: Connection, database: str
) -> None:
    await share(owner)
    one = Process(capped(3))
    await queue(owner, None, PHONES[:1], category="transactional")
    async with processes(database, 1) as (mine,):
        held = await mine.run(one.claim)
        async with daemon.transaction():
            await consent.share_numbers(daemon, PHONES[:1])
            assert len((await mine.run(one.open, held)).attempts) == 1
