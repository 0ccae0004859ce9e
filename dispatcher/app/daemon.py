"""The daemon: from the first connection to the last settled answer."""

import asyncio
import os
import signal
import socket
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from importlib.metadata import version
from typing import TextIO

from aiolimiter import AsyncLimiter

from dispatcher.app.patience import Patience
from dispatcher.app.wiring import account_of, settings_of
from dispatcher.config import Config
from dispatcher.core.errors import DispatcherError
from dispatcher.core.message import Claim
from dispatcher.core.privacy import Sentence
from dispatcher.edge.clock import SystemClock
from dispatcher.edge.http import HttpServer, Readiness, claims_fresh
from dispatcher.edge.ringcentral.gateway import RingCentralGateway
from dispatcher.edge.ringcentral.login import LoginUnreachableError
from dispatcher.edge.systemd import Systemd
from dispatcher.loops.claimer import Claimer
from dispatcher.loops.engine import Engine
from dispatcher.loops.housekeeper import Housekeeper
from dispatcher.loops.listener import Listener
from dispatcher.loops.login_watch import LoginWatch
from dispatcher.loops.sender import Answered, Sender
from dispatcher.loops.settler import Settler
from dispatcher.store import login, migrations, processes
from dispatcher.store.pool import Database, DatabaseLostError
from dispatcher.telemetry import CollectorRegistry, Telemetry

LOGIN_RETRY_SECONDS = 15.0
STALE_POLLS = 10
SIGNALLED = 128  # what a shell adds to the number of a signal that ended a program


class NotMigratedError(DispatcherError):
    """The database lacks migrations that this program needs."""


class Daemon:
    """One process at work. *log* is where its events go."""

    def __init__(self, config: Config, log: TextIO) -> None:
        self._config = config
        self._clock = SystemClock()
        self._telemetry = Telemetry(
            CollectorRegistry(), log, now=self._clock.wall, form=config.log_format
        )
        self._stop = asyncio.Event()
        self._engine: Engine | None = None
        self._systemd = Systemd(os.environ, self._clock)
        self._patiently = Patience(self._telemetry, self._clock, self._stop, self._pause)

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
        self._stop.set()
        self._systemd.stopping()
        if self._engine:
            self._engine.woken.set()

    async def _serve(self, stack: AsyncExitStack) -> None:
        checks = {
            "claims": claims_fresh(self._claim_age, STALE_POLLS * self._config.poll_seconds),
            "database": self._database_ready,
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
        if not self._engine:
            return Readiness(ok=False, note="not connected yet")
        lost = self._engine.lost_at is not None
        return Readiness(not lost, "lost" if lost else "connected")

    def _status(self) -> str:
        """Return what `systemctl status` shows."""
        if self._stop.is_set():
            return "finishing what is in flight"
        if not self._engine:
            return "waiting for the database"
        return self._engine.state()

    async def _work(self, stack: AsyncExitStack) -> bool:
        try:
            engine = await self._start(stack)
        except DatabaseLostError:
            return True  # the stop came before the database
        if not engine:
            return True
        finished = await self._run_loops(engine)
        with suppress(DatabaseLostError):
            await engine.database.run(processes.leave, engine.process)
        return finished

    async def _start(self, stack: AsyncExitStack) -> Engine | None:
        """Wait for the database and the login; None if the stop came before them."""
        database = await self._connect(stack)
        gateway = RingCentralGateway(account_of(self._config), self._clock)
        stack.push_async_callback(gateway.close)
        settings = settings_of(self._config)
        name, pid, ours = socket.gethostname(), os.getpid(), version("sms-dispatcher")
        process = await self._patiently(database.run, processes.register, name, pid, ours)
        day = await self._patiently(database.run, processes.today, settings.zone)
        self._engine = engine = Engine(
            settings, database, gateway, self._clock, self._telemetry, process, day
        )
        return engine if await self._prepare(engine) else None

    async def _connect(self, stack: AsyncExitStack) -> Database:
        database = Database(
            self._config.database_url.get_secret_value(),
            size=self._config.pool_size,
            seconds=self._config.database_timeout_seconds,
            statement_cache=self._config.statement_cache_size,
        )
        stack.push_async_callback(database.close)
        await self._patiently(database.open)
        missing = await self._patiently(database.run, migrations.todo)
        if missing:
            raise NotMigratedError(
                f"The database lacks {len(missing)} migrations, the first is "
                f"{missing[0].label}: run sms-dispatcher migrate."
            )
        return database

    async def _pause(self, seconds: float) -> None:
        self._systemd.ready()  # systemd ends a start that takes long, and this one may
        await self._clock.wait(self._stop, seconds)

    async def _prepare(self, engine: Engine) -> bool:
        """Make the shared bucket and learn our numbers; False if the stop came first."""
        config, s = self._config, engine.settings
        # A sliding minute sees a full bucket and what comes back within it: together the rate.
        per_second = max(config.rate_per_minute - config.rate_burst, 1) / 60
        await self._patiently(
            engine.database.run,
            login.make_bucket,
            s.login,
            s.group,
            capacity=config.rate_burst,
            per_second=per_second,
        )
        numbers: dict[str, bool] = {}
        while not numbers and not self._stop.is_set():
            try:
                listed = await engine.gateway.senders()
                numbers = {sender.number: sender.enabled for sender in listed}
            except LoginUnreachableError:
                self._telemetry.login_unreachable()
            except DispatcherError as error:
                self._telemetry.login_refused(Sentence(str(error)))
            if not numbers:
                await self._pause(LOGIN_RETRY_SECONDS)
        if self._stop.is_set():
            return False
        await self._patiently(
            engine.database.run, login.know_senders, s.login, numbers, engine.day.day
        )
        enabled = [n for n, good in numbers.items() if good]
        self._telemetry.daemon_started(
            version("sms-dispatcher"), engine.process, s.login, enabled, config.hours
        )
        if config.hours == "off":
            self._telemetry.hours_off()
        self._systemd.ready()
        return True

    async def _run_loops(self, engine: Engine) -> bool:
        """Run the loops until the stop; say whether what was in flight could finish."""
        line: asyncio.Queue[Claim | None] = asyncio.Queue()
        answers: asyncio.Queue[Answered | None] = asyncio.Queue()
        watch = LoginWatch(engine)
        pace = AsyncLimiter(
            self._config.rate_burst, self._config.rate_burst * 60 / self._config.rate_per_minute
        )
        loops = [
            Housekeeper(engine).run(self._stop),
            Listener(engine).run(self._stop),
            Claimer(engine, watch, line).run(self._stop),
            Sender(engine, pace, line, answers).run(self._stop),
            Settler(engine, watch, answers).run(),
        ]
        work = asyncio.create_task(_together(loops))
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


async def _together(loops: Sequence[Coroutine[None, None, None]]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for loop in loops:
                group.create_task(loop)
    except* DispatcherError as found:
        error: BaseException = found
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None  # a sentence for people, not a group of groups
