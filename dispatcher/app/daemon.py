"""The daemon: from the first connection to the last settled answer."""

import asyncio
import os
import signal
import socket
from contextlib import AsyncExitStack, suppress
from importlib.metadata import version
from typing import TextIO

from aiolimiter import AsyncLimiter

from dispatcher.app.duties import duties_of
from dispatcher.app.patience import Patience
from dispatcher.app.together import together
from dispatcher.app.webhooks import serve
from dispatcher.app.wiring import account_of, settings_of
from dispatcher.config import Config
from dispatcher.core.errors import DispatcherError
from dispatcher.core.message import Claim
from dispatcher.edge.clock import SystemClock
from dispatcher.edge.http import HttpServer, Readiness, claims_fresh
from dispatcher.edge.ringcentral.gateway import RingCentralGateway
from dispatcher.edge.systemd import Systemd
from dispatcher.loops import reporting
from dispatcher.loops.claimer import Claimer
from dispatcher.loops.engine import Engine
from dispatcher.loops.housekeeper import Housekeeper
from dispatcher.loops.leader import Leader
from dispatcher.loops.listener import Listener
from dispatcher.loops.login_watch import LoginWatch
from dispatcher.loops.lookout import Lookout
from dispatcher.loops.outage import Outage
from dispatcher.loops.receipts import Receipts
from dispatcher.loops.sender import Answered, Sender
from dispatcher.loops.settler import Settler
from dispatcher.ports import NO_FAILPOINTS, Failpoints, Gateway
from dispatcher.store import durability, migrations, processes
from dispatcher.store.logins import LoginShelf
from dispatcher.store.pool import Database, DatabaseLostError
from dispatcher.telemetry import CollectorRegistry, Telemetry

STALE_POLLS = 10
SIGNALLED = 128  # what a shell adds to the number of a signal that ended a program


class NotMigratedError(DispatcherError):
    """The database lacks migrations that this program needs."""


class Daemon:
    """One process at work. *log* takes its events; *gateway*, if given, is RingCentral.

    *failpoints* are for tests: no setting leads to one.
    """

    def __init__(
        self,
        config: Config,
        log: TextIO,
        clock: SystemClock | None = None,
        gateway: Gateway | None = None,
        failpoints: Failpoints = NO_FAILPOINTS,
    ) -> None:
        self._config = config
        self._settings = settings_of(config)  # a wrong table of rules is told first
        self._gateway = gateway
        self._failpoints = failpoints
        self._clock = clock or SystemClock()
        self._telemetry = Telemetry(
            CollectorRegistry(), log, now=self._clock.wall, form=config.log_format
        )
        self._stop = asyncio.Event()
        self._engine: Engine | None = None
        self._systemd = Systemd(os.environ, self._clock)
        self._outage = Outage(self._telemetry, self._clock)
        self._patiently = Patience(self._outage, self._stop, self._pause)

    async def run(self) -> bool:
        """Run until SIGTERM or SIGINT; return whether everything in flight was settled.

        A second signal ends the process at once: what was written ahead makes that safe.
        """
        started = self._clock.monotonic()
        async with AsyncExitStack() as stack:
            stack.callback(self._telemetry.close)
            stack.enter_context(self._telemetry.libraries_routed())
            self._listen_to_signals(stack)
            await self._serve(stack)
            await stack.enter_async_context(self._systemd.watched(self._status))
            finished = await self._work(stack)
            seconds = self._clock.monotonic() - started
            self._telemetry.daemon_stopped("stopped" if finished else "unfinished", seconds)
        return finished

    def _listen_to_signals(self, stack: AsyncExitStack) -> None:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._heard, name)
            stack.callback(loop.remove_signal_handler, name)

    def _heard(self, name: signal.Signals) -> None:
        if self._stop.is_set():
            os._exit(SIGNALLED + name)
        self.stop()

    def stop(self) -> None:
        """Take nothing new, and end once what is in flight is settled."""
        self._stop.set()
        self._systemd.stopping()
        if self._engine:
            self._engine.woken.set()
            self._engine.alarmed.set()
            self._engine.receipts_came.set()

    async def _serve(self, stack: AsyncExitStack) -> None:
        checks = {
            "claims": claims_fresh(self._claim_age, STALE_POLLS * self._config.poll_seconds),
            "database": self._database_ready,
            "login": self._login_ready,
        }
        server = HttpServer(
            self._telemetry, checks, self._config.http_host, self._config.http_port
        )
        await server.start()
        stack.push_async_callback(server.stop)

    def _claim_age(self) -> float | None:
        if not self._engine or self._engine.claimed_at is None:
            return None
        return self._clock.monotonic() - self._engine.claimed_at

    def _database_ready(self) -> Readiness:
        if self._outage.why:
            return Readiness(ok=False, note=self._outage.why)
        connected = self._engine is not None
        return Readiness(connected, "connected" if connected else "not connected yet")

    def _login_ready(self) -> Readiness:
        if not self._engine or self._engine.stopped:
            return Readiness(ok=False, note="not logged in, or RingCentral is out of reach")
        return Readiness(ok=True, note="good")

    def _status(self) -> str:
        """Return what `systemctl status` shows."""
        if self._stop.is_set():
            return "finishing what is in flight"
        if not self._engine:
            return "waiting for the database"
        return self._engine.state()

    async def _work(self, stack: AsyncExitStack) -> bool:
        try:
            self._engine = engine = await self._start(stack)
        except DatabaseLostError:
            return True  # the stop came before the database
        finished = await self._run_loops(engine)
        with suppress(DatabaseLostError):
            await engine.database.run(processes.leave, engine.process)
        return finished

    async def _start(self, stack: AsyncExitStack) -> Engine:
        """Wait for the database; DatabaseLostError means that the stop came first."""
        database = await self._connect(stack)
        shelf = LoginShelf(database, self._config.login_name)
        gateway = self._gateway or RingCentralGateway(
            account_of(self._config), self._clock, shelf, self._failpoints
        )
        stack.push_async_callback(gateway.close)
        s, name, pid = self._settings, socket.gethostname(), os.getpid()
        ours = version("sms-dispatcher")
        process = await self._patiently(database.run, processes.register, name, pid, ours)
        day = await self._patiently(database.run, processes.beat, process, s.zone, s.day_budget)
        return Engine(
            s, database, gateway, self._clock, self._telemetry, process, day, self._outage
        )

    async def _connect(self, stack: AsyncExitStack) -> Database:
        database = Database(
            self._config.database_url.get_secret_value(),
            size=self._config.pool_size,
            seconds=self._config.database_timeout_seconds,
            statement_cache=self._config.statement_cache_size,
            failpoints=self._failpoints,
        )
        stack.push_async_callback(database.close)
        await self._patiently(database.open)
        missing = await self._patiently(database.run, migrations.todo)
        if missing:
            raise NotMigratedError(
                f"The database lacks {len(missing)} migrations, the first is "
                f"{missing[0].label}: run sms-dispatcher migrate."
            )
        for sentence in await self._patiently(database.run, durability.risks):
            self._telemetry.warning_raised(sentence)
        return database

    async def _pause(self, seconds: float) -> None:
        self._systemd.ready()  # systemd ends a start that takes long, and this one may
        await self._clock.wait(self._stop, seconds)

    async def _run_loops(self, engine: Engine) -> bool:
        """Run the loops until the stop; say whether what was in flight could finish."""
        self._systemd.ready()  # from here on it waits by itself for what is away
        loops = [
            Housekeeper(engine).run(self._stop),
            Lookout(engine).run(self._stop),
            Leader(engine, duties_of(engine, self._config)).run(self._stop),
            Receipts(engine).run(self._stop),
            Listener(engine).run(self._stop),
            self._send(engine),
            *await serve(engine, self._config, self._stop),
        ]
        work = asyncio.create_task(together(loops))
        stopped = asyncio.create_task(self._stop.wait())
        await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        done, _ = await asyncio.wait({work}, timeout=self._config.drain_seconds)
        if not done:
            work.cancel()
            await asyncio.wait({work})
            return False
        work.result()  # a bug ends the process with its error
        return True

    async def _send(self, engine: Engine) -> None:
        """Log in, then claim, send and settle until the stop."""
        watch = LoginWatch(engine)
        numbers = await watch.begin(self._stop)
        if self._stop.is_set():
            return
        senders = [number for number, enabled in numbers.items() if enabled]
        reporting.started(engine, version("sms-dispatcher"), senders)
        line: asyncio.Queue[Claim | None] = asyncio.Queue()
        answers: asyncio.Queue[Answered | None] = asyncio.Queue()
        config = self._config
        pace = AsyncLimiter(config.rate_burst, config.rate_burst * 60 / config.rate_per_minute)
        await together(
            [
                Claimer(engine, watch, line).run(self._stop),
                Sender(engine, pace, line, answers).run(self._stop),
                Settler(engine, watch, answers).run(),
            ]
        )
