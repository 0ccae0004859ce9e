"""All that a storm rages in."""

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from dispatcher.edge.clock import SystemClock
from dispatcher.edge.postgres_binaries import Binaries
from dispatcher.simulator.server import start
from dispatcher.simulator.settings import Settings
from dispatcher.store.pool import Database
from support.chaos import stops
from support.chaos.fates import Fates
from support.chaos.nursery import nursery
from support.chaos.statute import statute
from support.chaos.storm import Size, Storm
from support.chaos.trial import SWIFT, WIDE
from support.daemon import environment
from support.host import connected
from support.migrate import migrate
from support.standby import pair

DATABASE_SECONDS = 20.0
STOPS_A_TICK = 0.4
BATCH = "4"  # so that what a person gets is claimed by several daemons at once


@asynccontextmanager
async def ready(
    binaries: Binaries, folder: Path, size: Size, seed: int, variant: str | None = None
) -> AsyncIterator[Storm]:
    """Make all that a storm rages in; nothing of it is left."""
    async with AsyncExitStack() as stack:
        servers = stack.enter_context(pair(binaries, stops.SETTINGS))
        async with connected(servers.admin_dsn()) as conn:
            await conn.execute("CREATE ROLE app_daemon LOGIN; CREATE ROLE app_host")
        await migrate(servers.admin_dsn(), "grant_daemon")
        async with connected(servers.admin_dsn()) as conn:
            await conn.execute(stops.NOTED)
        database = Database(
            servers.admin_dsn(), size=5, seconds=DATABASE_SECONDS, statement_cache=0
        )
        stack.push_async_callback(database.close)
        await database.open()
        simulator = await start(Settings(limits=WIDE, lag=0.05, seed=seed))
        stack.push_async_callback(simulator.stop)
        law = statute(folder, seed, datetime.fromtimestamp(SystemClock().wall(), UTC))
        environ = environment(
            servers.dsn(user="app_daemon"),
            simulator,
            daily_budget_cents="0",
            batch_size=BATCH,
            **SWIFT,
            **law.settings,
        )
        fates = Fates(seed, size.kills, size.freezes)
        born = await stack.enter_async_context(nursery(folder, folder))
        people = stops.Stops(random.Random(seed), STOPS_A_TICK)  # noqa: S311 - repeatable
        yield Storm(
            size,
            fates,
            servers,
            database,
            simulator,
            born,
            environ | law.environ,
            people,
            law,
            variant,
        )
