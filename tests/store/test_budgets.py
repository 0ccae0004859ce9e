"""Law 2 at the row: what is spent and reserved fits, and the truth is never refused."""

import asyncio
from decimal import Decimal
from uuid import uuid4

import asyncpg
import pytest
from support.claiming import allow, claim, share, terms
from support.daemon import until
from support.queue import campaign, open_attempt, text

from dispatcher.core.fate import Sent
from dispatcher.store.database import Connection
from dispatcher.store.opening import Opened, open_attempts
from dispatcher.store.settling import Settlement, settle


async def budget(conn: Connection) -> dict[str, Decimal | int]:
    row = await conn.fetchrow("SELECT * FROM newsletter.campaign_budgets")
    assert row
    return {
        k: v for k, v in row.items() if k not in {"campaign_id", "exceeded_at", "booked_exact"}
    }


async def booked(conn: Connection) -> Decimal:
    cents: Decimal = await conn.fetchval("SELECT booked_exact FROM newsletter.campaign_budgets")
    return cents


async def test_nobody_reserves_beyond_the_budget(owner: Connection, daemon: Connection) -> None:
    await campaign(owner, budget=100)
    await daemon.execute(
        "UPDATE newsletter.campaign_budgets SET reserved_exact = 60, spent_exact = 40"
    )
    with pytest.raises(asyncpg.CheckViolationError, match="campaign_budgets_fit"):
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


async def test_what_was_overspent_is_no_more_room_later(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    """Lowered while texts were under way, given back, raised again: the budget is as strict as ever."""
    await campaign(owner, budget=100)
    await daemon.execute(
        "UPDATE newsletter.campaign_budgets SET spent_exact = 40, reserved_exact = 30"
    )
    await app.execute("UPDATE newsletter.campaign_budgets SET budget_cents = 50")
    await daemon.execute("UPDATE newsletter.campaign_budgets SET reserved_exact = 0")
    assert (await budget(owner))["overspent_exact"] == 0
    await app.execute("UPDATE newsletter.campaign_budgets SET budget_cents = 100")
    with pytest.raises(asyncpg.CheckViolationError):
        await daemon.execute("UPDATE newsletter.campaign_budgets SET reserved_exact = 60.0001")


async def test_a_real_overspending_is_covered_by_a_raised_budget(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    await campaign(owner, budget=100)
    await daemon.execute(
        "UPDATE newsletter.campaign_budgets SET spent_exact = 120, overspent_exact = 20"
    )
    await app.execute("UPDATE newsletter.campaign_budgets SET budget_cents = 200")
    with pytest.raises(asyncpg.CheckViolationError):
        await daemon.execute("UPDATE newsletter.campaign_budgets SET reserved_exact = 80.0001")


async def test_a_budget_with_reservations_is_not_deleted(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    await campaign(owner, budget=100)
    await daemon.execute("UPDATE newsletter.campaign_budgets SET reserved_exact = 1.19")
    with pytest.raises(asyncpg.RestrictViolationError, match="cannot be deleted yet"):
        await app.execute("DELETE FROM newsletter.campaign_budgets")
    await daemon.execute("UPDATE newsletter.campaign_budgets SET reserved_exact = 0")
    await app.execute("DELETE FROM newsletter.campaign_budgets")


async def test_a_new_budget_begins_with_what_the_ledger_says(
    owner: Connection, app: Connection
) -> None:
    spring = await campaign(owner)
    for outcome in ("accepted", "accepted", "ambiguous", None, "refused"):
        await open_attempt(owner, uuid4(), campaign=spring, outcome=outcome)
    await owner.execute(
        "UPDATE newsletter.sms_attempts SET cents_billed = 1.19 WHERE outcome = 'accepted'"
    )
    await app.execute(
        "INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) VALUES ($1, 4)",
        spring,
    )
    assert await budget(owner) == {
        "budget_cents": 4, "spent_cents": 3, "spent_exact": Decimal("2.38"), "reserved_exact": Decimal("2.38"),
        "overspent_exact": Decimal("0.76"),
    }  # fmt: skip


async def test_the_host_may_start_counting_anew(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    await campaign(owner, budget=100)
    await daemon.execute("UPDATE newsletter.campaign_budgets SET spent_exact = 1.19")
    await app.execute("UPDATE newsletter.campaign_budgets SET spent_cents = 0")
    assert (await budget(owner))["spent_exact"] == 0
    assert await booked(owner) == Decimal("-1.19"), "what the ledger spent and the host forgot"


async def test_what_a_new_budget_has_spent_before_is_the_hosts(
    owner: Connection, app: Connection
) -> None:
    spring = await campaign(owner)
    await open_attempt(owner, uuid4(), campaign=spring, outcome="accepted")
    await owner.execute("UPDATE newsletter.sms_attempts SET cents_billed = 1.19")
    await app.execute(
        "INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents, spent_cents) VALUES ($1, 100, 5)",
        spring,
    )
    assert await booked(owner) == Decimal("3.81")
    await app.execute("UPDATE newsletter.campaign_budgets SET spent_cents = spent_cents + 2")
    assert await booked(owner) == Decimal("5.81")


@pytest.mark.parametrize("raised", [101, 0])
async def test_a_raised_budget_lets_the_campaign_go_on(
    owner: Connection, app: Connection, raised: int
) -> None:
    await campaign(owner, budget=100)
    await owner.execute("UPDATE newsletter.campaign_budgets SET exceeded_at = now()")
    await app.execute("UPDATE newsletter.campaign_budgets SET budget_cents = 99")
    assert await owner.fetchval("SELECT exceeded_at FROM newsletter.campaign_budgets")
    await app.execute("UPDATE newsletter.campaign_budgets SET budget_cents = $1", raised)
    assert await owner.fetchval("SELECT exceeded_at FROM newsletter.campaign_budgets") is None


async def test_a_budget_that_comes_while_its_campaign_sends_misses_nothing(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    """The host's transaction lasts: meanwhile one text is settled, and one is opened."""
    await share(owner)
    spring = await campaign(owner)
    for phone in ("+19165550100", "+19165550101"):
        await text(owner, campaign=spring, phone=phone)
    first, second = (await claim(daemon, 2)).claims
    async with app.transaction():
        await app.execute(
            "INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) VALUES ($1, 2)",
            spring,
        )
        await _settle(daemon, await open_attempts(daemon, [first], allow, terms()))
        opened = await open_attempts(daemon, [second], allow, terms())
    held = await budget(owner)
    assert (held["spent_exact"], held["reserved_exact"]) == (Decimal("1.19"), Decimal("1.19"))
    assert held["overspent_exact"] == Decimal("0.38")
    await _settle(daemon, opened)
    held = await budget(owner)
    assert (held["spent_exact"], held["reserved_exact"]) == (Decimal("2.38"), 0)


async def test_who_opens_and_a_budget_that_is_being_made_wait_for_each_other(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    await share(owner)
    spring = await campaign(owner)
    await text(owner, campaign=spring)
    claims = (await claim(daemon, 1)).claims
    insert = (
        "INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) VALUES ($1, 100)"
    )
    async with daemon.transaction():
        await open_attempts(daemon, claims, allow, terms())
        making = asyncio.create_task(app.execute(insert, spring))
        await until(owner, "EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
    await making
    assert (await budget(owner))["reserved_exact"] == Decimal("1.19")


async def test_a_text_twice_does_not_end_the_turn_of_a_budget_that_pays_the_rest(
    owner: Connection, daemon: Connection
) -> None:
    await share(owner)
    spring = await campaign(owner, budget=3)
    for phone in ("+19165550100", "+19165550100", "+19165550101"):
        await text(owner, campaign=spring, phone=phone)
    claims = sorted((await claim(daemon, 3)).claims, key=lambda c: c.facts.phone or "")
    done = await open_attempts(daemon, claims, allow, terms())
    assert (len(done.attempts), len(done.cancelled), len(done.unpaid)) == (1, 1, 1)
    assert not done.exceeded
    again = await open_attempts(daemon, (await claim(daemon, 3)).claims, allow, terms())
    assert len(again.attempts) == 1


async def _settle(daemon: Connection, opened: Opened) -> None:
    await settle(
        daemon,
        [Settlement(a.key, "accepted", None, "", Sent(str(a.id))) for a in opened.attempts],
    )
