"""The life of a row and of a budget, in any order, doubled and late, against PostgreSQL."""

import os
from datetime import timedelta
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from support.life import laws, world
from support.life.actors import Actors
from support.life.ending import end
from support.life.process import Process
from support.life.provider import Luck
from support.life.world import Step, World

PROCESSES = 3
EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "40"))
LIVES = settings(
    max_examples=EXAMPLES,
    stateful_step_count=30,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

WHO = st.integers(0, PROCESSES - 1)
N = st.integers(0, 71)
TEXTS = st.lists(N, min_size=5, max_size=8, unique=True)
LUCK = st.sampled_from([*Luck, *[Luck.ACCEPTED, Luck.ACCEPTED, Luck.ANSWER_LOST] * 2])
LUCKS = st.lists(st.tuples(LUCK, N, st.sampled_from([False, False, True])), max_size=9)
SECONDS, MINUTES = timedelta(seconds=10), timedelta(seconds=100)
HOURS, DAYS = timedelta(hours=5), timedelta(hours=80)
TIMES = st.sampled_from([SECONDS, SECONDS, *[MINUTES] * 6, HOURS])

ODD = ("claim", "open", "open_unheard", "hand_back", "settle", "settle_again")
LEADING = ("lead", "reap", "look", "write", "write_unheard", "end_held")
HOSTING = (
    "set_budget", "set_budget", "drop_budget", "fail_row", "take_back", "take_back", "delete_row",
    "delete_person", "cancel",
)  # fmt: skip
PERSON = ("resolve", "retry")
BUDGETS = {"set_budget", "drop_budget"}
ANY = (*["next"] * 12, *ODD, *LEADING, *HOSTING, *PERSON, "queue")

ACT = st.tuples(st.sampled_from(ANY), WHO, N)
WORK = st.tuples(st.sampled_from(["next", "claim", "open"]), WHO, N)
OTHER = st.tuples(st.sampled_from([*HOSTING, *PERSON, "reap", "write", "end_held"]), WHO, N)
PAIR = st.one_of(st.tuples(ACT, ACT), st.tuples(OTHER, WORK), st.tuples(WORK, OTHER))
Act = tuple[str, int, int]
Lucks = list[tuple[Luck, int, bool]]


def event(name: str, *values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(st.just(name), *values)


# One rule with all of it: a rule each would be switched off in half the lives, and a chain
# of four steps (claimed, opened, sent, settled) would hardly ever come to its end.
EVENTS = st.one_of(
    event("queue", TEXTS),
    event("act", st.sampled_from(ODD), WHO, N),
    event("unheard", WHO, N),
    event("act", st.sampled_from(LEADING), WHO, N),
    event("act", st.sampled_from(HOSTING), WHO, N),
    event("act", st.sampled_from(PERSON), WHO, N),
    event("arrive", N),
    event("lead", WHO, st.lists(TIMES, max_size=3)),
    event("oversleep", WHO, WHO, st.integers(1, 4), st.one_of(st.none(), N), LUCKS),
    event("overlap", st.lists(PAIR, min_size=1, max_size=4)),
    event("overlap", st.lists(PAIR, min_size=1, max_size=4)),
    event("race", WHO, st.lists(LUCK, min_size=1, max_size=4)),
    event("meddle", WHO, N, LUCKS),
    event("overtake", WHO, N),
    event("pass_time", st.one_of(TIMES, TIMES, TIMES, st.just(DAYS))),
    event("freeze_or_wake", WHO),
    event("die", WHO),
)


class Life(RuleBasedStateMachine):
    """What happens, one event after the other; after each step the laws must hold."""

    on: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self._world = self.on
        self._actors = Actors(self._world)
        self._broken = False
        self._nothing_in: laws.Picture | None = None

    @initialize(texts=TEXTS)
    def begin(self, texts: list[int]) -> None:
        self.queue(texts)

    @rule(event=EVENTS, lucks=LUCKS)
    def happen(self, event: tuple[Any, ...], lucks: Lucks) -> None:
        """Let something happen, and then everybody goes on with their work."""
        seen, (name, *values) = self._actors.picture, event
        getattr(self, name)(*values)
        for who, luck in enumerate(lucks):
            if process := self._awake(who):
                self._go_on(process, luck)
        if self._actors.picture is not seen:
            self._broken = True
            self._world.wait(
                laws.agreed(self._world.watcher, self._actors.picture, self._actors.app)
            )
            self._broken = False

    def queue(self, texts: list[int]) -> None:
        steps = [self._actors.queue(self._actors.processes[0], n) for n in texts]
        self._play({"queue"}, *steps)

    def act(self, kind: str, who: int | Process, n: int) -> None:
        """Do it, be it too early, too late, twice, or without hearing that it was done."""
        self._play({kind}, self._step(kind, who, n))

    def arrive(self, n: int) -> None:
        self._actors.arrive(n)

    def lead(self, who: int, passed: list[timedelta]) -> None:
        """Do the leader's duties, if nobody else leads: what was looked up is written later."""
        for time in (timedelta(0), *passed):
            self.pass_time(time)
            for kind in ("lead", "reap", "write", "end_held", "look"):
                self.act(kind, who, 0)

    def oversleep(
        self, who: int, by: int, rounds: int, ruling: int | None, lucks: Lucks
    ) -> None:
        """One freezes with an answer, the others and a person go on, and then it wakes."""
        sleeper = self._actors.processes[who]
        sleeper.frozen = False
        for luck in lucks:
            if any(f.answer for f in sleeper.flights):
                break
            self._go_on(sleeper, luck)
        sleeper.frozen = True
        self.lead(by, [MINUTES] * rounds)
        if ruling is not None:
            self.act("resolve", by, ruling)
        sleeper.frozen = False
        self.act("settle", sleeper, 0)

    def overlap(self, pairs: list[tuple[Act, Act]]) -> None:
        """Two do something at once: the second while the first has not committed."""
        for first, second in pairs:
            one, two = self._step(*first), self._step(*second)
            if one and two and one.conn is not two.conn:
                self._play({first[0], second[0]}, one, two, at_once=True)
            else:
                for (kind, *_), step in ((first, one), (second, two)):
                    self._play({kind}, step)

    def race(self, who: int, lucks: list[Luck]) -> None:
        """Two processes do the same things at once."""
        one, two = (self._actors.processes[(who + n) % PROCESSES] for n in range(2))
        for luck in lucks:
            for process in (one, two):
                self._actors.send(process, 0, luck, slow=False)
            kinds = one.next_step(), two.next_step()
            first, second = self._step(kinds[0], one, 0), self._step(kinds[1], two, 0)
            self._play(set(kinds), first, second, at_once=True)

    def unheard(self, who: int, n: int) -> None:
        """Open attempts, lose the answer of the commit, and give up."""
        for kind in ("claim", "open_unheard", "hand_back"):
            self.act(kind, who, n)

    def overtake(self, who: int, n: int) -> None:
        """The application ends a text that a process is about to claim, then to open."""
        process = self._actors.processes[who]
        waiting = [
            r["id"] for r in self._actors.picture.rows.values() if r["status"] == "pending"
        ]
        if waiting:
            end = self._actors.end(waiting[n % len(waiting)], n)
            self._play({"end", "claim"}, end, self._actors.claim(process, 3), at_once=True)
        if process.held:
            end = self._actors.end(process.held[0].facts.id, n // 3)
            now = self._world.now()
            before = self._actors.picture
            self._play({"end", "open"}, end, process.open(4, now), at_once=True)
            laws.opened(before, self._actors.picture)

    def meddle(self, who: int, n: int, lucks: Lucks) -> None:
        """The application takes a row back in mid-flight, and another process claims it."""
        process = self._actors.processes[who]
        for luck in lucks:
            if any(f.answer for f in process.flights):
                break
            self._go_on(process, luck)
        answered = [f.attempt.facts.id for f in process.flights if f.answer]
        if answered:
            self._play({"take_back"}, self._actors.app.take_back(answered[0]))
            other = self._actors.processes[(who + 1) % PROCESSES]
            self.act("claim", other, n)
            self.act("settle", process, n)

    def pass_time(self, passed: timedelta) -> None:
        self._actors.pass_time(passed)
        self._nothing_in = None

    def freeze_or_wake(self, who: int) -> None:
        process = self._actors.processes[who]
        process.frozen = not process.frozen

    def die(self, who: int) -> None:
        self._actors.start(self._actors.processes[who])

    def teardown(self) -> None:
        if not self._broken:
            end(self._actors)

    def _go_on(self, process: Process, luck: tuple[Luck, int, bool]) -> None:
        """Do what comes next; a claim that found nothing is not made again in vain."""
        how, n, slow = luck
        if process.unsent():
            self._actors.send(process, n, how, slow=slow)
            return
        kind, before = process.next_step(), self._actors.picture
        if kind == "claim" and before is self._nothing_in:
            return
        self.act(kind, process, n)
        if kind == "claim" and self._actors.picture is before:
            self._nothing_in = before

    def _awake(self, who: int) -> Process | None:
        awake = [p for p in self._actors.processes if not p.frozen]
        return awake[who % len(awake)] if awake else None

    def _step(self, kind: str, who: int | Process, n: int) -> Step | None:
        process = self._awake(who) if isinstance(who, int) else who
        made: Step | None = getattr(self._actors, kind)(process, n) if process else None
        return made

    def _play(self, kinds: set[str], *steps: Step | None, at_once: bool = False) -> None:
        self._broken = True  # until the laws hold
        todo = [step for step in steps if step]
        if at_once and len(todo) == 2:
            self._world.overlap(*todo)
        else:
            for step in todo:
                self._world.play(step)
        if todo:
            self._check(kinds)
        self._broken = False

    def _check(self, kinds: set[str]) -> None:
        """Compare the tables with what they held before, and with each other."""
        actors, before = self._actors, self._actors.picture
        now = self._world.wait(laws.picture(self._world.watcher))
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


def test_every_life_keeps_the_laws(database: str) -> None:
    with world.opened(database, PROCESSES) as made:

        class Here(Life):
            on = made

        run_state_machine_as_test(Here, settings=LIVES)
