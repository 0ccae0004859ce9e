"""What a settle writes into the queue is what stands in the ledger."""

from support.claiming import allow, claim, share, terms
from support.queue import campaign, text

from dispatcher.core.fate import Sent
from dispatcher.store import opening, settling, verify
from dispatcher.store.database import Connection
from dispatcher.store.settling import Settlement


async def test_an_id_that_another_attempt_has_is_not_the_rows_either(
    owner: Connection, daemon: Connection
) -> None:
    # Two campaigns said the same to one person; the record's only text was taken for the first one's.
    await share(owner)
    for _ in range(2):
        await text(owner, campaign=await campaign(owner))
    held = (await claim(daemon, 2)).claims
    opened = await opening.open_attempts(daemon, held, allow, terms())
    for attempt in opened.attempts:
        answer = Settlement(attempt.key, "accepted", None, "", Sent("1"))
        await settling.settle(daemon, [answer])
    rows = await owner.fetch(
        "SELECT q.status::text, q.provider_id, a.provider_id FROM newsletter.sms_send_queue q"
        " JOIN newsletter.sms_attempts a ON a.id = q.attempt_id ORDER BY a.id"
    )
    assert [tuple(r) for r in rows] == [("sent", "1", "1"), ("sent", None, None)]
    assert (await verify.look(owner)).findings == []
