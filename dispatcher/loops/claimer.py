"""Claims what may leave, as fast as the shared rate and the free lanes allow."""

import asyncio
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from dispatcher.core.lane import Lane, in_line
from dispatcher.core.message import Claim
from dispatcher.loops import reporting
from dispatcher.loops.engine import Engine
from dispatcher.loops.login_watch import LoginWatch
from dispatcher.store import claims, unheard
from dispatcher.store.claims import Claimed
from dispatcher.store.pool import DatabaseLostError

LANES_AT_ONCE = 16
LANES_LIVE_SECONDS = 1.0
SHORTEST_REST_SECONDS = 0.005
CLEARING_SECONDS = 0.1  # how long a text that may leave waits for others to be put off
SHORTEST_LOOK = 50


class Claimer:
    """What it claims goes into *line*, which ends with None."""

    def __init__(
        self, engine: Engine, watch: LoginWatch, line: "asyncio.Queue[Claim | None]"
    ) -> None:
        self._engine = engine
        self._watch = watch
        self._line = line
        self._lanes: list[Lane] = []
        self._now: datetime | None = None
        self._read_at = float("-inf")
        self._served: dict[tuple[UUID, str], int] = {}
        self._turn = 0
        self._unheard = False
        self._look = claims.LOOKED_AT_MOST

    async def run(self, stop: asyncio.Event) -> None:
        """Claim until *stop* is set."""
        while not stop.is_set():
            try:
                rest = await self._round()
            except DatabaseLostError as error:
                self._unheard = True
                await self._engine.outage(error)
                continue
            if rest:
                await self._engine.rest(rest)
        self._line.put_nowait(None)

    async def _round(self) -> float:
        """Claim once; return for how many seconds nothing more can come of it.

        After an outage there may be claims of ours that we never heard of. They go back.
        """
        engine = self._engine
        started = engine.clock.monotonic()
        if self._unheard:
            await engine.database.run(unheard.hand_back, engine.limits(), engine.unopened)
            self._unheard = False
        line = await self._next_lanes()
        if not line and not engine.stopped:
            return self._nothing(started)
        limits = replace(engine.limits(), look=self._look)
        began = engine.clock.monotonic()
        done = await engine.database.run(claims.claim, line, engine.free, engine.judge, limits)
        engine.claimed_at = engine.clock.monotonic()
        self._look = next_look(done, engine.claimed_at - began)
        if done.claims:
            engine.database_wrote(started)
        engine.stopped = done.stopped
        engine.blocked = done.needs_probe or done.blocked_seconds > 0
        self._take_turns(done)
        for claim in done.claims:
            self._line.put_nowait(claim)
        reporting.claimed(engine.telemetry, done, engine.claimed_at - started)
        if done.needs_probe:
            return 0.0 if await self._watch.probe() else engine.poll
        return self._rest(line, done)

    def _nothing(self, started: float) -> float:
        """Note a claim that ended with the lanes: nobody waits whose time has come."""
        engine = self._engine
        engine.claimed_at = engine.clock.monotonic()
        reporting.claimed(engine.telemetry, Claimed(), engine.claimed_at - started)
        return self._until_due()

    async def _next_lanes(self) -> list[Lane]:
        """Return whose turn it is, from a picture that is a second old at most."""
        engine, now = self._engine, self._engine.clock.monotonic()
        if engine.hinted or now - self._read_at >= LANES_LIVE_SECONDS:
            engine.hinted = False
            self._lanes, self._now = await engine.database.run(claims.lanes, engine.day.day)
            self._read_at = now
        if self._now is None:
            return []
        return in_line(self._lanes, self._served, self._now, LANES_AT_ONCE)

    def _take_turns(self, done: Claimed) -> None:
        self._engine.begun(done.claims)
        self._turn += 1
        for lane in done.served:
            self._served[lane.campaign, lane.own_category] = self._turn
        if done.looked_at == 0:
            self._read_at = float("-inf")  # those lanes ran dry: look at all of them again

    def _rest(self, line: list[Lane], done: Claimed) -> float:
        poll = self._engine.poll
        if done.cancelled or done.deferred:
            return 0.0  # more of the kind may stand behind them
        if not line or not done.looked_at:
            return self._until_due()
        if all(lane.exceeded for lane in line):
            return min(poll, LANES_LIVE_SECONDS)  # then a budget may have been raised
        if done.blocked_seconds or not self._engine.free:
            return min(done.blocked_seconds or poll, poll)  # a lane that is free ends the rest
        return min(max(done.token_seconds, SHORTEST_REST_SECONDS), poll)

    def _until_due(self) -> float:
        self._read_at = float("-inf")
        poll = self._engine.poll
        if self._now is None:
            return poll
        later = [x.due for x in self._lanes if x.open and x.due > self._now]
        until = (min(later) - self._now).total_seconds() if later else poll
        return min(max(until, SHORTEST_REST_SECONDS), poll)


def next_look(done: Claimed, seconds: float) -> int:
    """Return how many rows to look at next, after a claim that took so many *seconds*.

    A claim that puts most of them off is one transaction, and whoever may leave waits for its
    end: on a slow machine five hundred would take seconds.
    """
    put_off = len(done.cancelled) + len(done.deferred)
    if put_off * 2 <= done.looked_at:
        return claims.LOOKED_AT_MOST
    fits = int(done.looked_at * CLEARING_SECONDS / max(seconds, 0.001))
    return max(SHORTEST_LOOK, min(fits, claims.LOOKED_AT_MOST))
