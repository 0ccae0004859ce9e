"""Alerts follow the state of the database: raised once, cleared once, whoever looks."""

import asyncio
from datetime import date

import pytest
from support.host import connected
from support.queue import campaign, text

from dispatcher.core.alerts import WHAT_TO_DO, Alert
from dispatcher.store import alerts
from dispatcher.store.alerts import SAID_BY_PROCESSES, Changed
from dispatcher.store.database import Connection

LOGIN = "client-1"
NUMBER = "+16505550100"

CALLS = {
    "budget_overspent": (
        "UPDATE newsletter.campaign_budgets SET budget_cents = 1, overspent_exact = 1, spent_exact = 2",
        "UPDATE newsletter.campaign_budgets SET budget_cents = 5, overspent_exact = 0",
    ),
    "login_stopped": (
        "UPDATE newsletter.sms_buckets SET needs_probe = true, blocked_until = now()",
        "UPDATE newsletter.sms_buckets SET needs_probe = false",
    ),
    "rollup_stale": (
        "INSERT INTO newsletter.rollup_stale (at, noted_at) VALUES (now(), now() - interval '61 min')",
        "UPDATE newsletter.rollup_stale SET noted_at = now() - interval '59 min'",
    ),
    "no_sender": (
        "UPDATE newsletter.sms_senders SET enabled = false",
        "UPDATE newsletter.sms_senders SET enabled = true",
    ),
    "sender_stopped": (
        "UPDATE newsletter.sms_senders SET stopped_until = now() + interval '1 hour' WHERE number = '+16505550100'",
        "UPDATE newsletter.sms_senders SET stopped_until = now()",
    ),
    "message_held": (
        (
            "INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content, status, unknown_at, held_at)"
            " SELECT id, '+19165550100', 'x', 'sending', now(), now() FROM newsletter.campaigns"
        ),
        "UPDATE newsletter.sms_send_queue SET status = 'sent'",
    ),
    "webhook_down": (
        (
            "INSERT INTO newsletter.sms_subscriptions (login, address, token_mark, status, silent_after)"
            " VALUES ('client-1', 'https://a.example/hook', '', 'Missing', '30 min')"
        ),
        "UPDATE newsletter.sms_subscriptions SET status = 'Off'",
    ),
    "webhook_silent": (
        (
            "INSERT INTO newsletter.sms_subscriptions (login, subscription_id, address, token_mark, status, expires_at, silent_after,"
            " quiet_since) VALUES ('client-1', 'one', 'https://a.example/hook', '', 'Active', now() + interval '1 day', '30 min',"
            " now() - interval '31 min')"
        ),
        "UPDATE newsletter.sms_subscriptions SET quiet_since = NULL, heard_at = now()",
    ),
    "consents_untold": (
        (
            "INSERT INTO newsletter.leases (name, owner, until) VALUES ('leader of client-1', 1, now());"
            "INSERT INTO newsletter.sms_consents_told (phone, login, due_at)"
            " VALUES ('+19165550100', 'client-1', now() - interval '61 min')"
        ),
        "UPDATE newsletter.sms_consents_told SET due_at = now() - interval '59 min'",
    ),
    "reply_unclear": (
        (
            "INSERT INTO newsletter.sms_inbound_messages (provider_id, login, phone_number, sender, message_content,"
            " written_at, verdict, why) VALUES ('1', 'x', '+19165550100', '+16505550100', 'x', now(), 'unclear', 'similar')"
        ),
        "UPDATE newsletter.sms_inbound_messages SET handled_at = now()",
    ),
    "budget_exceeded": (
        "UPDATE newsletter.campaign_budgets SET exceeded_at = now()",
        "UPDATE newsletter.campaign_budgets SET budget_cents = budget_cents + 1",
    ),
}
"""For each kind: what calls for it, and what mends it."""

RAISED_BY_WHO_ACTS = {"message_poison", "spam_filtered"}


@pytest.fixture(autouse=True)
async def state(owner: Connection) -> str:
    """A login with two numbers and a campaign with a budget; returns the campaign's id."""
    await owner.execute(
        "INSERT INTO newsletter.sms_buckets (login, limit_group, capacity, per_second, tokens)"
        " VALUES ($1, 'medium', 1, 1, 1)",
        LOGIN,
    )
    await owner.execute(
        "INSERT INTO newsletter.sms_senders (login, number, enabled, minute_tokens, day)"
        " SELECT $1, n, true, 1, current_date FROM unnest($2::text[]) n",
        LOGIN,
        [NUMBER, "+16505550101"],
    )
    return str(await campaign(owner, budget=1))


async def today(conn: Connection) -> date:
    day: date = await conn.fetchval("SELECT current_date")
    return day


def test_every_kind_is_tried() -> None:
    assert set(CALLS) | set(SAID_BY_PROCESSES) | RAISED_BY_WHO_ACTS == set(WHAT_TO_DO)


@pytest.mark.parametrize("kind", CALLS)
async def test_each_kind_comes_and_goes(
    owner: Connection, daemon: Connection, state: str, kind: str
) -> None:
    objects = {
        "webhook_down": LOGIN,
        "webhook_silent": LOGIN,
        "reply_unclear": "inbound",
        "no_sender": LOGIN,
        "login_stopped": LOGIN,
        "sender_stopped": NUMBER,
        "rollup_stale": "figures",
        "consents_untold": LOGIN,
    }
    alert = Alert(kind, objects.get(kind, state))
    day = await today(owner)
    assert await alerts.follow(daemon, day) == Changed((), ())
    await owner.execute(CALLS[kind][0])
    assert await alerts.follow(daemon, day) == Changed([alert], ())
    assert await alerts.follow(daemon, day) == Changed((), ())
    await owner.execute(CALLS[kind][1])
    assert await alerts.follow(daemon, day) == Changed((), [alert])
    assert await owner.fetchval("SELECT what_to_do FROM newsletter.alerts") == WHAT_TO_DO[kind]
    assert await owner.fetchval("SELECT until >= since FROM newsletter.alerts")


async def test_of_eight_that_look_one_tells(owner: Connection, database: str) -> None:
    await owner.execute(CALLS["no_sender"][0])
    day = await today(owner)

    async def look() -> Changed:
        async with connected(database) as conn:
            return await alerts.follow(conn, day)

    told = [
        x for seen in await asyncio.gather(*(look() for _ in range(8))) for x in seen.raised
    ]
    assert told == [Alert("no_sender", LOGIN)]


async def test_the_days_budget(owner: Connection, daemon: Connection) -> None:
    day = await today(owner)
    await owner.execute(
        "INSERT INTO newsletter.account_days (day, budget_cents, exceeded_at) VALUES ($1, 5, now())",
        day,
    )
    alert = Alert("budget_exceeded", str(day))
    assert await alerts.follow(daemon, day) == Changed([alert], ())
    tomorrow = date.fromordinal(day.toordinal() + 1)
    assert await alerts.follow(daemon, tomorrow) == Changed((), [alert])


@pytest.mark.parametrize("status", ["SENT", "CANCELLED"])
async def test_a_campaign_that_is_over_calls_for_nothing(
    owner: Connection, daemon: Connection, status: str
) -> None:
    await owner.execute(CALLS["budget_exceeded"][0])
    day = await today(owner)
    assert len((await alerts.follow(daemon, day)).raised) == 1
    await owner.execute(
        "UPDATE newsletter.campaigns SET status = $1::text::public.campaign_status", status
    )
    assert len((await alerts.follow(daemon, day)).cleared) == 1


async def test_what_a_process_says_stays_until_a_process_clears_it(
    owner: Connection, daemon: Connection
) -> None:
    refused = [Alert("login_refused", LOGIN)]
    assert await alerts.raise_all(daemon, refused) == Changed(refused, ())
    assert await alerts.raise_all(daemon, refused) == Changed([], ())
    assert await alerts.follow(daemon, await today(owner)) == Changed((), ())
    assert await alerts.clear_all(daemon, refused) == Changed((), refused)
    assert await alerts.clear_all(daemon, refused) == Changed((), [])


async def test_a_login_without_any_number(owner: Connection, daemon: Connection) -> None:
    await owner.execute("DELETE FROM newsletter.sms_senders")
    day = await today(owner)
    assert await alerts.follow(daemon, day) == Changed((), ())
    await owner.execute(
        "UPDATE newsletter.sms_buckets SET filled_at = now() - interval '2 minutes'"
    )
    assert (await alerts.follow(daemon, day)).raised == [Alert("no_sender", LOGIN)]


async def test_a_text_of_no_campaign_is_no_alert(owner: Connection, daemon: Connection) -> None:
    await text(owner)
    assert await alerts.follow(daemon, await today(owner)) == Changed((), ())
