"""Law 2 at the row: what is spent and reserved fits, and the truth is never refused."""

from decimal import Decimal

import asyncpg
import pytest
from support.queue import campaign

from dispatcher.store.database import Connection


async def budget(conn: Connection) -> dict[str, Decimal | int]:
    row = await conn.fetchrow("SELECT * FROM newsletter.campaign_budgets")
    assert row
    return {k: v for k, v in row.items() if k not in {"campaign_id", "exceeded_at"}}


async def test_nobody_reserves_beyond_the_budget(owner: Connection, daemon: Connection) -> None:
    await campaign(owner, budget=100)
    await daemon.execute(
        "UPDATE newsletter.campaign_budgets SET reserved_exact = 60, spent_exact = 40"
    )
    with pytest.raises(asyncpg.CheckViolationError, match="reserved_fits"):
        await daemon.execute("UPDATE newsletter.campaign_budgets SET reserved_exact = 60.0001")


async def test_a_budget_of_zero_is_no_limit(owner: Connection, daemon: Connection) -> None:
    await campaign(owner, budget=0)
    await daemon.execute(
        "UPDATE newsletter.campaign_budgets SET reserved_exact = 1e6, spent_exact = 1e6"
    )


async def test_the_hosts_cents_are_the_exact_amount_rounded_up(
    owner: Connection, daemon: Connection
) -> None:
    await campaign(owner, budget=100)
    await daemon.execute("UPDATE newsletter.campaign_budgets SET spent_exact = 1.19")
    assert (await budget(owner))["spent_cents"] == 2
    await daemon.execute("UPDATE newsletter.campaign_budgets SET spent_exact = 2")
    assert (await budget(owner))["spent_cents"] == 2


async def test_cents_that_the_host_books_are_added(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    await campaign(owner, budget=100)
    await daemon.execute("UPDATE newsletter.campaign_budgets SET spent_exact = 1.19")
    await app.execute("UPDATE newsletter.campaign_budgets SET spent_cents = spent_cents + 5")
    assert await budget(owner) == {
        "budget_cents": 100,
        "spent_cents": 7,
        "spent_exact": Decimal("6.19"),
        "reserved_exact": 0,
        "overspent_exact": 0,
    }


async def test_what_is_billed_above_the_reservation_is_booked_in_full(
    owner: Connection, daemon: Connection
) -> None:
    await campaign(owner, budget=100)
    await daemon.execute(
        "UPDATE newsletter.campaign_budgets SET spent_exact = 101.19, overspent_exact = 1.19"
    )
    assert (await budget(owner))["spent_cents"] == 102


async def test_the_host_may_lower_a_budget_below_what_is_reserved(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    """Those texts are on their way. No more is granted by that: reserving looks at budget_cents alone."""
    await campaign(owner, budget=100)
    await daemon.execute(
        "UPDATE newsletter.campaign_budgets SET spent_exact = 40, reserved_exact = 30"
    )
    await app.execute("UPDATE newsletter.campaign_budgets SET budget_cents = 50")
    assert (await budget(owner))["overspent_exact"] == 20


@pytest.mark.parametrize("change", ["budget_cents = 39", "spent_cents = 101"])
async def test_the_host_is_refused_what_its_own_check_refused(
    owner: Connection, app: Connection, change: str
) -> None:
    await campaign(owner, budget=100)
    await app.execute("UPDATE newsletter.campaign_budgets SET spent_cents = 40")
    with pytest.raises(asyncpg.CheckViolationError):
        await app.execute(f"UPDATE newsletter.campaign_budgets SET {change}")


async def test_a_budget_inserted_as_partly_spent_is_so_exactly(
    owner: Connection, app: Connection
) -> None:
    spring = await campaign(owner)
    await app.execute("INSERT INTO newsletter.campaign_budgets VALUES ($1, 100, 25)", spring)
    assert (await budget(owner))["spent_exact"] == 25
