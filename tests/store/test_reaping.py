"""What a process that lives has lost is found as well."""

from datetime import datetime, timedelta

import pytest
from support.claiming import LOGIN, Judged, allow, claim, share, terms
from support.queue import text

from dispatcher.core.guard import Defer
from dispatcher.core.reason import Reason
from dispatcher.store import leases, opening, processes, reaping
from dispatcher.store.database import Connection

DEAD_AFTER = timedelta(seconds=20)
AGE = "UPDATE newsletter.sms_attempts SET opened_at = opened_at - $1::interval, send_by = send_by - $1::interval"


async def test_an_attempt_that_its_process_never_heard_of_becomes_unknown(
    owner: Connection, daemon: Connection
) -> None:
    # The commit that opened it was done, its answer was lost, and the process works on.
    await share(owner)
    message = await text(owner)
    process = await processes.register(daemon, "host", 1, "0")
    held = (await claim(daemon, 1, process=process)).claims
    await opening.open_attempts(daemon, held, allow, terms(process))
    lead = await leases.lead(daemon, LOGIN, process, timedelta(minutes=1))
    assert lead

    await owner.execute(AGE, timedelta(minutes=10))
    assert not await reaping.reap(daemon, lead, DEAD_AFTER)

    await owner.execute(AGE, timedelta(minutes=10))
    assert (await reaping.reap(daemon, lead, DEAD_AFTER)).unknown == 1
    row = await owner.fetchrow(
        "SELECT q.status::text, q.unknown_at IS NOT NULL, a.outcome FROM newsletter.sms_send_queue q"
        " JOIN newsletter.sms_attempts a ON a.id = q.attempt_id WHERE q.id = $1",
        message,
    )
    assert row
    assert tuple(row) == ("sending", True, "ambiguous")


@pytest.mark.parametrize("judge", [allow, Judged(lambda _, now: later(now))])
async def test_deaths_that_are_not_in_a_row_set_nothing_aside(
    owner: Connection, daemon: Connection, judge: Judged
) -> None:
    """Who was judged or opened since is not what those processes died of."""
    await share(owner)
    await text(owner)
    await owner.execute("UPDATE newsletter.sms_send_queue SET reaps = 2")
    held = (await claim(daemon, 1, judge)).claims
    if held:
        assert await owner.fetchval("SELECT reaps FROM newsletter.sms_send_queue") == 2
        await opening.open_attempts(daemon, held, judge, terms())
    assert await owner.fetchval("SELECT reaps FROM newsletter.sms_send_queue") == 0


def later(now: datetime) -> Defer:
    return Defer(now + timedelta(hours=1), Reason.QUIET_HOURS)
