"""The claim reads its own index, whatever PostgreSQL believes of the table."""

from typing import Any
from uuid import UUID, uuid4

from support.plans import one_connection, plan
from support.queue import campaign

from dispatcher.store import claims, consent, facts, opening, rollups, verdicts
from dispatcher.store.database import Connection

ROWS = 100_000
IDS = "array_fill(gen_random_uuid(), ARRAY[500])"
PHONE = "'+19165550100'"
WORDS = "array_fill('expired'::text, ARRAY[500])"
RECORDS = "array_fill('{}'::text, ARRAY[500])"
OTHERS = {
    "facts": (facts.SQL, f"{IDS}, interval '25 hours', 3"),
    "take": (claims.SQL, f"{IDS}, 1, array_fill('x'::text, ARRAY[500]), '90 s'"),
    "cancel": (verdicts.SQL, f"{IDS}, {WORDS}, {WORDS}, {RECORDS}"),
    "defer": (
        verdicts.SQL,
        f"{IDS}, array_fill(now(), ARRAY[500]), {WORDS}, {WORDS}, {RECORDS}",
    ),
    "hand_back": (claims.SQL, f"{IDS}, array_fill(1, ARRAY[500]), 'budget'"),
    "hold": (claims.SQL, f"{IDS}, array_fill(1, ARRAY[500])"),
    "lock_rows": (opening.SQL, IDS),
    "lock_persons": (consent.SQL, f"{PHONE}, 1"),
    "remember": (consent.SQL, f"{PHONE}, now()"),
    "unsubscribe": (consent.SQL, f"{PHONE}, now()"),
    "restore": (consent.SQL, f"{PHONE}, now()"),
}


async def many(owner: Connection) -> UUID:
    """Insert a hundred thousand texts at once; nobody has counted them afterwards."""
    await owner.execute("ALTER TABLE newsletter.sms_send_queue SET (autovacuum_enabled = off)")
    await owner.execute("ALTER TABLE newsletter.subscribers SET (autovacuum_enabled = off)")
    spring = await campaign(owner, budget=0)
    await owner.execute(
        "INSERT INTO newsletter.subscribers (phone, sms_subscribed) SELECT '+1916555' || lpad(i::text, 4, '0'), true"
        " FROM generate_series(0, 9999) i"
    )
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content)"
        " SELECT $1, '+19165550100', 'Hello' FROM generate_series(1, $2::int)",
        spring,
        ROWS,
    )
    return spring


def reads_all(found: list[dict[str, Any]]) -> list[str]:
    """Return the tables that grow with the queue and of which each row would be read."""
    return [
        node["Relation Name"]
        for node in found
        if node["Node Type"] == "Seq Scan"
        and node["Relation Name"] in {"sms_send_queue", "subscribers"}
    ]


def sorts_queue(node: dict[str, Any]) -> bool:
    """Say whether all rows of the queue pass *node*, a sort: what a LIMIT below it lets through is few."""
    if "Sort" not in node["Node Type"]:
        return False
    below = list(node["Plans"])
    while below:
        each = below.pop()
        if each.get("Relation Name") == "sms_send_queue":
            return True
        below += [] if each["Node Type"] == "Limit" else each.get("Plans", [])
    return False


async def test_a_claim_reads_no_more_than_it_looks_at(database: str, owner: Connection) -> None:
    """On a queue that was empty, right after a hundred thousand rows came, and once they are counted.

    The plan of an empty queue counts too: a connection keeps it, and with it it meets the rows.
    """
    await owner.execute("VACUUM ANALYZE newsletter.sms_send_queue, newsletter.subscribers")
    async with one_connection(database) as daemons:
        await daemons.run(check, uuid4(), "empty")
        spring = await many(owner)
        await daemons.run(check, spring, "uncounted")
        await owner.execute("ANALYZE newsletter.sms_send_queue, newsletter.subscribers")
        await daemons.run(check, spring, "counted")


async def check(conn: Connection, campaign: UUID, when: str) -> None:
    lane = f"ARRAY['{campaign}']::uuid[], ARRAY['']::text[], 500"
    for name, arguments in (("candidates", lane), ("lanes", "current_date")):
        found = await plan(conn, claims.SQL[name], arguments)
        read = {
            n.get("Index Name") for n in found if n.get("Relation Name") == "sms_send_queue"
        }
        assert read == {"sms_send_queue_due"}, (name, when)
        assert not any(map(sorts_queue, found)), (name, when)
    for name in ("lock_live", "cancel_live"):
        found = await plan(conn, consent.SQL[name], PHONE)
        read = {
            n.get("Index Name") for n in found if n.get("Relation Name") == "sms_send_queue"
        }
        assert read - {None} == {"sms_send_queue_live_number"}, (name, when)
    for name, (queries, arguments) in OTHERS.items():
        assert reads_all(await plan(conn, queries[name], arguments)) == [], (name, when)


ATTEMPTS = 200_000
COUNTED = {
    "sms_send_queue": {"sms_send_queue_queued"},
    "sms_attempts": {"sms_attempts_settled"},
    "sms_delivery_events": {"sms_delivery_events_attempt"},
    "campaign_events": {"campaign_events_unsubscribed"},
    "sms_inbound_messages": {"sms_inbound_messages_replied"},
    "rollup_deleted": {"rollup_deleted_at"},
}
"""The tables that a day's figures are counted from, and by which index."""


async def years(owner: Connection) -> None:
    """Write a ledger and a queue of two hundred days, of four campaigns and of none."""
    for table in ("sms_attempts", "sms_delivery_events", "sms_send_queue", "campaign_events"):
        await owner.execute(
            f"ALTER TABLE newsletter.{table} SET (autovacuum_enabled = off);"
            f"ALTER TABLE newsletter.{table} DISABLE TRIGGER USER"
        )
    await owner.execute(
        "INSERT INTO newsletter.campaigns (id, name, channel, status, content)"
        " SELECT md5(i::text)::uuid, 'x', 'SMS', 'SENDING', 'x' FROM generate_series(0, 3) i"
    )
    await owner.execute(
        "INSERT INTO newsletter.sms_attempts (message_id, campaign_id, category, phone, sender, text_hash, fence, process_id,"
        " opened_at, send_by, segment_price, segments_reserved, cents_reserved, outcome, settled_at)"
        " SELECT gen_random_uuid(), CASE WHEN i % 5 < 4 THEN md5((i % 5)::text)::uuid END, 'promotion', '+19165550100', '+19165550199',"
        " sha256(i::text::bytea), 1, 1, t.at, t.at + interval '5 s', 1.19, 1, 1.19, 'accepted', t.at"
        " FROM generate_series(1, $1::int) i CROSS JOIN LATERAL"
        " (SELECT '2026-01-01'::timestamptz + i % 200 * interval '1 day' + i * interval '0.1 s' AS at) t",
        ATTEMPTS,
    )
    await owner.execute(
        "INSERT INTO newsletter.sms_delivery_events (attempt_id, phone_number, status)"
        " SELECT id, phone, 'DELIVERED' FROM newsletter.sms_attempts"
    )
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content, created_at)"
        " SELECT campaign_id, phone, 'x', settled_at FROM newsletter.sms_attempts WHERE id % 4 = 0"
    )
    await owner.execute(
        "INSERT INTO newsletter.campaign_events (campaign_id, event_type, occurred_at, attempt_id)"
        " SELECT campaign_id, CASE WHEN id % 1000 = 1 THEN 'UNSUBSCRIBED' ELSE 'SENT' END::public.campaign_event_type, settled_at, id"
        " FROM newsletter.sms_attempts WHERE id % 10 = 1 AND campaign_id IS NOT NULL"
    )


async def test_a_days_figures_are_counted_by_indexes(database: str, owner: Connection) -> None:
    async with one_connection(database) as daemons:
        await daemons.run(check_count, "empty")
        await years(owner)
        await daemons.run(check_count, "uncounted")
        await owner.execute("ANALYZE")
        await daemons.run(check_count, "counted")


async def check_count(conn: Connection, when: str) -> None:
    day = "ARRAY[md5('0')::uuid, NULL], ARRAY['2026-03-01', '2026-03-08']::date[]"
    found = await plan(conn, rollups.SQL["count"], day)
    read: dict[str, set[str]] = {}
    for node in found:
        if (name := node.get("Relation Name")) in COUNTED:
            read.setdefault(name, set()).add(node.get("Index Name", node["Node Type"]))
    assert read == COUNTED, when
