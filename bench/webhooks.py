"""Measures how soon a call of RingCentral's is on the disk and answered: 50 a second for a minute.

Calls come at their times, whether the last one was answered or not, by one client of many
connections; half are texts that come in, half only say that something changed. Once with the
daemon applying what it stores, once without. Usage: python bench/webhooks.py [--rate N]
[--seconds N]. Starts a private PostgreSQL (durable, as it comes) and stops by itself.
"""

import argparse
import asyncio
import json
import socket
import statistics
import time
from collections import Counter

import aiohttp
import instant
import stage
from stage import WIDE

from dispatcher.edge.postgres import PrivateServer
from dispatcher.edge.postgres_binaries import find
from dispatcher.store.database import Connection

RATE, SECONDS = 50, 60
TOKEN = "a-token-of-the-bench-and-of-nobody-else"  # noqa: S105 - it opens nothing
EVENT = f"/restapi/v1.0/account/1/extension/{instant.EXTENSION}/message-store"
HEADERS = {"Verification-Token": TOKEN, "Content-Type": "application/json"}
DONE_ALREADY = """
CREATE FUNCTION newsletter.done_already() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN NEW.applied_at = now(); NEW.verdict = 'inbound'; RETURN NEW; END$$;
CREATE TRIGGER done_already BEFORE INSERT ON newsletter.sms_receipts FOR EACH ROW EXECUTE FUNCTION newsletter.done_already();
"""


def call(number: int) -> bytes:
    """Return what RingCentral would call with."""
    inbound = {
        "id": str(number),
        "direction": "Inbound",
        "from": {"phoneNumber": f"+1916555{number % 10_000:04}"},
        "to": [{"phoneNumber": instant.NUMBER}],
        "subject": "Could you keep the corner table for us",
        "messageStatus": "Received",
    }
    changed = {"changes": [{"type": "SMS", "updatedCount": 1}]}
    whole = {
        "uuid": str(number),
        "event": f"{EVENT}/instant?type=SMS" if number % 2 else f"{EVENT}?type=SMS",
        "subscriptionId": instant.SUBSCRIPTION,
        "ownerId": instant.EXTENSION,
        "body": inbound if number % 2 else changed,
    }
    return json.dumps(whole).encode()


async def calls(url: str, rate: int, count: int) -> tuple[list[float], Counter[int]]:
    """Call *count* times, *rate* a second; return milliseconds from each one's time, and answers."""
    took: list[float] = []
    answers: Counter[int] = Counter()
    async with aiohttp.ClientSession() as http, asyncio.TaskGroup() as group:

        async def one(number: int, due: float) -> None:
            async with http.post(url, data=call(number), headers=HEADERS) as answer:
                await answer.read()
                answers[answer.status] += 1
            took.append((time.monotonic() - due) * 1000)  # noqa: TID251

        began = time.monotonic()  # noqa: TID251
        for number in range(count):
            due = began + number / rate
            await stage.pause(max(0.0, due - time.monotonic()))  # noqa: TID251
            group.create_task(one(number, due))
    return took, answers


async def part(server: PrivateServer, rate: int, seconds: int, *, applied: bool) -> None:
    """Call a daemon of its own, which applies what comes unless it finds it done already."""
    port = _free_port()
    settings = WIDE | {
        "SMS_DISPATCHER_WEBHOOK_URL": f"http://127.0.0.1:{port}/hook",
        "SMS_DISPATCHER_WEBHOOK_PORT": str(port),
        "SMS_DISPATCHER_WEBHOOK_TOKEN": TOKEN,
    }
    async with (
        stage.database(server, "webhooks") as conn,
        stage.daemon(server, conn, "webhooks", **settings),
    ):
        await _subscribed(conn)
        if not applied:
            await conn.execute(DONE_ALREADY)
        took, answers = await calls(f"http://127.0.0.1:{port}/hook", rate, rate * seconds)
        stored = await conn.fetchval("SELECT count(*) FROM newsletter.sms_receipts")
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    print(
        f"webhook, {rate} a second for {seconds} s, {'storing and applying' if applied else 'storing alone'}: p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms,"
        f" worst {max(took):.0f} ms; {dict(answers)}, {stored} texts stored; aim p99 250 ms",
        flush=True,
    )


async def _subscribed(conn: Connection) -> None:
    active = "SELECT count(*) FROM newsletter.sms_subscriptions WHERE status = 'Active'"
    while not await conn.fetchval(active):
        await stage.pause(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


async def main(rate: int, seconds: int) -> None:
    with stage.server() as server:
        await stage.make_template(server)
        print(f"PostgreSQL {find().version}", flush=True)
        for applied in (False, True):
            await part(server, rate, seconds, applied=applied)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    asked = parser.parse_args()
    asyncio.run(main(asked.rate, asked.seconds))
