"""A commit whose answer is lost: what it did is undone at once, not when some lease is over."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from support.chaos.doom import Unheard
from support.daemon import until
from support.inside import inside
from support.queue import campaign, person, text

from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store.database import Connection

ALL_SENT = "bool_and(status = 'sent') FROM newsletter.sms_send_queue"
TEXTS = 5


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A RingCentral whose limits are out of the way."""
    running = await start(Settings(limits={"medium": 100_000}))
    yield running
    await running.stop()


@pytest.mark.parametrize("commit", ["claims.claim", "opening.open_attempts", "settling.settle"])
async def test_it_goes_on_at_once(
    database: str, owner: Connection, simulator: Simulator, commit: str
) -> None:
    spring = await campaign(owner, budget=100)
    for n in range(TEXTS):
        phone = f"+19165550{100 + n}"
        await text(owner, campaign=spring, person=await person(owner, phone=phone), phone=phone)
    lost = Unheard(f"{commit}:after")
    async with inside(database, simulator, lost) as running:
        await until(owner, ALL_SENT)
        assert lost.point is None, "the answer was lost"
        await running.told("database.lost")
        assert len(running.lines("database.lost")) == 1
    assert simulator.ledger.per_number() == {f"+19165550{100 + n}": 1 for n in range(TEXTS)}
    money = await owner.fetchrow(
        "SELECT spent_exact, reserved_exact FROM newsletter.campaign_budgets"
    )
    assert tuple(money or ()) == (TEXTS * Decimal("1.19"), 0)
    assert (
        await owner.fetchval(
            "SELECT count(*) FROM newsletter.sms_attempts WHERE outcome = 'ambiguous'"
        )
        == 0
    )


@pytest.mark.parametrize("reaped", [False, True])
async def test_what_was_opened_and_never_begun_is_surely_unsent(
    database: str, owner: Connection, simulator: Simulator, *, reaped: bool
) -> None:
    """Even if others took its process for dead meanwhile."""
    await text(owner, campaign=await campaign(owner, budget=100), person=await person(owner))
    if reaped:
        await owner.execute(
            "CREATE FUNCTION doubt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            "  IF NOT EXISTS (SELECT FROM newsletter.sms_attempts) THEN NEW.outcome := 'ambiguous'; NEW.settled_at := now(); END IF;"
            "  RETURN NEW; END $$;"
            "CREATE TRIGGER doubt BEFORE INSERT ON newsletter.sms_attempts FOR EACH ROW EXECUTE FUNCTION doubt()"
        )
    async with inside(database, simulator, Unheard("opening.open_attempts:after")):
        await until(owner, ALL_SENT)
    rows = await owner.fetch("SELECT outcome FROM newsletter.sms_attempts ORDER BY id")
    assert [r["outcome"] for r in rows] == ["unreached", "accepted"]
