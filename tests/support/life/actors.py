"""Everybody who acts on one queue: processes, the application, a person, time."""

import math
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from dispatcher.core.message import Category
from dispatcher.core.outcome import NotBegun
from dispatcher.core.reason import FAILURES
from dispatcher.core.unknown import Choice, Ruling
from dispatcher.store import processes, retrying, unknown
from dispatcher.store.database import Connection
from dispatcher.store.retrying import Which
from dispatcher.store.settling import Settlement
from support.claiming import PRICE
from support.life import laws
from support.life.application import Application
from support.life.laws import Picture
from support.life.process import LIFETIME, LONGEST, Process
from support.life.provider import Luck, Provider
from support.life.world import CAMPAIGNS, PEOPLE, PHONES, Step, World

CATEGORIES = [c.value for c in Category if c is not Category.COMPLIANCE]
TEXTS = ("Hello {0}", "Hello to all", "Number {1}", "Number {1}")
BUDGETS = (4, 1, 2, 6, 0)
REASONS = sorted(reason.value for reason in FAILURES)
Maker = Callable[[Process, int], Step | None]


class Actors:
    """*picture* is what the tables held after the last step, *answers* all that was settled."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.provider = Provider()
        self.app = Application(world)
        self.answers: list[Settlement] = []
        self.settled: list[tuple[UUID, int]] = []
        world.begin()
        self.processes = [Process(conn, self.provider) for conn in world.daemons]
        for each in self.processes:
            self.start(each)
        self.picture: Picture = self.world.wait(laws.picture(world.watcher))

    # What a process does.

    def next(self, who: Process, n: int) -> Step | None:
        step: Step | None = getattr(self, who.next_step())(who, n)
        return step

    def claim(self, who: Process, n: int) -> Step:
        return who.claim(1 + n % 4)

    def open(self, who: Process, n: int) -> Step | None:
        return who.open(1 + n % 3, self.world.now()) if who.held else None

    def open_unheard(self, who: Process, n: int) -> Step | None:
        return who.open(1 + n % 3, self.world.now(), lost=True) if who.held else None

    def hand_back(self, who: Process, _: int) -> Step | None:
        return who.hand_back() if who.held else None

    def settle(self, who: Process, _: int) -> Step | None:
        answered = who.answered()
        who.forget_answered()
        return self._settle(who, answered)

    def settle_again(self, who: Process, n: int) -> Step | None:
        """Settle what was settled before: its commit was not heard of."""
        return self._settle(who, self.answers[-1 - n % 4 :][:2])

    def _settle(self, who: Process, settlements: Sequence[Settlement]) -> Step | None:
        self.answers += [s for s in settlements if s not in self.answers]
        self.settled = [(s.key.message, s.key.fence) for s in settlements]
        return who.settle(settlements) if settlements else None

    def lead(self, who: Process, _: int) -> Step:
        return who.lead()

    def reap(self, who: Process, _: int) -> Step | None:
        return who.reap() if who.post.fence else None

    def look(self, who: Process, _: int) -> Step | None:
        return who.look(self.world.now()) if who.post.fence else None

    def write(self, who: Process, _: int) -> Step | None:
        return who.write() if who.looked else None

    def write_unheard(self, who: Process, _: int) -> Step | None:
        return who.write(again=True) if who.looked else None

    def end_held(self, who: Process, _: int) -> Step | None:
        return who.end_held() if who.post.fence else None

    # What the application does.

    def queue(self, _: Process, n: int) -> Step:
        person, campaign = n % 4, n // 4 % 2
        text = TEXTS[n // 8 % 4].format(campaign, len(self.app.queued))
        category = CATEGORIES[n // 32 % 3]
        return self.app.queue(
            CAMPAIGNS[campaign], PEOPLE[person], PHONES[person], category, text
        )

    def delete_row(self, _: Process, n: int) -> Step | None:
        rows = [m for m in self.app.queued if m not in self.app.deleted]
        return self.app.delete_row(rows[n % len(rows)]) if rows else None

    def fail_row(self, _: Process, n: int) -> Step | None:
        live = [
            r["id"] for r in self.picture.rows.values() if r["status"] in {"pending", "sending"}
        ]
        return self.app.fail_row(live[n % len(live)]) if live else None

    def take_back(self, _: Process, n: int) -> Step | None:
        rows = [
            r["id"]
            for r in self.picture.rows.values()
            if r["status"] == "sending" or r["id"] in self.app.failed
        ]
        return self.app.take_back(rows[n % len(rows)]) if rows else None

    def delete_person(self, _: Process, n: int) -> Step:
        return self.app.delete_person(PEOPLE[n % len(PEOPLE)])

    def end(self, message: UUID, n: int) -> Step:
        """End the *message* in one of the ways in which the application can."""
        row = self.picture.rows[message]
        person = PEOPLE[PHONES.index(row["phone_number"])]
        ways = self.app.fail_row, self.app.delete_row
        return ways[n % 3](message) if n % 3 < 2 else self.app.delete_person(person)

    def cancel(self, _: Process, n: int) -> Step:
        return self.app.turn(CAMPAIGNS[n % 2], "CANCELLED" if n % 3 == 1 else "SENDING")

    def set_budget(self, _: Process, n: int) -> Step:
        return self.app.set_budget(CAMPAIGNS[n % 2], BUDGETS[n // 2 % len(BUDGETS)])

    def leave_room(self, campaign: UUID, texts: int) -> Step:
        """Set the budget so that only so many more *texts* fit."""
        budget = self.picture.budgets.get(campaign)
        taken = budget["spent"] + budget["reserved"] if budget else Decimal(0)
        return self.app.set_budget(campaign, math.ceil(taken + PRICE * texts))

    def drop_budget(self, _: Process, n: int) -> Step:
        return self.app.drop_budget(CAMPAIGNS[n % 2])

    # What a person decides.

    def resolve(self, who: Process, n: int, attempt: int | None = None) -> Step:
        """Decide on one that is unknown; whoever resends it has searched for it, or says so."""
        ruling = Ruling(list(Choice)[n % 3], "a person", "because", unsearched=n % 2 == 0)
        must_search = ruling.choice is Choice.RESEND and not ruling.unsearched

        async def work(conn: Connection) -> None:
            if found := await unknown.look(conn, attempt=attempt):
                chosen = found[n // 6 % len(found)]
                done = await unknown.resolve(conn, chosen, ruling)
                assert not (done and must_search) or chosen.searched, "it was not searched for"

        return Step(who.conn, work)

    def retry(self, who: Process, n: int) -> Step:
        which = Which(REASONS[n % len(REASONS)], None, LIFETIME)
        return Step(who.conn, lambda c: retrying.retry(c, which))

    # What happens to all of them.

    def start(self, who: Process) -> None:
        """Begin as a new process that knows nothing of the one before."""
        who.begin(self.world.wait(processes.register(who.conn, "host", 1, "0")))

    def send(self, who: Process, n: int, luck: Luck, *, slow: bool) -> None:
        """Begin a request, if its time is not over; it arrives at once unless it is *slow*."""
        waiting = [f for f in who.flights if f.luck is None and f.answer is None]
        if not waiting:
            return
        flight, now = waiting[n % len(waiting)], self.world.now()
        if flight.send_by <= now:
            flight.answer = NotBegun()
            return
        attempt = self.picture.attempts[flight.attempt.id]
        assert attempt["outcome"] is None, f"about to send what was settled: {attempt}"
        self.provider.begin(flight, luck)
        if not slow:
            self.provider.arrive(flight, now)

    def arrive(self, n: int) -> None:
        under_way = self.provider.under_way
        if under_way:
            self.provider.arrive(under_way[n % len(under_way)], self.world.now())

    def pass_time(self, passed: timedelta) -> None:
        """Let time pass: those who are awake beat, and no request lasts longer than it may."""
        now = self.world.now()
        for flight in list(self.provider.under_way):
            if flight.send_by + LONGEST <= now + passed:
                self.provider.arrive(flight, now)
        self.world.age(passed)
        self.provider.age(passed)
        remembered = {id(f): f for p in self.processes for f in p.flights}
        for flight in (remembered | {id(f): f for f in self.provider.under_way}).values():
            flight.send_by -= passed
        awake = [p.number for p in self.processes if not p.frozen]
        self.world.beat(awake)
