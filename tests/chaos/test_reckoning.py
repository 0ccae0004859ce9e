"""The reckoning itself: each end that is not true is found."""

from datetime import UTC, datetime

import pytest
from support.chaos.population import Population
from support.chaos.reckoning import Reckoning, reckon
from support.chaos.witness import Witness

from dispatcher.simulator.ledger import Text
from dispatcher.store.database import Connection

PHONE = "+19165550100"
ROW = "UPDATE newsletter.sms_send_queue SET "
OURS = ROW + "fence = 1, "


def accepted(times: int) -> list[Text]:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    return [Text(n, "+16505550100", PHONE, "Hello", now, 0, "") for n in range(times)]


async def reckoned(owner: Connection, category: str, change: str, times: int) -> Reckoning:
    """Queue one text of *category*, *change* its row, let RingCentral have taken it so often."""
    await Population().begin(owner, 100)
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content)"
        " SELECT id, $2, 'Hello' FROM newsletter.campaigns WHERE category = $1",
        category,
        PHONE,
    )
    await owner.execute(change)
    return await reckon(owner, Witness(accepted(times)))


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
