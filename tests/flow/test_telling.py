"""RingCentral's list hears of every opt-out and every return, as a whole daemon tells it."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.chaos import moments
from support.chaos.trial import trial
from support.daemon import daemon, until
from support.queue import campaign, person, text

from dispatcher.simulator.consents import OPT_IN, OPT_OUT
from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Number, Settings
from dispatcher.store.database import Connection

OURS, SECOND = "+16505550100", "+16505550101"
ADA, BOB = "+19165550100", "+19165550101"
WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 5}
QUICK = {"sync_seconds": "0.2", "light_per_minute": "60000", "poll_seconds": "0.2"}
TOLD = (
    "EXISTS (SELECT FROM newsletter.sms_consents_told"
    " WHERE phone = $1 AND changes = told_changes AND told = $2)"
)
REFUSED = "EXISTS (SELECT FROM newsletter.sms_consents_told WHERE phone = $1 AND refusal = $2)"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral with two numbers of ours."""
    ours = (Number(OURS), Number(SECOND))
    running = await start(Settings(limits=WIDE, numbers=ours, sent_after=0.05, final_after=0.1))
    yield running
    await running.stop()


def listed(simulator: Simulator, phone: str) -> list[tuple[str, str, str]]:
    """Return what RingCentral's list says of *phone*, for each number of ours."""
    found = simulator.world.consents.find(theirs=[phone])
    return sorted((one.ours, one.status, one.source) for one in found)


def patches(simulator: Simulator) -> int:
    return sum(request.method == "PATCH" for request in simulator.ledger.requests)


async def test_a_stop_that_ringcentral_does_not_understand_reaches_its_list(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await person(owner, phone=ADA)
    async with daemon(database, simulator, **QUICK) as running:
        simulator.receive(ADA, OURS, "Revoke")
        await until(owner, TOLD, ADA, "opt_out")
        assert listed(simulator, ADA) == [(OURS, OPT_OUT, "Api"), (SECOND, OPT_OUT, "Api")]
        simulator.receive(ADA, OURS, "START")
        await until(owner, TOLD, ADA, "opt_in")
        assert listed(simulator, ADA) == [
            (OURS, OPT_IN, "Recipient"),
            (SECOND, OPT_IN, "Api"),
        ]
        (_, told) = await running.said("consents.told", 2)
        await running.stop()
    assert (told["told"], told["refused"]) == (1, 0)
    assert ADA not in running.raw


async def test_what_the_application_writes_reaches_it(
    database: str, owner: Connection, app: Connection, simulator: Simulator
) -> None:
    await person(owner, phone="(916) 555-0101")
    async with daemon(database, simulator, **QUICK) as running:
        await app.execute("UPDATE newsletter.subscribers SET sms_unsubscribed_at = now()")
        await until(owner, TOLD, BOB, "opt_out")
        assert [status for _, status, _ in listed(simulator, BOB)] == [OPT_OUT, OPT_OUT]
        await app.execute("UPDATE newsletter.subscribers SET sms_unsubscribed_at = NULL")
        await until(owner, TOLD, BOB, "opt_in")
        assert [status for _, status, _ in listed(simulator, BOB)] == [OPT_IN, OPT_IN]
        await running.stop()


async def test_who_opted_out_before_there_was_a_login_is_told_of(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    for phone in (ADA, BOB):
        await person(owner, phone=phone, opted_out=True)
    async with daemon(database, simulator, **QUICK) as running:
        for phone in (ADA, BOB):
            await until(owner, TOLD, phone, "opt_out")
        await running.stop()
    assert patches(simulator) == 1, "in one request"
    for phone in (ADA, BOB):
        assert [status for _, status, _ in listed(simulator, phone)] == [OPT_OUT, OPT_OUT]


async def test_who_opted_out_of_one_number_by_the_carrier_is_told_of_for_the_other(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await person(owner, phone=ADA)
    simulator.decide(OURS, ADA, OPT_OUT, "Carrier")
    async with daemon(database, simulator, **QUICK) as running:
        await until(owner, TOLD, ADA, "opt_out")
        await running.stop()
    assert listed(simulator, ADA) == [(OURS, OPT_OUT, "Carrier"), (SECOND, OPT_OUT, "Api")]


async def test_a_number_that_is_refused_keeps_no_other_back(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    simulator.add_fault(Fault(Kind.RECORD, to=ADA[-4:], code="CMN-102"))
    for phone in (ADA, BOB):
        await person(owner, phone=phone, opted_out=True)
    async with daemon(database, simulator, **QUICK) as running:
        await until(owner, REFUSED, ADA, "CMN-102")
        await until(owner, TOLD, BOB, "opt_out")
        (told,) = await running.said("consents.told")
        await running.stop()
    assert (told["told"], told["refused"]) == (1, 1)
    assert listed(simulator, ADA) == []


async def test_without_the_permission_nothing_is_lost_and_one_warning_said(
    database: str, owner: Connection, app: Connection, simulator: Simulator
) -> None:
    fault = simulator.add_fault(
        Fault(Kind.REFUSE, method="PATCH", path="consents$", code="CMN-401", status=403)
    )
    await person(owner, phone=ADA, opted_out=True)
    async with daemon(database, simulator, **QUICK) as running:
        (refused,) = await running.said("consents.refused")
        await person(app, phone=BOB, opted_out=True)
        spring = await campaign(owner, budget=0)
        someone = await person(owner, phone="+19165550102")
        await text(owner, campaign=spring, person=someone, phone="+19165550102")
        await until(owner, "count(*) = 1 FROM newsletter.sms_send_queue WHERE status = 'sent'")
        await running.stop()
        assert len(await running.said("consents.refused")) == 1
    assert refused["level"] == "warning"
    assert "permission SMS" in refused["sentence"]
    assert patches(simulator) == 1, "it is not asked again and again"
    simulator.remove_fault(fault)
    async with daemon(database, simulator, **QUICK) as running:
        for phone in (ADA, BOB):
            await until(owner, TOLD, phone, "opt_out")
        await running.stop()


async def test_an_answer_that_says_nothing_is_asked_for_again(
    database: str, owner: Connection, app: Connection, simulator: Simulator
) -> None:
    """The next hint, or the next minute, brings what a fault held back."""
    simulator.add_fault(Fault(Kind.TIMEOUT, method="PATCH", times=1))
    await person(owner, phone=ADA, opted_out=True)
    async with daemon(database, simulator, **QUICK) as running:
        await running.said("consents.refused")
        await person(app, phone=BOB, opted_out=True)
        for phone in (ADA, BOB):
            await until(owner, TOLD, phone, "opt_out")
        await running.stop()
    assert patches(simulator) == 2


async def test_a_limit_stops_all_who_look_up(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    simulator.add_fault(Fault(Kind.THROTTLE, method="PATCH", times=1, retry_after=1))
    await person(owner, phone=ADA, opted_out=True)
    async with daemon(database, simulator, **QUICK) as running:
        await running.said("limit.hit")
        assert await owner.fetchval(
            "SELECT blocked_until IS NOT NULL FROM newsletter.sms_buckets WHERE limit_group = 'light'"
        )
        await running.stop()


async def test_two_daemons_tell_once(
    database: str, owner: Connection, app: Connection, simulator: Simulator
) -> None:
    async with (
        daemon(database, simulator, **QUICK) as one,
        daemon(database, simulator, **QUICK) as two,
    ):
        await person(app, phone=ADA, opted_out=True)
        await until(owner, TOLD, ADA, "opt_out")
        await one.stop(signal.SIGKILL)
        await person(app, phone=BOB, opted_out=True)
        await until(owner, TOLD, BOB, "opt_out")
        await two.stop()
    assert [status for _, status, _ in listed(simulator, BOB)] == [OPT_OUT, OPT_OUT]


async def test_a_death_around_each_request_and_commit_is_harmless(
    database: str, owner: Connection, tmp_path: Path
) -> None:
    """What one died over is told by the next; nobody is opted in on the way."""
    async with trial(database, owner, tmp_path) as dying:
        for point in moments.EARLIER:
            await owner.execute("UPDATE newsletter.sms_senders SET told_at = NULL")
            await dying.die(point)
        for n, point in enumerate(moments.TOLD):
            await person(owner, phone=f"+1212555{100 + n:04}", opted_out=True)
            await dying.die(point)
        await dying.finish()
        rows = await owner.fetch("SELECT phone, told FROM newsletter.sms_consents_told")
        assert {r["told"] for r in rows} == {"opt_out"}
        assert len(rows) == len(moments.TOLD)
        for row in rows:
            assert {status for _, status, _ in listed(dying.simulator, row["phone"])} == {
                OPT_OUT
            }
