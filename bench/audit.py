"""How long `sms-dispatcher audit` takes on a million queue rows, beside one plain scan of them.

Usage: python bench/audit.py [ROWS]. Starts a private PostgreSQL, fills it, and stops by itself.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable

from dispatcher.edge import postgres
from dispatcher.edge.postgres_binaries import find
from dispatcher.store import audit, migrations
from dispatcher.store.database import connection

ROUNDS = 5

FILL = """
INSERT INTO newsletter.campaigns (id, name, channel, status, content)
  SELECT md5('campaign' || i)::uuid, 'bench', 'SMS', 'SENDING', 'x' FROM generate_series(1, 5) i;
INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) SELECT id, 100 FROM newsletter.campaigns;
INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content)
  SELECT md5('campaign' || 1 + i % 5)::uuid,
         CASE i % 3 WHEN 0 THEN '(' || 201 + i % 700 || ') 555-' ELSE '+1' || 201 + i % 700 || '555' END || lpad((i / 700)::text, 4, '0'),
         'A text of the usual length of one segment, about a table for two at five. Reply STOP to opt out. ' || i
    FROM generate_series(1, {rows}) i;
ANALYZE newsletter.sms_send_queue;
"""
SCAN = "SELECT count(*) FROM newsletter.sms_send_queue WHERE message_content <> '' AND phone_number <> ''"


async def main(rows: int) -> None:
    with postgres.start(find()) as server:
        async with connection(server.dsn()) as conn:
            await migrations.migrate(conn, migrations.Options(), lambda _: None)
            await conn.execute(
                "SET client_min_messages = error;" + FILL.replace("{rows}", str(rows))
            )
            looks, scans = [], []
            for _ in range(ROUNDS):
                looks.append(await _seconds(audit.look(conn)))
                scans.append(await _seconds(conn.fetchval(SCAN)))
    look, scan = statistics.median(looks), statistics.median(scans)
    print(
        f"audit of {rows:,} queue rows on PostgreSQL {find().version}: median of {ROUNDS} "
        f"{look:.1f} s ({min(looks):.1f} to {max(looks):.1f}), {look / scan:.0f} plain scans"
    )


async def _seconds(work: Awaitable[object]) -> float:
    start = time.perf_counter()
    await work
    return time.perf_counter() - start


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
