"""A look into RingCentral's record counts once."""

from datetime import timedelta

from support.claiming import LOGIN, OURS, TODAY
from support.queue import open_attempt, person, text

from dispatcher.core.message import Category
from dispatcher.core.reconcile import IfAbsent, Seen, Waits
from dispatcher.store import leases, login, reconciling
from dispatcher.store.database import Connection

NOW = timedelta(0)


async def test_a_look_that_is_written_twice_is_one_look(owner: Connection) -> None:
    await login.know_senders(owner, LOGIN, {OURS: True}, TODAY)
    message = await text(owner, person=await person(owner), status="sending")
    attempt = await open_attempt(owner, message, outcome="ambiguous")
    await owner.execute(
        "UPDATE newsletter.sms_attempts SET sender = $1, opened_at = now() - interval '1 h', send_by = now() - interval '1 h' + interval '1 s'",
        OURS,
    )
    fence = await leases.lead(owner, 1, timedelta(minutes=1)) or 0
    due = await reconciling.due(owner, LOGIN, Waits(NOW, NOW, NOW, NOW))
    seen = Seen(absent={attempt})
    for _ in range(2):
        rules = dict.fromkeys(Category, IfAbsent.HOLD)
        await reconciling.write(owner, fence, due, seen, rules)
    assert await owner.fetchval("SELECT looks FROM newsletter.sms_attempts") == 1
