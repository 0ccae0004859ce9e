"""How fast, how soon and at what cost the daemon dispatches, with a RingCentral that answers at once.

And how long `verify` takes for a million texts, if --rows says nothing else. Usage: python
bench/dispatch.py [--part NAME]... [--rows N] [--rounds N]. Starts a private PostgreSQL (durable, as it
comes) and stops by itself. The figures are aims, not reasons to fail.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from datetime import timedelta

import books
import days
import floor
import receipts
import stage
from stage import WIDE, filled

from dispatcher.core import areas, hours, law_table, places
from dispatcher.core.law import Hours, law
from dispatcher.edge.postgres import PrivateServer
from dispatcher.edge.postgres_binaries import find
from dispatcher.store.database import Connection

BATCH = 100
MARGIN = timedelta(minutes=5)
ROWS = 20_000
IDLE_SECONDS = 20
INSERTS = 100
LOOK_SECONDS = 0.02
COUNTRIES = "US,CA,GU,PR,BM,AS"


async def dispatch(server: PrivateServer, rows: int, rounds: int) -> None:
    """Run full dispatch beside the floor, in turns."""
    ours, floors, ratios, transactions = [], [], [], []
    for _ in range(rounds):
        async with stage.database(server, "floor") as conn:
            await conn.execute("CHECKPOINT")
            floors.append(rows / await floor.seconds(server.dsn("floor"), rows, BATCH))
        speed, commits = await _run(server, rows)
        ours.append(speed)
        transactions.append(commits / rows)
        ratios.append(ours[-1] / floors[-1])
    _say("full dispatch", f"{_spread(ours)} messages/s")
    _say("the floor, raw SQL", f"{_spread(floors)} messages/s")
    _say("ratio", f"{_spread(ratios, 2)}", "0.5")
    _say("transactions a message", f"{statistics.median(transactions):.3f}", "0.05")


async def _run(server: PrivateServer, rows: int) -> tuple[float, int]:
    """Return the messages a second, and the transactions that the daemon committed."""
    async with stage.database(server, "ours") as conn:
        await conn.execute(filled(stage.PEOPLE, rows))
        async with stage.daemon(server, conn, "ours", **WIDE):
            before = await _commits(conn, server)
            seconds, looks = await _send(conn, rows, "once")
        after = await _commits(conn, server)
        return rows / seconds, after - before - looks


async def _commits(conn: Connection, server: PrivateServer) -> int:
    await conn.execute("SELECT pg_stat_force_next_flush()")
    return await stage.commits(server, "ours")


async def _send(conn: Connection, rows: int, round_: object) -> tuple[float, int]:
    """Insert the rows and wait until all are paid for; return the seconds, and our own looks."""
    spent = "SELECT coalesce(sum(spent_exact) / 1.19, 0)::int FROM newsletter.account_days"
    before = await conn.fetchval(spent)
    await conn.execute("CHECKPOINT")
    await conn.execute("BEGIN;" + filled(stage.ROWS, rows, round_))
    start = time.perf_counter()
    await conn.execute("COMMIT")
    looks = 3
    while await conn.fetchval(spent) < before + rows:
        looks += 1
        await stage.pause(LOOK_SECONDS)
    return time.perf_counter() - start, looks


async def memory(server: PrivateServer, rows: int, _rounds: int) -> None:
    """Measure the daemon's resident memory after a part and after five times as much."""
    async with stage.database(server, "memory") as conn:
        await conn.execute(filled(stage.PEOPLE, rows))
        async with stage.daemon(server, conn, "memory", **WIDE) as daemon:
            idle, after = daemon.resident(), []
            for each in range(5):
                await _send(conn, rows, each)
                after.append(daemon.resident())
    text = f"{idle:.0f} MB at its start, {after[0]:.0f} after {rows:,} messages, {after[-1]:.0f} after {rows * 5:,}"
    _say("resident memory", text, "110 MB, and no more later")


async def pickup(server: PrivateServer, _rows: int, _rounds: int) -> None:
    """Measure from the COMMIT of an INSERT on an idle system to the gateway's call."""
    took = []
    async with stage.database(server, "pickup") as conn:
        await conn.execute(filled(stage.PEOPLE, INSERTS))
        async with stage.daemon(server, conn, "pickup", "--tell", **WIDE) as daemon:
            for i in range(INSERTS):
                await stage.pause(random.uniform(0.1, 0.2))  # noqa: S311  # at any phase of a poll
                await conn.execute("BEGIN")
                await conn.execute(stage.ONE, i)
                start = time.monotonic()  # noqa: TID251  # the clock that processes share
                await conn.execute("COMMIT")
                called, _ = await daemon.calls.get()
                took.append((called - start) * 1000)
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    _say("pick-up, idle", f"p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms", "p50 5 ms")


async def idle(server: PrivateServer, _rows: int, _rounds: int) -> None:
    """Count what an idle daemon with the settings as they come asks of the database."""
    async with stage.database(server, "idle") as conn:
        await conn.execute("ALTER DATABASE idle SET log_statement = 'all'")
        await conn.execute(filled(stage.PEOPLE, 10))
        async with stage.daemon(server, conn, "idle"):
            await stage.pause(2)
            before = _statements(server)
            await stage.pause(IDLE_SECONDS)
            count = _statements(server) - before
    _say("idle", f"{count / IDLE_SECONDS:.1f} statements/s", "below 1")


def _statements(server: PrivateServer) -> int:
    logs = (server.folder / "data" / "statements").iterdir()
    text = "".join(path.read_text("utf-8", "replace") for path in logs)
    return sum(
        line.startswith("sms-dispatcher") and (": execute " in line or ": statement: " in line)
        for line in text.replace("LOG:  ", "LOG: ").splitlines()
    )


async def clearing(server: PrivateServer, rows: int, _rounds: int) -> None:
    """Send one behind as many that must be cancelled and deferred, with one token."""
    took = []
    for _ in range(3):
        async with stage.database(server, "clearing") as conn:
            await conn.execute(filled(stage.PEOPLE, rows))
            await conn.execute(filled(stage.NOT_NOW, rows))
            settings = WIDE | {
                "SMS_DISPATCHER_HOURS": "federal",
                "SMS_DISPATCHER_ALLOWED_COUNTRIES": COUNTRIES,
            }
            async with stage.daemon(server, conn, "clearing", "--tell", **settings) as daemon:
                await conn.execute(
                    "UPDATE newsletter.sms_buckets SET tokens = 1, per_second = 0.001"
                )
                await conn.execute(
                    "BEGIN;" + filled(stage.BEHIND, rows),
                )
                await conn.execute(stage.LAST, await _awake(conn))
                start = time.monotonic()  # noqa: TID251  # the clock that processes share
                await conn.execute("COMMIT")
                called, _ = await daemon.calls.get()
                took.append(called - start)
    _say(f"one text behind {rows:,} that may not go", f"{_spread(took, 2)} s", "1 s for 20,000")


async def _awake(conn: Connection) -> str:
    """Return a number where a promotion may leave now: somewhere in +1 there is day."""
    now = await conn.fetchval("SELECT now()")
    table = law_table.own()
    rules = law(table.version, table.rules, Hours.FEDERAL)
    for code in map(str, range(201, 999)):
        area = areas.of(f"+1{code}5550199")
        if area and area.region in COUNTRIES:
            found = hours.next_open(rules.rules(places.of(area, None)), now, MARGIN)
            if found and found.opens <= now:
                return f"+1{code}5550199"
    raise LookupError("it is night in all of +1: ask again in half an hour")


async def verify(server: PrivateServer, rows: int, rounds: int) -> None:
    """Check sound books of so many texts, beside a plain scan of the same tables."""
    async with stage.database(server, "books") as conn:
        await books.make(conn, rows)
        took = [await books.look(conn, rows) for _ in range(rounds)]
    seconds = _spread([look for look, _ in took], 1)
    ratio = _spread([look / scan for look, scan in took])
    _say(f"verify of {rows:,} texts", f"{seconds} s, {ratio} plain scans", "10 s for 1,000,000")


async def rollup(server: PrivateServer, rows: int, rounds: int) -> None:
    """Count a day of so many texts, and look for a stale day where there is none."""
    async with stage.database(server, "days") as conn:
        await days.make(conn, rows)
        took = [await days.count(conn) for _ in range(rounds)]
        none = [await days.count_nothing(conn) for _ in range(rounds)]
    _say(f"a day of {rows:,} texts", f"{_spread([t * 1000 for t in took])} ms", "1000 ms")
    _say("a round with nothing to count", f"{_spread([t * 1000 for t in none], 1)} ms", "5 ms")


def _spread(values: Sequence[float], digits: int = 0) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def _say(what: str, figure: str, aim: str = "") -> None:
    print(f"{what}: {figure}" + (f"; aim {aim}" if aim else ""), flush=True)


async def apply(server: PrivateServer, rows: int, rounds: int) -> None:
    """Apply receipts beside storing them, in turns."""
    stored, applied = [], []
    for _ in range(rounds):
        took = await receipts.seconds(server, rows)
        stored.append(rows / took[0])
        applied.append(rows / took[1])
    _say(f"{rows:,} receipts applied", f"{_spread(applied)} receipts/s", "2000")
    _say("the floor, only stored", f"{_spread(stored)} receipts/s")


PARTS = {
    "dispatch": dispatch,
    "pickup": pickup,
    "memory": memory,
    "idle": idle,
    "clearing": clearing,
    "verify": verify,
    "rollup": rollup,
    "receipts": apply,
}
ROWS_OF = {"verify": 1_000_000, "rollup": 100_000, "receipts": 100_000}


async def main(parts: Sequence[str], rows: int | None, rounds: int) -> None:
    with stage.server() as server:
        await stage.make_template(server)
        print(
            f"PostgreSQL {find().version}, {rows or ROWS:,} rows, median (range) of {rounds}",
            flush=True,
        )
        for part in parts:
            await PARTS[part](server, rows or ROWS_OF.get(part, ROWS), rounds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", action="append", choices=PARTS)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    asyncio.run(main(asked.part or list(PARTS), asked.rows, asked.rounds))
