"""What the registration allows a day, in segments: exact at every commit, whoever sends."""

import asyncio

import pytest
from support.claiming import WITNESS, share
from support.promotions import PHONES, Process, accepted, capped, processes, queue, settled
from support.queue import campaign

from dispatcher.core.fate import Failed, Fate, Unknown
from dispatcher.core.guard import SPREAD, Cancel
from dispatcher.core.reason import Reason
from dispatcher.store import settling
from dispatcher.store.database import Connection
from dispatcher.store.opening import Attempt
from dispatcher.store.settling import Settlement

TODAY = "(now() AT TIME ZONE 'America/Los_Angeles')::date"
COUNTED = f"SELECT segments FROM newsletter.tier_days WHERE day = {TODAY}"
MAY_HAVE_LEFT = "coalesce(outcome, '') NOT IN ('throttled', 'refused', 'unreached')"
LEDGER = f"SELECT coalesce(sum(segments_reserved), 0) FROM newsletter.sms_attempts WHERE {MAY_HAVE_LEFT}"
ROWS = "SELECT status::text, reason, rule, count(*) FROM newsletter.sms_send_queue GROUP BY 1, 2, 3"

# Refuses, at the commit, what would be more than a day may have.
REFEREE = f"""
CREATE FUNCTION public.referee() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
  IF ({LEDGER} AND tier_day = NEW.tier_day) > 40 THEN RAISE EXCEPTION 'more than the day may have'; END IF;
  RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER referee AFTER INSERT ON newsletter.sms_attempts DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION public.referee();
"""
LIMIT = 40
FREE = capped(0)


def one_in_four_comes_back(attempt: Attempt) -> Settlement:
    again = attempt.id % 4 == 0  # of a random id, now and then more came back than was left
    return settled(attempt, "throttled") if again else accepted(attempt)


async def test_processes_that_race_never_exceed_it(owner: Connection, database: str) -> None:
    await share(owner)
    await owner.execute(REFEREE)
    spring = await campaign(owner, budget=0)
    await queue(owner, spring, PHONES, each=8)
    await queue(owner, None, PHONES, each=8, segments=2, category="transactional")
    people = [Process(FREE, number, tier=LIMIT) for number in range(1, 5)]
    async with processes(database, 4) as pools:
        held = [await pool.run(p.claim, 12) for pool, p in zip(pools, people, strict=True)]
        opened = await asyncio.gather(
            *(pool.run(p.open, h) for pool, p, h in zip(pools, people, held, strict=True))
        )
        assert await owner.fetchval(LEDGER) == await owner.fetchval(COUNTED) <= LIMIT
        settlements = [one_in_four_comes_back(a) for each in opened for a in each.attempts]
        assert any(s.outcome == "throttled" for s in settlements)
        await pools[0].run(settling.settle, settlements)
        await asyncio.gather(
            *(p.race(pool, accepted) for pool, p in zip(pools, people, strict=True))
        )
    assert await owner.fetchval(LEDGER) == await owner.fetchval(COUNTED)
    assert LIMIT - 1 <= await owner.fetchval(COUNTED) <= LIMIT
    waiting = "SELECT count(*) FROM newsletter.sms_send_queue WHERE reason = 'tier_limit'"
    assert await owner.fetchval(waiting) > 0


@pytest.mark.parametrize(
    ("outcome", "left"),
    [
        ("throttled", 0),
        ("refused", 0),
        ("unreached", 0),
        ("accepted", 3),
        ("ambiguous", 3),
    ],
)
async def test_what_surely_did_not_leave_is_given_back_once(
    owner: Connection, daemon: Connection, outcome: str, left: int
) -> None:
    await share(owner)
    one = Process(FREE, tier=LIMIT)
    await queue(owner, None, PHONES[:1], segments=3)
    (attempt,) = (await one.open(daemon, await one.claim(daemon))).attempts
    assert await owner.fetchval(COUNTED) == attempt.segments == 3
    fates: dict[str, Fate] = {"ambiguous": Unknown(), "refused": Failed(Reason.REFUSED)}
    for _ in range(2):
        await settling.settle(daemon, [settled(attempt, outcome, fates.get(outcome))])
        assert await owner.fetchval(COUNTED) == left


@pytest.mark.parametrize("category", ["promotion", "transactional"])
async def test_a_full_day_defers_at_the_claim_with_one_write_and_no_attempt(
    owner: Connection, daemon: Connection, category: str
) -> None:
    await share(owner)
    await owner.execute(
        f"INSERT INTO newsletter.tier_days (day, segments) VALUES ({TODAY}, {LIMIT})"
    )
    await queue(owner, None, PHONES, category=category)
    await owner.execute(WITNESS)
    done = await Process(FREE, tier=LIMIT).claim(daemon)
    assert done.claims == []
    midnight = await owner.fetchval(
        f"SELECT ({TODAY} + 1)::timestamp AT TIME ZONE 'America/Los_Angeles'"
    )
    assert {(d.reason, d.by) for _, d in done.deferred} == {(Reason.TIER_LIMIT, "tier")}
    assert all(midnight <= d.until < midnight + SPREAD for _, d in done.deferred)
    assert len({d.until for _, d in done.deferred}) == len(PHONES), "not all in one instant"
    writes = await owner.fetch("SELECT count(*) AS n FROM public.writes GROUP BY id")
    assert [row["n"] for row in writes] == [1] * len(PHONES)
    assert await owner.fetchval("SELECT count(*) FROM newsletter.sms_attempts") == 0
    rows = {tuple(row) for row in await owner.fetch(ROWS)}
    assert rows == {("pending", "tier_limit", "tier", len(PHONES))}


async def test_what_does_not_fit_any_more_is_deferred_at_the_opening(
    owner: Connection, daemon: Connection
) -> None:
    await share(owner)
    room = f"INSERT INTO newsletter.tier_days (day, segments) VALUES ({TODAY}, {LIMIT - 1})"
    await owner.execute(room)
    await queue(owner, None, PHONES, segments=2)
    one = Process(FREE, tier=LIMIT)
    held = await one.claim(daemon)
    assert len(held.claims) == len(PHONES)
    await owner.execute(WITNESS)
    opened = await one.open(daemon, held)
    assert (opened.attempts, opened.unpaid, opened.exceeded) == ([], [], [])
    assert {d.reason for _, d in opened.deferred} == {Reason.TIER_LIMIT}
    writes = await owner.fetch("SELECT count(*) AS n FROM public.writes GROUP BY id")
    assert [row["n"] for row in writes] == [1] * len(PHONES)
    assert await owner.fetchval(COUNTED) == LIMIT - 1


async def test_a_new_day_begins_at_midnight_in_the_pacific(
    owner: Connection, daemon: Connection
) -> None:
    """Yesterday was full; what is given back of it is not today's."""
    await share(owner)
    one = Process(FREE, tier=LIMIT)
    await queue(owner, None, PHONES[:2])
    (first, _) = (await one.open(daemon, await one.claim(daemon))).attempts
    await owner.execute("UPDATE newsletter.tier_days SET day = day - 1, segments = $1", LIMIT)
    await owner.execute("UPDATE newsletter.sms_attempts SET tier_day = tier_day - 1")
    await queue(owner, None, PHONES[2:])
    assert len((await one.open(daemon, await one.claim(daemon))).attempts) == 2
    await settling.settle(daemon, [settled(first, "throttled")])
    days = await owner.fetch(
        f"SELECT {TODAY} - day AS ago, segments FROM newsletter.tier_days ORDER BY 1"
    )
    assert [tuple(row) for row in days] == [(0, 2), (1, LIMIT - 1)]


async def test_without_a_limit_nothing_is_counted(
    owner: Connection, daemon: Connection
) -> None:
    await share(owner)
    await queue(owner, None, PHONES[:1])
    one = Process(FREE)
    assert len((await one.open(daemon, await one.claim(daemon))).attempts) == 1
    assert await owner.fetchval("SELECT count(*) FROM newsletter.tier_days") == 0


@pytest.mark.parametrize("room", [0, 1])
async def test_who_may_not_wait_for_the_next_day_is_cancelled_at_once(
    owner: Connection, daemon: Connection, room: int
) -> None:
    """At the claim where the day is full, at the opening where the text is too long for it."""
    await share(owner)
    full = f"INSERT INTO newsletter.tier_days (day, segments) VALUES ({TODAY}, $1)"
    await owner.execute(full, LIMIT - room)
    await queue(owner, None, PHONES[:1], segments=2, category="transactional")
    await owner.execute(
        f"UPDATE newsletter.sms_send_queue SET expires_at = ({TODAY} + 1)::timestamp AT TIME ZONE 'America/Los_Angeles'"
    )
    one = Process(FREE, tier=LIMIT)
    claimed = await one.claim(daemon)
    assert len(claimed.claims) == room
    opened = await one.open(daemon, claimed)
    assert [c for _, c in claimed.cancelled + opened.cancelled] == [Cancel(Reason.EXPIRED)]
    rows = {tuple(row) for row in await owner.fetch(ROWS)}
    assert rows == {("failed", "expired", "tier", 1)}


@pytest.mark.parametrize("room", [0, 1])
async def test_an_answer_to_their_own_text_counts_but_never_waits(
    owner: Connection, daemon: Connection, room: int
) -> None:
    await share(owner)
    full = f"INSERT INTO newsletter.tier_days (day, segments) VALUES ({TODAY}, $1)"
    await owner.execute(full, LIMIT - room)
    await queue(owner, None, PHONES[:1], segments=2)
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET category = 'compliance', answers = gen_random_uuid(),"
        " sender = (SELECT number FROM newsletter.sms_senders LIMIT 1)"
    )
    one = Process(FREE, tier=LIMIT)
    opened = await one.open(daemon, await one.claim(daemon))
    assert len(opened.attempts) == 1
    assert await owner.fetchval(COUNTED) == LIMIT - room + 2
