"""A process is killed at each point in turn and another started: nobody twice, nobody forgotten."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.chaos import moments
from support.chaos.trial import Trial, trial
from support.hook import Hook, free_port, ours

from dispatcher.simulator.faults import Kind
from dispatcher.store.database import Connection

OURS = "+16505550100"
LOGGED_IN = "login.know_senders:after"


@pytest.fixture
async def dying(database: str, owner: Connection, tmp_path: Path) -> AsyncIterator[Trial]:
    """Daemons that die one after another, in one database; at the end all must be well."""
    async with trial(database, owner, tmp_path) as made:
        yield made
        await made.finish()
        await made.reckon()


async def an_hour_later(owner: Connection) -> None:
    """The shared token is over, and nobody is about to renew it."""
    await owner.execute(
        "UPDATE newsletter.sms_logins SET renew_at = now(), expires_at = now(), renewing_until = NULL,"
        " asked_at = '{}', refused_until = NULL"
    )


async def test_at_the_start(dying: Trial) -> None:
    for point in moments.START:
        await dying.texts(1)
        await an_hour_later(dying.owner)
        await dying.die(point)


async def test_with_texts_under_way(dying: Trial) -> None:
    for point in moments.TEXTS:
        await dying.texts(4)
        await dying.die(point)


async def test_as_the_leader(dying: Trial) -> None:
    """With texts whose answer was lost, and with what the dead have left."""
    await dying.die(LOGGED_IN)
    for point in moments.LEAD:
        dying.fault(Kind.CUT)
        await dying.texts(3)
        await dying.die(point)


async def test_with_news_of_texts(dying: Trial) -> None:
    """What died with its news is read and applied by the next."""
    for point in moments.NEWS:
        await dying.texts(2)
        await dying.owner.execute(
            "UPDATE newsletter.sms_syncs SET token_at = now() - interval '1 day';"
            "UPDATE newsletter.sms_receipts SET applied_at = NULL, verdict = NULL,"
            " early_at = CASE WHEN id % 2 = 0 THEN now() END"  # as if it had come before our answer
        )
        await dying.die(point)


async def test_with_an_opt_out(dying: Trial) -> None:
    for point in moments.OPT_OUT:
        dying.fault(Kind.DELIVERY, code="SMS-CAR-413")
        await dying.texts(1)
        await dying.die(point)


async def test_while_it_reads_who_opted_out(dying: Trial) -> None:
    """What RingCentral alone knew is known in the end, whoever died over it."""
    await dying.die(LOGGED_IN)
    for n, point in enumerate(moments.CONSENTS):
        dying.simulator.decide(OURS, f"+1212555{100 + n:04}", "OptOut")
        await dying.owner.execute(
            "UPDATE newsletter.sms_consent_reads SET read_at = read_at - interval '1 day'"
        )
        await dying.die(point)
    await dying.owner.execute(
        "UPDATE newsletter.sms_consent_reads SET read_at = read_at - interval '1 day'"
    )
    await dying.die("consent_reads.note:after")
    known = "SELECT count(*) FROM newsletter.sms_suppressions WHERE source = 'ringcentral'"
    assert await dying.owner.fetchval(known) == len(moments.CONSENTS)


async def test_while_it_ends_what_nobody_hears_of(dying: Trial) -> None:
    for point in moments.CLOSING:
        await dying.texts(1)
        await dying.die(point)


@pytest.mark.parametrize(
    ("points", "kind", "more"),
    [
        (moments.THROTTLED, Kind.THROTTLE, {"retry_after": 0.1}),
        (moments.BAD_SENDER, Kind.REFUSE, {"code": "MSG-304"}),
        (moments.DOUBTFUL, Kind.DROP, {"times": 9}),
    ],
)
async def test_when_ringcentral_makes_trouble(
    dying: Trial, points: list[str], kind: Kind, more: dict[str, Any]
) -> None:
    for point in points:
        await dying.owner.execute(
            "UPDATE newsletter.sms_buckets SET needs_probe = false, blocked_until = NULL;"
            "UPDATE newsletter.sms_senders SET stopped_until = NULL"
        )
        dying.fault(kind, **more)
        await dying.texts(9)
        await dying.die(point)
        dying.simulator.world.faults.clear()


async def test_while_a_subscription_is_made(dying: Trial) -> None:
    hook = Hook(free_port())
    dying.set(**hook.settings)
    for point in moments.SUBSCRIBED:
        for each in ours(dying.simulator, hook):
            dying.simulator.world.subscriptions.remove(each.id)
        await dying.texts(2)
        await dying.die(point)


async def test_when_ringcentral_calls(dying: Trial) -> None:
    """To say that something became of texts."""
    dying.set(**Hook(free_port()).settings)
    await dying.die("webhooks.note:after")
    for point in moments.CALLED:
        await dying.texts(2)
        await dying.die(point)


async def test_while_its_subscription_is_renewed(dying: Trial) -> None:
    hook, world = Hook(free_port()), dying.simulator.world
    dying.set(**hook.settings)
    for point in moments.RENEWED:
        await dying.die("webhooks.note:after")
        for each in ours(dying.simulator, hook):
            each.expires_at = world.clock.now() + timedelta(days=1)
        await dying.die(point)
    assert len(ours(dying.simulator, hook)) == 1


async def test_while_a_double_is_taken_away(dying: Trial) -> None:
    hook, world = Hook(free_port()), dying.simulator.world
    dying.set(**hook.settings)
    for point in moments.REMOVED:
        await dying.die("webhooks.note:after")
        (good,) = ours(dying.simulator, hook)
        world.subscriptions.add(replace(good, id="double"))
        await dying.die(point)
        world.subscriptions.remove("double")


async def test_when_the_login_is_stopped(dying: Trial) -> None:
    await dying.die(LOGGED_IN)
    for point in moments.LOGIN_STOPPED:
        await dying.texts(1)
        await dying.owner.execute(
            "UPDATE newsletter.sms_buckets SET needs_probe = true, blocked_until = now() + interval '0.2 s';"
            "UPDATE newsletter.alerts SET until = now()"
        )
        await dying.die(point)
        assert await dying.owner.fetchval(
            "SELECT coalesce(max(blocked_until), now()) < now() + interval '3 s' FROM newsletter.sms_buckets"
        ), "nobody waits longer for the dead than a look may take"


async def test_when_the_login_is_refused(dying: Trial) -> None:
    ours = dying.simulator.world.settings
    for point in moments.LOGIN_REFUSED:
        await an_hour_later(dying.owner)
        dying.simulator.world.settings = replace(ours, jwt="another")
        await dying.die(point)
    dying.simulator.world.settings = ours
    await an_hour_later(dying.owner)


async def test_when_the_answer_to_a_commit_was_lost(dying: Trial) -> None:
    for name, lost in moments.UNHEARD.items():
        for point in moments.around(name):
            await dying.texts(4)
            await dying.die(point, lost=lost)


async def test_when_it_is_told_to_stop(dying: Trial) -> None:
    for point in moments.STOP:
        await dying.texts(1)
        await dying.die(point, dying.leads)


async def test_when_it_is_told_to_stop_with_claims_in_line(dying: Trial) -> None:
    async def holds() -> None:
        await dying.leads()
        await dying.owner.execute(
            "UPDATE newsletter.sms_buckets SET capacity = 60, tokens = 60"
        )
        await dying.texts(6)
        await dying.holds_claims()

    for point in moments.STOP_WITH_CLAIMS:
        await dying.die(point, holds, rate_burst="1", rate_per_minute="60")
