"""After whatever went wrong, the books agree, with each other and with RingCentral's record."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from support.command import Ran, run
from support.daemon import daemon, environment, until
from support.queue import campaign, person, text

from dispatcher.simulator.faults import Fault, Kind
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

WIDE = {"light": 100_000, "medium": 100_000, "heavy": 100_000, "auth": 50}
SETTLED = (
    "NOT EXISTS (SELECT FROM newsletter.sms_send_queue WHERE status IN ('pending', 'sending')"
    " AND held_at IS NULL)"
)
SOON = {
    "first_look_seconds": "0.2",
    "second_look_seconds": "0.2",
    "connect_timeout_seconds": "1",
    "read_timeout_seconds": "1",
    "send_by_seconds": "1",
}


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral whose limits are out of the way."""
    running = await start(Settings(limits=WIDE, lag=0))
    yield running
    await running.stop()


async def queued(owner: Connection, texts: int, category: str) -> UUID:
    spring = await campaign(owner, budget=1000)
    await owner.execute("UPDATE newsletter.campaigns SET category = $1", category)
    for n in range(texts):
        phone = f"+19165550{100 + n}"
        await text(owner, campaign=spring, person=await person(owner, phone=phone), phone=phone)
    return spring


async def compared(database: str, owner: Connection, simulator: Simulator) -> Ran:
    now = await owner.fetchval("SELECT now()")
    dsn = database.replace("owner@", "app_daemon@")
    since = (now - timedelta(hours=1)).isoformat()
    env = environment(dsn, simulator, light_per_minute="60000", **SOON)
    return await run("verify", "--ringcentral", "--since", since, "--json", dsn=dsn, **env)


async def test_the_books_agree_after_faults_of_every_kind(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await queued(owner, 30, "promotion")
    for kind, more in (
        (Kind.CUT, {}),
        (Kind.GARBLE, {}),
        (Kind.DROP, {}),
        (Kind.THROTTLE, {"retry_after": 0.2}),
        (Kind.REFUSE, {"code": "MSG-304"}),
    ):
        simulator.add_fault(Fault(kind=kind, group="medium", times=1, **more))
    async with daemon(database, simulator, **SOON):
        await until(owner, SETTLED)
        live = await run("verify", dsn=database)
        assert (live.code, live.err) == (0, ""), live.out
    ran = await compared(database, owner, simulator)
    said = json.loads(ran.out)
    assert (ran.code, said["faults"]) == (0, [])
    assert "record" in ran.err
    assert said["ringcentral"]["records"] == len(simulator.ledger.texts)
    assert said["ringcentral"]["ours"] == len(simulator.ledger.texts)


async def test_the_books_agree_after_a_process_was_killed(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    await queued(owner, 12, "transactional")
    simulator.add_fault(Fault(kind=Kind.SLOW, group="medium", seconds=30, times=3))
    async with daemon(database, simulator, **SOON) as first:
        await simulator.ledger.reached(texts=3)
        first.process.kill()
        await first.process.wait()
    dead = await run("verify", dsn=database)
    assert (dead.code, dead.err) == (0, ""), dead.out
    async with daemon(database, simulator, **SOON):
        await until(owner, SETTLED)
    ran = await compared(database, owner, simulator)
    assert (ran.code, json.loads(ran.out)["faults"]) == (0, [])
    assert set(simulator.ledger.per_number().values()) == {1}


async def test_what_only_one_side_knows_is_named(
    database: str, owner: Connection, simulator: Simulator
) -> None:
    """One text is gone from the record, one we call failed, one nobody here knows."""
    await queued(owner, 3, "promotion")
    async with daemon(database, simulator, **SOON):
        await until(owner, SETTLED)
    gone, hidden, unknown = simulator.ledger.texts
    assert simulator.world.store.delete(gone.id, simulator.world.clock.now(), purge=True)
    await owner.execute("ALTER TABLE newsletter.sms_attempts DISABLE TRIGGER USER")
    # Long enough ago to stand in the record.
    await owner.execute(
        "UPDATE newsletter.sms_attempts SET settled_at = settled_at - interval '1 min'"
    )
    await owner.execute(
        "UPDATE newsletter.sms_attempts SET outcome = 'refused', provider_id = NULL, cents_billed = NULL,"
        " segments_billed = NULL WHERE provider_id = $1",
        str(hidden.id),
    )
    await owner.execute(
        "UPDATE newsletter.sms_attempts SET provider_id = '1', text_hash = '', settled_at = now() + interval '1 h'"
        " WHERE provider_id = $1",
        str(unknown.id),
    )
    ran = await compared(database, owner, simulator)
    said = json.loads(ran.out)
    assert ran.code == 1
    faults = {f["fault"] for f in said["faults"]}
    assert {"not_in_record", "only_in_record"} <= faults
    assert said["ringcentral"] == {"records": 2, "ours": 0, "foreign": 1, "unsure": 0}
