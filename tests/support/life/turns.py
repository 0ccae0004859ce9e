"""How anything is done in a life: one step, or two at once, and then the laws are looked at."""

from datetime import timedelta
from typing import ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from support.life import laws
from support.life.actors import Actors
from support.life.events import BUDGETS, Turn
from support.life.process import Process
from support.life.world import Step, World


class Turns(RuleBasedStateMachine):
    """*broken* says that a law did not hold: nothing more follows from such a life."""

    on: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.world = self.on
        self.actors = Actors(self.world)
        self.broken = False
        self._nothing_in: laws.Picture | None = None

    def queue(self, texts: list[int]) -> None:
        steps = [self.actors.queue(self.actors.processes[0], n) for n in texts]
        self.play({"queue"}, *steps)

    def act(self, kind: str, who: int | Process, n: int) -> None:
        """Do it, be it too early, too late, twice, or without hearing that it was done."""
        self.play({kind}, self.step(kind, who, n))

    def lead(self, who: int | Process, passed: list[timedelta]) -> None:
        """Do the leader's duties, if nobody else leads: what was looked up is written later."""
        for time in (timedelta(0), *passed):
            self.pass_time(time)
            for kind in ("lead", "reap", "write", "end_held", "look"):
                self.act(kind, who, 0)

    def pass_time(self, passed: timedelta) -> None:
        self.actors.pass_time(passed)
        self._nothing_in = None

    def go_on(self, process: Process, luck: Turn) -> None:
        """Do what comes next; a claim that found nothing is not made again in vain."""
        how, n, slow = luck
        if process.unsent():
            self.actors.send(process, n, how, slow=slow)
            return
        kind, before = process.next_step(), self.actors.picture
        if kind == "claim" and before is self._nothing_in:
            return
        self.act(kind, process, n)
        if kind == "claim" and self.actors.picture is before:
            self._nothing_in = before

    def awake(self, who: int) -> Process | None:
        awake = [p for p in self.actors.processes if not p.frozen]
        return awake[who % len(awake)] if awake else None

    def step(self, kind: str, who: int | Process, n: int) -> Step | None:
        process = self.awake(who) if isinstance(who, int) else who
        made: Step | None = getattr(self.actors, kind)(process, n) if process else None
        return made

    def play(self, kinds: set[str], *steps: Step | None, at_once: bool = False) -> None:
        self.broken = True  # until the laws hold
        todo = [step for step in steps if step]
        if at_once and len(todo) == 2:
            self.world.overlap(*todo)
        else:
            for step in todo:
                self.world.play(step)
        if todo:
            self._check(kinds)
        self.broken = False

    def _check(self, kinds: set[str]) -> None:
        """Compare the tables with what they held before, and with each other."""
        actors, before = self.actors, self.actors.picture
        now = self.world.wait(laws.picture(self.world.watcher))
        if now == before:
            return
        actors.picture = now
        laws.money(before, now, host=bool(kinds & BUDGETS))
        laws.once(now, actors.provider)
        laws.true(now, actors.provider)
        laws.never_lost(now, actors.app)
        laws.forward(before, now, actors.app, retried="retry" in kinds)
        laws.news(now, actors.provider, actors.answers)
        if kinds in ({"settle"}, {"settle_again"}):
            laws.fenced(before, now, actors.settled)
