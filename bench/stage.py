"""What every part of the bench stands on: migrated databases, the daemon as a process, its rows."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from dispatcher.edge import postgres
from dispatcher.edge.clock import SystemClock
from dispatcher.edge.postgres import PrivateServer
from dispatcher.edge.postgres_binaries import find
from dispatcher.store import migrations
from dispatcher.store.database import Connection, connection

CLOCK = SystemClock()
CAMPAIGNS = 4
TEMPLATE = "migrated"
LOGGED = {"logging_collector": "on", "log_directory": "statements", "log_line_prefix": "%a|"}
WIDE = {
    "SMS_DISPATCHER_HOURS": "off",
    "SMS_DISPATCHER_RATE_PER_MINUTE": "1000000",
    "SMS_DISPATCHER_RATE_BURST": "500000",
    "SMS_DISPATCHER_PER_NUMBER_PER_MINUTE": "1000000",
    "SMS_DISPATCHER_PER_NUMBER_PER_DAY": "100000000",
    "SMS_DISPATCHER_DAILY_BUDGET_CENTS": "1000000000",
    "SMS_DISPATCHER_LANES": "1000",
}
"""The limits out of the way."""

PEOPLE = """
INSERT INTO newsletter.campaigns (id, name, channel, status, content)
  SELECT md5('campaign' || i)::uuid, 'bench', 'SMS', 'SENDING', 'x' FROM generate_series(0, {campaigns} - 1) i ON CONFLICT DO NOTHING;
INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) SELECT id, 1000000000 FROM newsletter.campaigns ON CONFLICT DO NOTHING;
INSERT INTO newsletter.subscribers (id, phone, sms_subscribed, timezone)
  SELECT md5('person' || i)::uuid, '+1' || (ARRAY[916, 212, 305, 312])[1 + i / 10000] || '555' || lpad((i % 10000)::text, 4, '0'), true, 'America/New_York'
    FROM generate_series(0, {rows} - 1) i ON CONFLICT DO NOTHING;
"""
ROWS = """
INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content)
  SELECT md5('campaign' || i % {campaigns})::uuid, p.id, p.phone,
         'Hello, a table for two is free on Friday at five. Reply STOP to opt out of these texts. ' || i || ' {round}'
    FROM generate_series(0, {rows} - 1) i JOIN newsletter.subscribers p ON p.id = md5('person' || i)::uuid;
ANALYZE newsletter.campaigns, newsletter.subscribers, newsletter.sms_send_queue, newsletter.campaign_budgets;
"""

ONE = """
INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content)
  SELECT md5('campaign0')::uuid, id, phone, 'Your table is ready.' FROM newsletter.subscribers WHERE id = md5('person' || $1::int)::uuid
"""
# Half of the people never agreed: cancelled. The others are where it is night: deferred.
NOT_NOW = """
UPDATE newsletter.subscribers SET sms_subscribed = false WHERE id IN (SELECT md5('person' || i)::uuid FROM generate_series(0, {rows} / 2 - 1) i);
UPDATE newsletter.subscribers SET timezone = CASE WHEN extract(hour FROM now() AT TIME ZONE 'UTC') BETWEEN 7 AND 17 THEN 'Pacific/Kiritimati'
       WHEN extract(hour FROM now() AT TIME ZONE 'UTC') BETWEEN 18 AND 22 THEN 'Asia/Tokyo' ELSE 'Europe/London' END;
"""
BEHIND = """
INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content, scheduled_at)
  SELECT md5('campaign0')::uuid, p.id, p.phone, 'Hello, a table for two is free on Friday at five. Reply STOP to opt out.', now() - interval '1 hour'
    FROM generate_series(0, {rows} - 1) i JOIN newsletter.subscribers p ON p.id = md5('person' || i)::uuid;
ANALYZE newsletter.campaigns, newsletter.subscribers, newsletter.sms_send_queue, newsletter.campaign_budgets;
"""
LAST = """
WITH p AS (INSERT INTO newsletter.subscribers (phone, sms_subscribed) VALUES ($1, true) RETURNING id)
INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content)
  SELECT md5('campaign0')::uuid, id, $1, 'Your table is ready.' FROM p
"""


def filled(sql: str, rows: int, round_: object = "") -> str:
    """Return *sql* with its figures in place."""
    return (
        sql.replace("{campaigns}", str(CAMPAIGNS))
        .replace("{rows}", str(rows))
        .replace("{round}", str(round_))
    )


async def pause(seconds: float) -> None:
    await CLOCK.wait(asyncio.Event(), seconds)


@contextmanager
def server() -> Iterator[PrivateServer]:
    """Run a private PostgreSQL with its own default settings: what is committed is on the disk."""
    with postgres.start(find(), LOGGED) as running:
        yield running


async def make_template(running: PrivateServer) -> None:
    """Make the migrated database that the parts copy."""
    await _admin(running, f"CREATE DATABASE {TEMPLATE}")
    async with connection(running.dsn(TEMPLATE)) as conn:
        await migrations.migrate(conn, migrations.Options(), lambda _: None)


@asynccontextmanager
async def database(running: PrivateServer, name: str) -> AsyncIterator[Connection]:
    """Copy the migrated database; it is dropped afterwards."""
    await _admin(running, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    try:
        conn = await asyncpg.connect(running.dsn(name))
        try:
            yield conn
        finally:
            await conn.close()
    finally:
        await _admin(running, f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def another(running: PrivateServer, name: str) -> AsyncIterator[Connection]:
    """Connect to the database once more."""
    conn = await asyncpg.connect(running.dsn(name))
    try:
        yield conn
    finally:
        await conn.close()


async def _admin(running: PrivateServer, *statements: str) -> None:
    conn = await asyncpg.connect(running.dsn())
    try:
        for statement in statements:
            await conn.execute(statement)
    finally:
        await conn.close()


async def commits(running: PrivateServer, name: str) -> int:
    """Return how many transactions the database has seen: those of sessions that have ended."""
    conn = await asyncpg.connect(running.dsn())
    try:
        return await conn.fetchval(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = $1", name
        )
    finally:
        await conn.close()


@dataclass
class Daemon:
    """A daemon at work, its log in a file. *calls* are what its gateway told, if asked to."""

    process: asyncio.subprocess.Process
    log: Path
    calls: "asyncio.Queue[tuple[float, str]]" = field(default_factory=asyncio.Queue)

    def resident(self) -> float:
        """Return its resident memory, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    async def listen(self) -> None:
        assert self.process.stdout  # noqa: S101  # it was started with a pipe
        while line := await self.process.stdout.readline():
            when, _, text = line.decode().rstrip("\n").partition(" ")
            self.calls.put_nowait((float(when), text))

    async def started(self) -> None:
        while not (self.log.exists() and b"daemon.started" in self.log.read_bytes()):
            if self.process.returncode is not None:
                raise ChildProcessError(f"the daemon ended: see {self.log}")
            await pause(0.02)


@asynccontextmanager
async def daemon(
    running: PrivateServer, conn: Connection, name: str, *words: str, **settings: str
) -> AsyncIterator[Daemon]:
    """Run the daemon on database *name*, its buckets full; at the end it drains and stops."""
    here = Path(__file__).parent
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "SMS_", "RINGC"))}
    env |= {
        "PYTHONPATH": str(here.parent),
        "DATABASE_URL": running.dsn(name),
        "RINGCENTRAL_CLIENT_ID": "bench",
        "RINGCENTRAL_CLIENT_SECRET": "bench-secret",
        "RINGCENTRAL_JWT": "bench-jwt",
        "SMS_DISPATCHER_HTTP_PORT": "0",
    } | settings
    log = running.folder / f"{name}.log"
    log.unlink(missing_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        here / "instant.py",
        log,
        *words,
        env=env,
        stdout=asyncio.subprocess.PIPE,
    )
    child = Daemon(process, log)
    listening = asyncio.create_task(child.listen())
    try:
        await child.started()
        await conn.execute("UPDATE newsletter.sms_buckets SET tokens = capacity")
        await conn.execute("UPDATE newsletter.sms_senders SET minute_tokens = 1000000")
        yield child
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()
        await listening
