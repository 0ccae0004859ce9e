"""How soon one allowed text leaves while a million others wait for the morning, and what deferring costs.

Usage: python bench/quiet.py [--rows N] [--judged N]. Starts a private PostgreSQL (durable, as it comes) and stops by
itself. What is measured is the time from COMMIT to request; the ratios are to the empty queue, measured
by the same daemon in the same run.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count

import night
import stage
from stage import WIDE, Daemon

from dispatcher.edge.postgres import PrivateServer
from dispatcher.edge.postgres_binaries import find
from dispatcher.store.database import Connection

TEXTS = 60
LONGEST_SECONDS = 3600
SETTINGS = WIDE | night.SETTINGS | {"SMS_DISPATCHER_EXPIRE_PROMOTION_HOURS": "700"}

FILL = """
INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content, scheduled_at)
  SELECT md5('campaign2')::uuid, p.id, p.phone, 'Hello, a table for two is free on Friday at five. ' || i, now() - interval '1 hour'
    FROM generate_series(0, $1::int - 1) i JOIN newsletter.subscribers p ON p.id = md5('person' || i % 40000)::uuid
"""
# As the daemon left them last night; judging as many takes minutes, and is measured with fewer.
DEFERRED = """
INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content, scheduled_at, not_before, reason, rule)
  SELECT md5('campaign0')::uuid, p.id, p.phone, 'Hello, a table for two is free on Friday at five. ' || i, now() - interval '1 hour',
         now() + interval '12 hours' + i % 600 * interval '1 s', 'quiet_hours', 'hours US'
    FROM generate_series(0, $1::int - 1) i JOIN newsletter.subscribers p ON p.id = md5('person' || i % 40000)::uuid
"""
AWAKE = """
INSERT INTO newsletter.subscribers (phone, sms_subscribed) SELECT $1 || '555' || lpad(i::text, 4, '0'), true FROM generate_series(0, 999) i
"""
ONE = """
INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content) VALUES (md5('campaign' || $1)::uuid, $2, $3)
"""
LEFT = (
    "SELECT count(*) FROM newsletter.sms_send_queue WHERE status = 'pending' AND reason IS NULL"
)
WRITES = """
SELECT coalesce(sum(n_tup_upd) FILTER (WHERE relname = 'sms_send_queue'), 0)::int AS queue,
       coalesce(sum(n_tup_upd + n_tup_ins) FILTER (WHERE relname NOT IN ('sms_send_queue')), 0)::int AS elsewhere,
       pg_current_wal_lsn() - '0/0'::pg_lsn AS wal
  FROM pg_stat_user_tables WHERE schemaname = 'newsletter'
"""


@dataclass
class Bench:
    """The daemon, and people who are awake in *area*."""

    conn: Connection
    daemon: Daemon
    area: str
    numbers: "count[int]"

    async def one(self, campaign: int) -> float:
        """Insert one allowed text; return how many milliseconds until its request."""
        n = next(self.numbers)
        text = f"Your table {n} is ready."
        await self.conn.execute("BEGIN")
        await self.conn.execute(ONE, str(campaign), f"{self.area}555{n % 1000:04}", text)
        start = time.monotonic()  # noqa: TID251  # the clock that processes share
        await self.conn.execute("COMMIT")
        called, told = await self.daemon.calls.get()
        if told != text:
            raise LookupError(f"another text left: {told}")
        return (called - start) * 1000

    async def some(
        self, texts: int = TEXTS, go_on: Callable[[], bool] = lambda: True
    ) -> list[float]:
        """Do so *texts* times, or until *go_on* ends it."""
        took = []
        while len(took) < texts and go_on():
            await stage.pause(0.1)
            took.append(await self.one(campaign=1))
        return took


async def figures(conn: Connection) -> tuple[int, int, int]:
    """Return the updates of the queue, the writes elsewhere, and the bytes of WAL so far."""
    await conn.execute("SELECT pg_stat_clear_snapshot()")
    row = await conn.fetchrow(WRITES)
    if row is None:
        raise LookupError("PostgreSQL keeps no statistics")
    return row["queue"], row["elsewhere"], int(row["wal"])


async def judge_all(bench: Bench, look: Connection, rows: int) -> list[float]:
    """Insert *rows* that must wait; return how long allowed texts of another campaign take meanwhile.

    The statistics of a process come a second after its transactions, so they are read at rest.
    """
    before = await figures(look)
    await bench.conn.execute("BEGIN")
    await bench.conn.execute(FILL, rows)
    filled = await figures(look)
    start = time.perf_counter()
    await bench.conn.execute("COMMIT")
    busy = True
    meanwhile = asyncio.create_task(bench.some(LONGEST_SECONDS, lambda: busy))
    async with asyncio.timeout(LONGEST_SECONDS):
        while await look.fetchval(LEFT) > TEXTS:
            await stage.pause(2)
    seconds = time.perf_counter() - start
    busy = False
    took = await meanwhile
    await stage.pause(3)
    after = await figures(look)
    queue = after[0] - before[0] - len(took) * 3  # take, open, settle
    say("deferrals", f"{rows / seconds:,.0f}/s, {rows:,} in {seconds:,.0f} s")
    say("writes of the queue a deferral", f"{queue / rows:.3f}", "1")
    elsewhere = after[1] - before[1] - len(took) * 8
    say("writes of other tables a deferral", f"{elsewhere / rows:.4f}", "0.05")
    say("WAL a deferral", f"{(after[2] - filled[2]) / rows:,.0f} bytes")
    return took


async def quiet(server: PrivateServer, rows: int, judged: int) -> None:
    """Measure the base, then with *rows* that wait, then with *judged* more that are judged."""
    async with AsyncExitStack() as stack:
        conn = await stack.enter_async_context(stage.database(server, "quiet"))
        look = await stack.enter_async_context(stage.another(server, "quiet"))
        await conn.execute(stage.filled(stage.PEOPLE, 40_000))
        await conn.execute(stage.filled(stage.NOT_NOW, 0))
        area = await night.awake(conn)
        await conn.execute(AWAKE, area)
        daemon = await stack.enter_async_context(
            stage.daemon(server, conn, "quiet", "--tell", **SETTINGS)
        )
        bench = Bench(conn, daemon, area, count())
        base = await bench.some()
        tell("(a) in an empty queue", base, base)
        resident = daemon.resident()
        await conn.execute(DEFERRED, rows)
        await conn.execute("VACUUM ANALYZE newsletter.sms_send_queue")
        tell(f"(b) with {rows:,} deferred to the morning", await bench.some(), base)
        during = await judge_all(bench, look, judged)
        tell(f"(c) while {judged:,} more of another campaign are judged", during, base)
        say("resident memory", f"{resident:.0f} MB before, {daemon.resident():.0f} after")
        behind = judged // 10
        await conn.execute(FILL, behind)
        last = await bench.one(campaign=2)
        tell(
            f"(d) in the same campaign behind {behind:,} that are not yet judged", [last], base
        )


def tell(what: str, took: list[float], base: list[float]) -> None:
    middle = statistics.median(took)
    ratio = middle / statistics.median(base)
    say(
        what,
        f"p50 {middle:,.1f} ms, most {max(took):,.1f} ms of {len(took)}; ratio {ratio:.2f}",
    )


def say(what: str, figure: str, aim: str = "") -> None:
    print(f"{what}: {figure}" + (f"; aim {aim}" if aim else ""), flush=True)


async def main(rows: int, judged: int) -> None:
    with stage.server() as server:
        await stage.make_template(server)
        print(f"PostgreSQL {find().version}, {rows:,} rows in quiet hours", flush=True)
        await quiet(server, rows, judged)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--judged", type=int, default=100_000)
    asked = parser.parse_args()
    asyncio.run(main(asked.rows, asked.judged))
