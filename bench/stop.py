"""How long after a STOP has arrived a text to that number can still leave.

With webhooks: the simulator tells of the text at once, the daemon opts the number out, and while
it does so it sends what is queued for it. Usage: python bench/stop.py [--people N]. Starts a
private PostgreSQL, the simulator and the daemon, on loopback, and stops by itself.
"""

import argparse
import asyncio
import os
import random
import socket
import statistics
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

import stage
from stage import WIDE

from dispatcher.edge import postgres
from dispatcher.edge.postgres import PrivateServer
from dispatcher.edge.postgres_binaries import find
from dispatcher.simulator.server import Simulator, start
from dispatcher.simulator.settings import Settings
from dispatcher.store import migrations
from dispatcher.store.database import Connection, connection

OURS = "+16505550100"
TEXTS_EACH = 20
STOPS_A_SECOND = 10
LONGEST_SECONDS = 120
LOOK_SECONDS = 0.05
PERCENT = 100

PEOPLE = """
WITH c AS (INSERT INTO newsletter.campaigns (name, channel, status, content, category)
             SELECT 'bench ' || i, 'SMS', 'SENDING', 'x', 'reminder' FROM generate_series(1, 4) i RETURNING id),
     p AS (INSERT INTO newsletter.subscribers (phone, sms_subscribed)
             SELECT '+1916555' || lpad(i::text, 4, '0'), true FROM generate_series(0, $1::int - 1) i RETURNING id, phone)
INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content)
SELECT c.id, p.id, p.phone, 'Your table is ready, ' || n FROM p, c, generate_series(1, $2::int) n
"""
SUBSCRIBED = "SELECT EXISTS (SELECT FROM newsletter.sms_subscriptions)"
ALL_OUT = "SELECT count(*) >= $1 FROM newsletter.sms_suppressions"
ALL_OVER = "SELECT NOT EXISTS (SELECT FROM newsletter.sms_send_queue WHERE status IN ('pending', 'sending'))"
OPT_OUTS = """
SELECT phone, pg_xact_commit_timestamp(xmin) AS at FROM newsletter.sms_suppressions WHERE reason = 'opted_out'
"""


async def measure(people: int) -> None:
    """Let *people* write STOP while their texts are being sent, and print how soon that ends."""
    with postgres.start(find(), {"track_commit_timestamp": "on"}) as server:
        async with connection(server.dsn()) as conn:
            await migrations.migrate(conn, migrations.Options(), lambda _: None)
            simulator = await start(Settings(limits={"light": 100_000, "medium": 100_000}))
            try:
                await _run(server, conn, simulator, people)
            finally:
                await simulator.stop()


async def _run(
    server: PrivateServer, conn: Connection, simulator: Simulator, people: int
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "dispatcher", "run",
        env=_settings(server, simulator), stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await _until(conn, SUBSCRIBED)
        await conn.execute(PEOPLE, people, TEXTS_EACH // 4)
        arrived = await _stop_all(simulator, people)
        await _until(conn, ALL_OUT, len(arrived))
        outs = {r["phone"]: r["at"] for r in await conn.fetch(OPT_OUTS)}
        await _until(conn, ALL_OVER)
    finally:
        process.terminate()
        await process.wait()
    _tell(simulator, arrived, outs)


async def _stop_all(simulator: Simulator, people: int) -> dict[str, datetime]:
    """Let everybody write STOP, one after the other, once texts are leaving."""
    arrived: dict[str, datetime] = {}
    await simulator.ledger.reached(texts=people)
    phones = [f"+1916555{n:04}" for n in range(people)]
    random.shuffle(phones)
    for phone in phones:
        simulator.receive(phone, OURS, "STOP please")
        arrived[phone] = simulator.ledger.inbound[-1].at
        await stage.pause(random.expovariate(STOPS_A_SECOND))
    return arrived


def _tell(
    simulator: Simulator, arrived: dict[str, datetime], outs: dict[str, datetime]
) -> None:
    last = dict(arrived)
    after = 0
    for text in simulator.ledger.texts:
        if text.at > arrived[text.to]:
            last[text.to] = max(last[text.to], text.at)
            after += 1
    _say("to the opt-out's commit", [outs[p] - at for p, at in arrived.items()])
    _say("to the last text to that number", [last[p] - at for p, at in arrived.items()])
    print(
        f"texts that were accepted after their STOP had arrived: {after} of {len(simulator.ledger.texts):,}"
    )


def _say(what: str, took: Sequence[timedelta]) -> None:
    cuts = statistics.quantiles(
        [1000 * t.total_seconds() for t in took], n=PERCENT, method="inclusive"
    )
    most = max(took).total_seconds() * 1000
    print(
        f"from a STOP's arrival {what}: p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, "
        f"longest {most:.0f} ms; aim p99 2000 ms",
        flush=True,
    )


async def _until(conn: Connection, query: str, *args: object) -> None:
    async with asyncio.timeout(LONGEST_SECONDS):
        while not await conn.fetchval(query, *args):
            await stage.pause(LOOK_SECONDS)


def _settings(server: PrivateServer, simulator: Simulator) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "SMS_", "RINGC"))}
    port = _free_port()
    defaults = Settings()
    return clean | WIDE | {
        "DATABASE_URL": server.dsn(),
        "RINGCENTRAL_SERVER_URL": simulator.url,
        "RINGCENTRAL_CLIENT_ID": defaults.client_id,
        "RINGCENTRAL_CLIENT_SECRET": defaults.client_secret,
        "RINGCENTRAL_JWT": defaults.jwt,
        "SMS_DISPATCHER_RATE_PER_MINUTE": "2400",
        "SMS_DISPATCHER_RATE_BURST": "40",
        "SMS_DISPATCHER_LANES": "20",
        "SMS_DISPATCHER_HTTP_PORT": "0",
        "SMS_DISPATCHER_WEBHOOK_URL": f"http://127.0.0.1:{port}/ringcentral",
        "SMS_DISPATCHER_WEBHOOK_PORT": str(port),
        "SMS_DISPATCHER_WEBHOOK_TOKEN": "only-for-the-bench-on-this-machine",
    }  # fmt: skip


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=300)
    asyncio.run(measure(parser.parse_args().people))
