"""What is done for each receipt reads its own index, whatever PostgreSQL believes of the tables."""

from support.plans import one_connection, plan
from support.queue import campaign
from support.told import accepted

from dispatcher.store import applying, closing, syncs
from dispatcher.store.database import Connection

ROWS = 50_000
IDS, TIMES = "ARRAY[1, 2]::bigint[]", "ARRAY[now(), now()]"
TEXTS, UUIDS = "ARRAY['a', 'b']", "array_fill(gen_random_uuid(), ARRAY[2])"
ASKED = {
    "new": (applying.SQL, "500"),
    "found": (applying.SQL, "500, '10 minutes'"),
    "one": (applying.SQL, "1"),
    "matches": (applying.SQL, TEXTS),
    "states": (applying.SQL, IDS),
    "lock_attempts": (applying.SQL, IDS),
    "sent_last": (applying.SQL, f"{UUIDS}, {TIMES}"),
    "turn_bounced": (applying.SQL, f"{IDS}, {TIMES}"),
    "event_ended": (applying.SQL, f"{IDS}, {TEXTS}, {TIMES}"),
    "applied": (applying.SQL, f"{IDS}, {TEXTS}"),
    "park": (applying.SQL, IDS),
    "end_unconfirmed": (closing.SQL, "'3 days', 1000"),
    "give_up": (closing.SQL, "'3 days', 1000"),
    "forget": (closing.SQL, "'30 days', 1000"),
    "filtered": (closing.SQL, "2, 50"),
    "oldest_open": (syncs.SQL, ""),
}
GROWS = {
    "sms_receipts",
    "sms_attempts",
    "sms_delivery_events",
    "campaign_events",
    "subscribers",
}
SORTS = {"new", "end_unconfirmed", "give_up", "forget"}
"""Of these a step must not sort all that there is to take the first of it."""


async def many(owner: Connection) -> None:
    """Insert texts and their receipts at once; nobody has counted them afterwards."""
    await owner.execute(
        "".join(
            f"ALTER TABLE newsletter.{table} SET (autovacuum_enabled = off);" for table in GROWS
        )
    )
    await accepted(owner, "first", campaign=await campaign(owner, budget=0))
    more = f"generate_series(1, {ROWS}) i"
    await owner.execute(
        f"INSERT INTO newsletter.sms_receipts (login, provider_id, change, source, body, applied_at, verdict)"
        f" SELECT 'shop', i::text, '', 'sync', '', now(), 'applied' FROM {more};"
        f"INSERT INTO newsletter.sms_receipts (login, provider_id, change, source, body, early_at)"
        f" SELECT 'shop', i::text, 'early', 'sync', '', now() FROM {more};"
        f"INSERT INTO newsletter.sms_receipts (login, provider_id, change, source, body)"
        f" SELECT 'shop', i::text, 'new', 'sync', '' FROM {more};"
        f"INSERT INTO newsletter.sms_delivery_events (attempt_id, phone_number, status, sent_at)"
        f" SELECT -i, '+19165550100', 'QUEUED', now() FROM {more};"
        f"INSERT INTO newsletter.subscribers (phone) SELECT '+19165550100' FROM {more};"
    )


async def check(conn: Connection, when: str) -> None:
    for name, (queries, given) in ASKED.items():
        found = await plan(conn, queries[name], given)
        read = [
            n["Relation Name"]
            for n in found
            if n["Node Type"] == "Seq Scan" and n["Relation Name"] in GROWS
        ]
        assert read == [], (name, when)
        assert name not in SORTS or "Sort" not in {n["Node Type"] for n in found}, (name, when)


async def test_receipts_are_found_by_their_indexes(database: str, owner: Connection) -> None:
    """Also by the plans that were made when there were none: a connection keeps those."""
    async with one_connection(database) as daemons:
        await daemons.run(check, "empty")
        await many(owner)
        await daemons.run(check, "uncounted")
        await owner.execute("".join(f"ANALYZE newsletter.{table};" for table in GROWS))
        await daemons.run(check, "counted")
