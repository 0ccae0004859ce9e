"""`make chaos`: the storm as long as it is meant, and its table."""

import argparse
import asyncio
import random
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from dispatcher.edge.clock import SystemClock
from dispatcher.edge.postgres_binaries import Binaries, find
from dispatcher.simulator.server import start
from dispatcher.simulator.settings import Settings
from dispatcher.store.pool import Database
from support.chaos import storm
from support.chaos.fates import Fates
from support.chaos.nursery import nursery
from support.chaos.report import report
from support.chaos.storm import Size, Storm
from support.chaos.trial import SWIFT, WIDE
from support.daemon import environment
from support.host import connected
from support.migrate import migrate
from support.standby import pair

DATABASE_SECONDS = 20.0


@asynccontextmanager
async def ready(
    binaries: Binaries, folder: Path, size: Size, seed: int, variant: str | None = None
) -> AsyncIterator[Storm]:
    """Make all that a storm rages in; nothing of it is left."""
    with pair(binaries) as servers:
        async with connected(servers.admin_dsn()) as conn:
            await conn.execute("CREATE ROLE app_daemon LOGIN; CREATE ROLE app_host")
        await migrate(servers.admin_dsn(), "grant_daemon")
        database = Database(
            servers.admin_dsn(), size=5, seconds=DATABASE_SECONDS, statement_cache=0
        )
        await database.open()
        simulator = await start(Settings(limits=WIDE, lag=0.05, seed=seed))
        environ = environment(
            servers.dsn(user="app_daemon"), simulator, daily_budget_cents="0", **SWIFT
        )
        fates = Fates(seed, size.kills, size.freezes)
        async with nursery(folder) as born:
            yield Storm(size, fates, servers, database, simulator, born, environ, variant)
        await simulator.stop()
        await database.close()


async def rage(size: Size, seed: int) -> bool:
    clock = SystemClock()
    began = clock.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        async with ready(find(), Path(folder), size, seed) as made:
            made.told = lambda what: print(
                f"{clock.monotonic() - began:6.1f} s  {what}", flush=True
            )
            reckoning = await made.run()
            print(report(made, reckoning, seed, clock.monotonic() - began), flush=True)
    return reckoning.sound and not made.broken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, help="repeat the fates of another storm")
    parser.add_argument("--short", action="store_true", help="as long as in make test")
    args = parser.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if args.seed is None else args.seed
    return 0 if asyncio.run(rage(storm.SHORT if args.short else storm.FULL, seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
