"""What an answer means for everybody: a penalty, a stopped number, a stopped login, a probe."""

from datetime import timedelta

from dispatcher.core import backoff, outcome
from dispatcher.core.fate import LOGIN_REST, SENDER_REST
from dispatcher.core.outcome import Fault
from dispatcher.loops.engine import Engine
from dispatcher.ports import Answer
from dispatcher.store import login
from dispatcher.store.opening import Attempt

DOUBTFUL_IN_A_ROW = 3
PROBE_SECONDS = timedelta(seconds=30)
FIRST_STOP = backoff.Backoff(timedelta(seconds=2), timedelta(minutes=2))


class LoginWatch:
    """Stops and resumes the login in the database, for all processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._doubtful = 0
        self._stops = 0

    async def draw(self, attempt: Attempt, answer: Answer) -> None:
        """Stop what has to be stopped after *answer*, before it is settled."""
        doubtful = outcome.doubtful(answer.outcome)
        self._doubtful = self._doubtful + 1 if doubtful else 0
        match answer.outcome:
            case outcome.Throttled(group, seconds):
                await self._throttle(group, seconds)
            case outcome.Refused(code, Fault.SENDER):
                await self._stop_sender(attempt.claim.sender, code)
            case outcome.Refused(code, Fault.LOGIN):
                await self._stop(code, LOGIN_REST)
            case outcome.Unreached():
                await self._stop("unreached", self._next_stop())
            case _ if self._doubtful >= DOUBTFUL_IN_A_ROW:
                await self._stop("ambiguous", self._next_stop())
            case outcome.Accepted():
                self._stops = 0
            case _:
                pass

    async def probe(self) -> bool:
        """Look whether RingCentral is back, unless another does; return whether it is."""
        engine = self._engine
        if not await engine.database.run(
            login.take_probe, engine.settings.login, PROBE_SECONDS
        ):
            return False
        if not await engine.gateway.probe():
            await self._stop("unreached", self._next_stop())
            return False
        await engine.database.run(login.resume, engine.settings.login)
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
        engine.telemetry.login_stopped(why, until)

    async def _stop_sender(self, number: str, code: str) -> None:
        engine = self._engine
        await engine.database.run(
            login.stop_sender, engine.settings.login, number, SENDER_REST, code
        )
        engine.telemetry.sender_stopped(number, code)
