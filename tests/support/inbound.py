"""Texts that people write to us, as RingCentral's record tells of them."""

from datetime import datetime
from itertools import count
from typing import Any

from dispatcher.core.inbound import Replies
from dispatcher.store import inbound
from dispatcher.store.database import Connection
from dispatcher.store.inbound import Received
from support.claiming import LOGIN, OURS

PHONE = "+19165550100"
SILENT = Replies(confirm_opt_out=False, opt_out_text="Bye.", help_text="")
CHATTY = Replies(confirm_opt_out=True, opt_out_text="Bye.", help_text="Call us.")
_IDS = count(1)


def entry(words: str, at: datetime, *, phone: str = PHONE, to: str = OURS) -> dict[str, Any]:
    return {
        "id": f"in-{next(_IDS)}",
        "from": {"phoneNumber": phone},
        "to": [{"phoneNumber": to}],
        "direction": "Inbound",
        "creationTime": at.isoformat(),
        "messageStatus": "Received",
        "subject": words,
    }


async def receive(
    conn: Connection, record: dict[str, Any], *, trusted: bool = True, rules: Replies = SILENT
) -> Received:
    async with conn.transaction():
        return await inbound.receive(conn, LOGIN, record, trusted=trusted, rules=rules)
