"""Receipts are stored before they are understood."""

from dispatcher.core.raw import Source, raw
from dispatcher.store import receipts
from dispatcher.store.database import Connection

SENT = {"id": "1", "lastModifiedTime": "2026-01-05T15:21:08.123Z", "messageStatus": "Sent"}
DELIVERED = {
    "id": "1",
    "lastModifiedTime": "2026-01-05T15:21:09Z",
    "messageStatus": "Delivered",
}


async def keep(conn: Connection, source: Source, *entries: object) -> int:
    return await receipts.keep(conn, "shop", source, [raw(each) for each in entries])


async def test_a_change_is_stored_once_however_often_it_comes(daemon: Connection) -> None:
    assert await keep(daemon, Source.SYNC, SENT, DELIVERED, SENT) == 2
    assert await keep(daemon, Source.LIST, SENT) == 0
    assert await keep(daemon, Source.WEBHOOK, DELIVERED) == 0


async def test_what_a_webhook_claimed_is_replaced_by_the_record(daemon: Connection) -> None:
    await keep(daemon, Source.WEBHOOK, SENT | {"subject": "START"})
    await daemon.execute(
        "UPDATE newsletter.sms_receipts SET applied_at = now(), verdict = 'inbound'"
    )
    assert await keep(daemon, Source.SYNC, SENT | {"subject": "Hello"}) == 1
    row = await daemon.fetchrow("SELECT source, body, applied_at FROM newsletter.sms_receipts")
    assert row
    assert (row["source"], row["applied_at"]) == ("sync", None)
    assert "Hello" in row["body"]
