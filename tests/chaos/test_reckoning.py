"""The reckoning itself: each end that is not true is found."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from support.chaos.curfew import LOS_ANGELES, Cap, Curfew, utc
from support.chaos.lawclock import LawClock, Visit
from support.chaos.population import Population
from support.chaos.reckoning import Reckoning, reckon
from support.chaos.stops import NOTED, ignored
from support.chaos.witness import Witness
from support.queue import open_attempt

from dispatcher.simulator.ledger import Text
from dispatcher.store.database import Connection

PHONE = "+19165550100"
ROW = "UPDATE newsletter.sms_send_queue SET "
OURS = ROW + "fence = 1, "


def accepted(times: int) -> list[Text]:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    return [
        Text(n, "+16505550100", PHONE, "promotion: Hello", now, 0, "") for n in range(times)
    ]


async def reckoned(
    owner: Connection, category: str, change: str, times: int, *stopped: str
) -> Reckoning:
    """Queue one text of *category*, *change* its row, let RingCentral have taken it so often."""
    await owner.execute(NOTED)
    await Population().begin(owner, 100)
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content)"
        " SELECT id, $2, 'promotion: Hello' FROM newsletter.campaigns WHERE name = $1",
        category,
        PHONE,
    )
    await owner.execute(change)
    return await reckon(owner, Witness(accepted(times), stopped=frozenset(stopped)))


@pytest.mark.parametrize(
    ("category", "change"),
    [
        ("promotion", ROW + "status = 'pending'"),
        ("promotion", ROW + "status = 'sent', provider_id = '99'"),
        ("promotion", OURS + "status = 'failed', reason = 'refused'"),
        ("promotion", OURS + "status = 'failed', reason = 'duplicate'"),
        ("promotion", OURS + "status = 'failed', reason = 'dropped_unknown'"),
        ("promotion", OURS + "status = 'sending'"),
        ("transactional", OURS + "status = 'sending', held_at = now(), unknown_at = now()"),
        ("transactional", "UPDATE newsletter.campaign_budgets SET exceeded_at = now()"),
    ],
)
async def test_a_text_without_a_true_end_is_lost(
    owner: Connection, category: str, change: str
) -> None:
    assert (await reckoned(owner, category, change, 0)).lost


@pytest.mark.parametrize(
    ("category", "change"),
    [
        ("promotion", "UPDATE newsletter.campaign_budgets SET exceeded_at = now()"),
        ("promotion", OURS + "status = 'sending', held_at = now(), unknown_at = now()"),
        ("reminder", OURS + "status = 'failed', reason = 'dropped_unknown'"),
    ],
)
async def test_what_a_category_allows_is_not_lost(
    owner: Connection, category: str, change: str
) -> None:
    assert (await reckoned(owner, category, change, 0)).lost == []


async def test_a_text_that_nobody_knows_of_is_lost(owner: Connection) -> None:
    assert (
        await reckoned(owner, "promotion", OURS + "status = 'failed', reason = 'refused'", 1)
    ).lost


async def test_a_second_text_is_seen_and_its_cost(owner: Connection) -> None:
    found = await reckoned(owner, "promotion", ROW + "status = 'sent', provider_id = '0'", 2)
    assert found.twice == [PHONE]
    assert not found.sound


OUT = "INSERT INTO newsletter.sms_suppressions (phone, reason, source) VALUES ($1, 'opted_out', 'stop')"
OPTED_OUT = OURS + "status = 'failed', reason = 'opted_out'"


async def test_only_who_wrote_stop_is_opted_out(owner: Connection) -> None:
    assert (await reckoned(owner, "promotion", OPTED_OUT, 0)).lost


async def test_who_wrote_stop_gets_nothing(owner: Connection) -> None:
    assert (await reckoned(owner, "promotion", OPTED_OUT, 0, PHONE)).lost == []


async def test_a_stop_that_was_not_heeded_is_seen(owner: Connection) -> None:
    """By the times of the commits: an opening after the opt-out's, a text a second after it."""
    await owner.execute(NOTED)
    await owner.execute(OUT, PHONE)
    await open_attempt(owner, uuid4(), phone=PHONE)
    now: datetime = await owner.fetchval("SELECT now()")
    late = [replace(each, at=now + timedelta(seconds=2)) for each in accepted(1)]
    assert len(await ignored(owner, late)) == 2
    assert len(await ignored(owner, accepted(1))) == 1


async def test_a_stop_that_came_too_late_for_an_opening_was_heeded(owner: Connection) -> None:
    await owner.execute(NOTED)
    await open_attempt(owner, uuid4(), phone=PHONE)
    await owner.execute(OUT, PHONE)
    assert await ignored(owner, accepted(1)) == []


NIGHT, DAY = utc(date(2027, 3, 12), 5), utc(date(2027, 3, 12), 20)
CAP = Cap(1, timedelta(seconds=10))


def under(law: datetime, now: datetime) -> Curfew:
    """Return the law by which it is *law* at *now*."""
    return Curfew(LawClock([Visit(now, law)]), [CAP], timedelta(seconds=2))


async def judged(
    owner: Connection, law: datetime, opened: datetime, *after: float
) -> Reckoning:
    """Let an attempt be opened when it is *opened* by the law, and texts arrive *after* that."""
    await owner.execute(NOTED)
    attempt = await open_attempt(owner, uuid4(), phone=PHONE)
    now: datetime = await owner.fetchval(
        "SELECT opened_at FROM newsletter.sms_attempts WHERE id = $1", attempt
    )
    came = [
        replace(text, at=now + timedelta(seconds=seconds), text=f"promotion{n + 2}: Hello")
        for n, (text, seconds) in enumerate(zip(accepted(len(after)), after, strict=True))
    ]
    curfew = under(law, now + (law - opened))
    return await reckon(owner, Witness(came, ends={"0": "Sent", "1": "Sent"}, law=curfew))


async def test_a_text_that_arrives_in_the_night_is_outside(owner: Connection) -> None:
    found = await judged(owner, NIGHT, NIGHT, 0)
    assert [LOS_ANGELES in line for line in found.outside] == [True, True]


async def test_a_text_that_arrives_by_day_is_not_outside(owner: Connection) -> None:
    assert (await judged(owner, DAY, DAY, 0)).outside == []


async def test_one_that_arrives_in_time_but_was_opened_too_late_is_outside(
    owner: Connection,
) -> None:
    closes = utc(date(2027, 3, 13), 2)  # Friday, 18:00 in Los Angeles
    found = await judged(owner, closes, closes - timedelta(seconds=1), 0.5)
    assert ["opened" in line for line in found.outside] == [True]


async def test_a_promotion_too_many_is_over(owner: Connection) -> None:
    assert len((await judged(owner, DAY, DAY, 0, 9.9)).over) == 1


async def test_a_promotion_after_the_window_is_not_over(owner: Connection) -> None:
    assert (await judged(owner, DAY, DAY, 0, 10)).over == []


@pytest.mark.parametrize("broken", ["outside", "over", "lost", "twice", "ignored", "misread"])
def test_one_fault_is_enough(broken: str) -> None:
    assert Reckoning().sound
    assert not Reckoning(**{broken: ["one"]}).sound  # type: ignore[arg-type]
