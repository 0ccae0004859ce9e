"""Chains of events that chance alone would seldom bring together."""

from support.life import laws
from support.life.events import HOURS, MINUTES, PROCESSES, Lucks
from support.life.process import Process
from support.life.provider import Luck
from support.life.turns import Turns
from support.life.world import CAMPAIGNS

ALL = 100
"""More texts than there are."""


class Stories(Turns):
    """Each is told with whatever the life has come to so far."""

    def oversleep(
        self, who: int, by: int, rounds: int, ruling: int | None, lucks: Lucks
    ) -> None:
        """One freezes with an answer, the others and a person go on, and then it wakes."""
        sleeper, _ = self._two(who)
        self._until_answered(sleeper, lucks)
        sleeper.frozen = True
        self.lead(by, [MINUTES] * rounds)
        if ruling is not None:
            for flight in [f for f in sleeper.flights if f.answer]:
                step = self.actors.resolve(sleeper, ruling, flight.attempt.id)
                self.play({"resolve"}, step)
        sleeper.frozen = False
        self.act("settle", sleeper, 0)

    def race(self, who: int, room: int, lucks: list[Luck]) -> None:
        """Two processes do the same things at once, with a budget for few more texts."""
        one, two = self._two(who)
        self.queue([16, 17, 18, 19])
        self.play({"set_budget"}, self.actors.leave_room(CAMPAIGNS[0], room))
        for luck in lucks:
            for process in (one, two):
                self.actors.send(process, 0, luck, slow=False)
            kinds = one.next_step(), two.next_step()
            first, second = self.step(kinds[0], one, 0), self.step(kinds[1], two, 0)
            self.play(set(kinds), first, second, at_once=True)

    def come_back(self, who: int, n: int, again: bool) -> None:  # noqa: FBT001 - drawn
        """One freezes with claims that it loses; another takes them over, or it does *again*."""
        sleeper, other = self._two(who)
        self.act("claim", sleeper, n)
        sleeper.frozen = True
        self.pass_time(MINUTES)
        for kind in ("lead", "reap"):
            self.act(kind, other, 0)
        sleeper.frozen = False
        taker = sleeper if again else other
        self.play({"claim"}, taker.claim(ALL))
        self.play({"open"}, sleeper.open(ALL, self.world.now()))
        self.act("hand_back", sleeper, 0)

    def unheard(self, who: int, n: int) -> None:
        """Open attempts, lose the answer of the commit, and give up."""
        for kind in ("claim", "open_unheard", "hand_back"):
            self.act(kind, who, n)

    def overtake(self, who: int, n: int) -> None:
        """The application ends a text that a process is about to claim, then to open."""
        process = self.actors.processes[who]
        waiting = [
            r["id"] for r in self.actors.picture.rows.values() if r["status"] == "pending"
        ]
        if waiting:
            end = self.actors.end(waiting[n % len(waiting)], n)
            self.play({"end", "claim"}, end, process.claim(ALL), at_once=True)
        if process.held:
            end = self.actors.end(process.held[0].facts.id, n // 3)
            now = self.world.now()
            before = self.actors.picture
            self.play({"end", "open"}, end, process.open(4, now), at_once=True)
            laws.opened(before, self.actors.picture)
        self.act("hand_back", process, 0)

    def meddle(self, who: int, luck: Luck) -> None:
        """The application takes a row back in mid-flight, and another process claims it."""
        process, other = self._two(who)
        self._send_all(process, luck, 1)
        answered = [f.attempt.facts.id for f in process.flights if f.answer]
        if answered:
            self.play({"take_back"}, self.actors.app.take_back(answered[-1]))
            self.play({"claim"}, other.claim(ALL))
            self.act("settle", process, 0)

    def vanish(self, who: int) -> None:
        """A text that is sent once more if it is lost is lost twice."""
        process, other = self._two(who)
        self.queue([20 + who])
        for _ in range(2):
            self._send_all(process, Luck.VANISHED, ALL)
            lost = [f.attempt.id for f in process.flights if f.answer]
            self.act("settle", process, 0)
            for attempt in lost:  # a person who has not searched for it may not
                self.play({"resolve"}, self.actors.resolve(other, 5, attempt))
            self.lead(other, [MINUTES] * 4)

    def wait_long(self, who: int) -> None:
        """The time of a reminder is over before anybody looks for it in the record."""
        process, other = self._two(who)
        self.queue([52 + who])
        self._send_all(process, Luck.ANSWER_LOST, ALL)
        self.act("settle", process, 0)
        self.pass_time(HOURS)
        self.lead(other, [MINUTES] * 2)

    def same(self, who: int) -> None:
        """One campaign says the same to somebody twice."""
        process, _ = self._two(who)
        self.queue([4 + who, 4 + who])
        self._send_all(process, Luck.ACCEPTED, ALL)
        self.act("settle", process, 0)

    def twins(self, who: int, person: int) -> None:
        """Two campaigns say the same to somebody at once; one text arrives, one does not."""
        process, other = self._two(who)
        self.queue([8 + person, 12 + person])
        self._send_all(process, Luck.ACCEPTED, 1)
        while process.unsent():
            self.actors.send(process, 0, Luck.VANISHED, slow=False)
        self.act("settle", process, 0)
        self.lead(other, [MINUTES] * 4)

    def budget_comes(self, who: int, cents: int, first: bool) -> None:  # noqa: FBT001 - drawn
        """A campaign gets a budget in the moment in which a text of it is opened, or settled."""
        process, _ = self._two(who)
        self.queue([20 + who])
        self.act("claim", process, 3)
        for luck in (Luck.ACCEPTED, Luck.ACCEPTED):
            self.act("drop_budget", process, 1)
            budget = self.actors.app.set_budget(CAMPAIGNS[1], cents)
            kind = process.next_step()
            steps = [budget, self.step(kind, process, 2)]
            self.play({kind, "set_budget"}, *(steps if first else steps[::-1]), at_once=True)
            self.actors.send(process, 0, luck, slow=False)

    def _two(self, who: int) -> tuple[Process, Process]:
        """Return two processes, awake."""
        one, two = (self.actors.processes[(who + n) % PROCESSES] for n in range(2))
        one.frozen = two.frozen = False
        return one, two

    def _send_all(self, process: Process, luck: Luck, most: int) -> None:
        """Begin afresh, and send at most so many texts."""
        for kind in ("settle", "hand_back"):
            self.act(kind, process, 0)
        self.play({"claim"}, process.claim(ALL))
        self.play({"open"}, process.open(ALL, self.world.now()))
        for _ in range(most):
            self.actors.send(process, 0, luck, slow=False)

    def _until_answered(self, process: Process, lucks: Lucks) -> None:
        for luck in lucks:
            if any(f.answer for f in process.flights):
                break
            self.go_on(process, luck)
