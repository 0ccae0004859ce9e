"""What an answer means for everybody: a penalty, a stopped number, a stopped login, a probe."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from dispatcher.core import backoff, outcome
from dispatcher.core.alerts import Alert
from dispatcher.core.errors import DispatcherError
from dispatcher.core.fate import LOGIN_REST, SENDER_REST
from dispatcher.core.outcome import Fault
from dispatcher.core.privacy import Sentence
from dispatcher.core.rate import RateSeen
from dispatcher.loops import reporting
from dispatcher.loops.engine import Engine
from dispatcher.ports import Answer, LoginUnreachableError
from dispatcher.store import alerts, login
from dispatcher.store.opening import Attempt
from dispatcher.store.pool import DatabaseLostError

DOUBTFUL_IN_A_ROW = 3
LIGHT, LIGHT_BURST = "light", 5
LOGIN_RETRY_SECONDS = 15.0
PROBE_SLACK = timedelta(seconds=1)
FIRST_STOP = backoff.Backoff(timedelta(seconds=2), timedelta(minutes=2))


class LoginWatch:
    """Stops and resumes the login in the database, for all processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._doubtful = 0
        self._stops = 0
        self._learned: tuple[int, int] | None = None

    async def begin(self, stop: asyncio.Event) -> Mapping[str, bool]:
        """Make the shared bucket and learn our numbers, however long that takes.

        Returns each number and whether it may send; nothing if *stop* came first.
        """
        engine = self._engine
        while not stop.is_set():
            try:
                numbers = await self._numbers()
            except DatabaseLostError as error:
                await engine.outage(error)
                continue
            if numbers:
                engine.let_in = True
                engine.record_changed.set()  # what came while nobody was logged in
                engine.subscription_due.set()
                engine.untold.set()
                return numbers
            await engine.clock.wait(stop, LOGIN_RETRY_SECONDS)
        return {}

    async def _numbers(self) -> Mapping[str, bool]:
        """Ask RingCentral for our numbers and write them down; none if it does not say."""
        engine, s = self._engine, self._engine.settings
        # A sliding minute sees a full bucket and what comes back within it: together the rate.
        per_second = max(s.per_minute - s.burst, 1) / 60
        await engine.database.run(
            login.make_bucket, s.login, s.group, capacity=s.burst, per_second=per_second
        )
        await engine.database.run(
            login.make_bucket,
            s.login,
            LIGHT,
            capacity=LIGHT_BURST,
            per_second=(s.light_per_minute - LIGHT_BURST) / 60,
        )
        started = engine.clock.monotonic()
        try:
            listed = await engine.gateway.senders()
        except LoginUnreachableError:
            engine.telemetry.login_unreachable()
            return {}
        except DispatcherError as error:
            engine.telemetry.login_refused(Sentence(str(error)))
            await self._alert(refused=True)
            return {}
        engine.telemetry.login_done(engine.clock.monotonic() - started)
        numbers = {sender.number: sender.enabled for sender in listed}
        await engine.database.run(login.know_senders, s.login, numbers, engine.day.day)
        await self._alert(refused=False)
        return numbers

    async def _alert(self, *, refused: bool) -> None:
        """Raise or clear the one alert that only the process that logs in can see."""
        engine = self._engine
        change = alerts.raise_all if refused else alerts.clear_all
        changed = await engine.database.run(
            change, [Alert("login_refused", engine.settings.login)]
        )
        reporting.alerts(engine.telemetry, changed)

    async def draw(self, attempt: Attempt, answer: Answer) -> None:
        """Stop what has to be stopped after *answer*, before it is settled."""
        await self._learn(answer.rate)
        doubtful = outcome.doubtful(answer.outcome)
        self._doubtful = self._doubtful + 1 if doubtful else 0
        match answer.outcome:
            case outcome.Throttled(group, seconds):
                await self._throttle(group, seconds)
            case outcome.Refused(code, Fault.SENDER):
                await self._stop_sender(attempt.claim.sender, code)
            case outcome.Refused(code, Fault.LOGIN):
                self._engine.telemetry.login_refused(Sentence(outcome.sentence(code)))
                await self._stop("login_refused", LOGIN_REST)
            case outcome.Unreached():
                await self._stop("unreached", self._next_stop())
            case _ if self._doubtful >= DOUBTFUL_IN_A_ROW:
                await self._stop("ambiguous", self._next_stop())
            case outcome.Accepted():
                self._stops = 0
            case _:
                pass

    async def _learn(self, seen: RateSeen | None) -> None:
        """Keep inside the limit that RingCentral's headers name, if it is less than ours."""
        s = self._engine.settings
        if not seen or seen.group != s.group or self._learned == (seen.limit, seen.window):
            return
        # As at the start: a sliding window sees a full bucket and what comes back within it.
        per_second = max(seen.limit - s.burst, 1) / seen.window
        if await self._engine.database.run(login.learn_rate, s.login, s.group, per_second):
            self._engine.telemetry.rate_learned(seen.group, seen.limit, seen.window)
        self._learned = seen.limit, seen.window

    async def probe(self) -> bool:
        """Look whether RingCentral is back, unless another does; return whether it is."""
        engine = self._engine
        # Should this process die meanwhile, the others wait no longer than a look may take.
        until = await engine.database.run(
            login.take_probe, engine.settings.login, engine.settings.waits.longest + PROBE_SLACK
        )
        if until is None:
            return False
        if not await engine.gateway.probe():
            await self._stop("unreached", self._next_stop())
            return False
        if not await engine.database.run(login.resume, engine.settings.login, until):
            return False
        engine.alarmed.set()
        engine.telemetry.login_resumed()
        return True

    def _next_stop(self) -> timedelta:
        self._stops += 1
        return backoff.delay(self._stops, FIRST_STOP, 0.5 + self._engine.clock.chance() / 2)

    async def _throttle(self, group: str | None, seconds: float) -> None:
        engine = self._engine
        # RingCentral names its groups as it likes: a text's 429 is about the group of texts.
        ours = engine.settings.group if group else None
        wait = timedelta(seconds=seconds)
        await engine.database.run(login.throttle, engine.settings.login, ours, wait)
        engine.telemetry.limit_hit(group, seconds)

    async def _stop(self, why: str, wait: timedelta) -> None:
        engine = self._engine
        self._doubtful = 0
        until = await engine.database.run(login.stop, engine.settings.login, wait)
        engine.alarmed.set()
        engine.telemetry.login_stopped(why, until)

    async def _stop_sender(self, number: str, code: str) -> None:
        engine = self._engine
        await engine.database.run(
            login.stop_sender, engine.settings.login, number, SENDER_REST, code
        )
        engine.telemetry.sender_stopped(number, code)
        engine.alarmed.set()
