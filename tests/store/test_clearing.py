"""How many are put off at once, so that what may leave does not wait for long."""

from datetime import UTC, datetime

import pytest
from support.claiming import allow, limits, share
from support.promotions import PHONES, Process, capped, queue
from support.verdicts import FACTS

from dispatcher.core.guard import Defer
from dispatcher.core.reason import Reason
from dispatcher.loops.claimer import next_look
from dispatcher.store import claims
from dispatcher.store.claims import Claimed
from dispatcher.store.database import Connection

PUT_OFF = (FACTS, Defer(datetime(2026, 1, 6, tzinfo=UTC), Reason.QUIET_HOURS))


@pytest.mark.parametrize(
    ("looked_at", "deferred", "seconds", "then"),
    [
        (500, 500, 0.1, 500),
        (500, 500, 0.2, 250),
        (500, 500, 2.0, 50),
        (500, 500, 0.0, 500),
        (250, 250, 0.05, 500),
        (500, 251, 0.5, 100),
        (500, 250, 5.0, 500),  # mostly texts that leave: the more the better
        (0, 0, 1.0, 500),
    ],
)
def test_a_claim_that_puts_off_takes_a_tenth_of_a_second(
    looked_at: int, deferred: int, seconds: float, then: int
) -> None:
    done = Claimed(looked_at=looked_at, deferred=[PUT_OFF] * deferred)
    assert next_look(done, seconds) == then


async def test_a_claim_looks_at_no_more_than_it_is_told(
    owner: Connection, daemon: Connection
) -> None:
    await share(owner)
    await queue(owner, None, PHONES, each=5)
    lanes, _ = await claims.lanes(daemon, limits().day)
    done = await claims.claim(daemon, lanes, 100, allow, limits(look=7))
    assert (done.looked_at, len(done.claims)) == (7, 7)
    assert len((await Process(capped(0)).claim(daemon)).claims) == 13
