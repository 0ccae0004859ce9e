"""The gauges' figures are what the tables hold."""

from datetime import date
from decimal import Decimal

from support.queue import campaign, text

from dispatcher.core.snapshot import Budget
from dispatcher.store import snapshot
from dispatcher.store.database import Connection


async def today(conn: Connection) -> date:
    day: date = await conn.fetchval("SELECT current_date")
    return day


async def test_an_empty_database(owner: Connection, daemon: Connection) -> None:
    seen = await snapshot.take(daemon, await today(owner))
    assert (list(seen.depths), seen.due, seen.in_flight) == ([], 0, 0)
    assert seen.budget == Budget(Decimal(0), Decimal(0), Decimal(0))
    assert dict(seen.alerts) == {}


async def test_each_state_and_category(owner: Connection, daemon: Connection) -> None:
    spring = await campaign(owner)
    await owner.execute("UPDATE newsletter.campaigns SET category = 'reminder'")
    for status, extra in (("pending", {}), ("sending", {"claimed_by": 1}), ("sent", {})):
        await text(owner, campaign=spring, status=status, **extra)  # type: ignore[arg-type]
    await text(owner, status="sending", claimed_by=1, unknown_at=True)
    late, early = await text(owner), await text(owner)
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET scheduled_at = now() - interval '90 s' WHERE id = $1",
        late,
    )
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET not_before = now() + interval '90 s' WHERE id = $1",
        early,
    )
    seen = await snapshot.take(daemon, await today(owner))
    assert {(d.state, d.category): d.messages for d in seen.depths} == {
        ("pending", "reminder"): 1,
        ("pending", "promotion"): 2,
        ("sending", "reminder"): 1,
        ("unknown", "promotion"): 1,
    }
    ages = {(d.state, d.category): d.oldest_age_seconds for d in seen.depths}
    assert 90 <= ages["pending", "promotion"] < 150
    assert seen.due == 2


async def test_limits_and_money(owner: Connection, daemon: Connection) -> None:
    await owner.execute(
        "INSERT INTO newsletter.sms_buckets (login, limit_group, capacity, per_second, tokens, filled_at)"
        " VALUES ('a', 'medium', 10, 0.001, 4, now()), ('b', 'medium', 5, 0.001, 5, now())"
    )
    day = await today(owner)
    await owner.execute(
        "INSERT INTO newsletter.account_days (day, budget_cents, spent_exact, reserved_exact)"
        " VALUES ($1, 100, 2.38, 1.19)",
        day,
    )
    await owner.execute(
        "INSERT INTO newsletter.alerts (kind, object, what_to_do) VALUES ('no_sender', 'a', 'x'), ('no_sender', 'b', 'x')"
    )
    seen = await snapshot.take(daemon, day)
    (rate,) = seen.rates
    assert (rate.limiter, rate.capacity, round(rate.used, 1)) == ("medium", 15, 6.0)
    assert seen.budget == Budget(Decimal(100), Decimal("2.38"), Decimal("1.19"))
    assert dict(seen.alerts) == {"no_sender": 2}
