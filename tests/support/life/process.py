"""A simulated process: what it remembers, and what it does with the store's own functions."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dispatcher.core import fate, reconcile
from dispatcher.core.backoff import Backoff
from dispatcher.core.judge import Judge
from dispatcher.core.law import Hours
from dispatcher.core.message import Category, Claim
from dispatcher.core.outcome import Outcome
from dispatcher.core.reconcile import IfAbsent, Seen, Waits
from dispatcher.store import claims, leases, opening, reaping, reconciling, settling
from dispatcher.store.claims import Claimed
from dispatcher.store.database import Connection
from dispatcher.store.leases import DeposedError, Lead
from dispatcher.store.opening import Attempt, Opened
from dispatcher.store.reconciling import Due
from dispatcher.store.settling import Settled, Settlement
from support.claiming import LOGIN, SEND_BY, claim, terms
from support.life.provider import Flight, Provider
from support.life.world import Step
from support.rules import RULES, law

NOBODY = Lead(LOGIN, 0)
"""The post of who does not lead: no write that names it is done."""

LONGEST = timedelta(seconds=20)
DEAD_AFTER = timedelta(seconds=60)
LEAD = timedelta(seconds=30)
WAITS = Waits(timedelta(seconds=60), timedelta(seconds=60), LONGEST, timedelta(hours=72))
LIFETIME = dict.fromkeys(Category, timedelta(hours=24)) | {
    Category.REMINDER: timedelta(hours=4)
}
IF_ABSENT = {
    Category.COMPLIANCE: IfAbsent.DROP,
    Category.TRANSACTIONAL: IfAbsent.RESEND,
    Category.REMINDER: IfAbsent.DROP,
    Category.PROMOTION: IfAbsent.HOLD,
}
JUDGE = Judge(replace(RULES, law=law(Hours.OFF), cap=None, lifetime=LIFETIME))
MOST_ATTEMPTS, BACKOFF = 2, Backoff()


def settlement(attempt: Attempt, answer: Outcome) -> Settlement:
    """Return what is written of *answer*, as the settler decides it."""
    decided = fate.of(answer, attempt.facts.attempts + 1, MOST_ATTEMPTS, BACKOFF, 0.5)
    code = getattr(answer, "code", None)
    return Settlement(attempt.key, answer.word, code, "", decided)


async def _known(conn: Connection, seen: Seen) -> bool:
    found: bool = await conn.fetchval(
        "SELECT EXISTS (SELECT FROM newsletter.sms_attempts WHERE provider_id = ANY ($1::text[]))",
        list(seen.found.values()),
    )
    return found


@dataclass
class Process:
    """A process on a connection of its own; *number* is what the database calls it.

    It may be *frozen*: it does nothing, nobody hears of it, and it wakes with what it had.
    """

    conn: Connection
    provider: Provider
    number: int = 0
    frozen: bool = False
    held: list[Claim] = field(default_factory=list)
    flights: list[Flight] = field(default_factory=list)
    post: Lead = NOBODY
    looked: list[tuple[list[Due], Seen]] = field(default_factory=list)

    def begin(self, number: int) -> None:
        """Start, knowing nothing."""
        self.number, self.frozen, self.post = number, False, NOBODY
        self.held, self.flights, self.looked = [], [], []

    def unsent(self) -> bool:
        """Tell whether a request waits to begin."""
        return any(f.luck is None and f.answer is None for f in self.flights)

    def next_step(self) -> str:
        """Return what there is to do, the latest first."""
        if any(f.answer for f in self.flights):
            return "settle"
        return "open" if self.held else "claim"

    def claim(self, most: int) -> Step:
        def then(done: Claimed) -> None:
            self.held += done.claims

        return Step(self.conn, lambda c: claim(c, most, JUDGE, self.number), then)

    def open(self, most: int, now: datetime, *, lost: bool = False) -> Step:
        """Open what it holds. *lost*: it is done, and the process never hears of it."""
        held = self.held[:most]

        def then(done: Opened) -> None:
            if not lost:
                self.held = self.held[most:]
                self.flights += [Flight(each, now + SEND_BY) for each in done.attempts]

        return Step(
            self.conn,
            lambda c: opening.open_attempts(c, held, JUDGE, terms(self.number)),
            then,
        )

    def hand_back(self) -> Step:
        held, self.held = self.held, []
        return Step(self.conn, lambda c: claims.hand_back(c, held))

    def settle(self, settlements: Sequence[Settlement]) -> Step:
        def then(done: Settled) -> None:
            late = {s.key.attempt for s in done.late}
            assert not late & self.provider.late, "the same news twice"
            self.provider.late |= late

        return Step(self.conn, lambda c: settling.settle(c, settlements), then)

    def answered(self) -> list[Settlement]:
        """Return what there is to settle."""
        return [settlement(f.attempt, f.answer) for f in self.flights if f.answer]

    def forget_answered(self) -> None:
        self.flights = [f for f in self.flights if not f.answer]

    def lead(self) -> Step:
        def then(lead: Lead | None) -> None:
            self.post = lead or NOBODY

        return Step(self.conn, lambda c: leases.lead(c, LOGIN, self.number, LEAD), then)

    def reap(self) -> Step:
        async def work(conn: Connection) -> None:
            with suppress(DeposedError):
                await reaping.reap(conn, self.post, DEAD_AFTER)

        return Step(self.conn, work)

    def look(self, now: datetime) -> Step:
        """Search RingCentral's record, as the reconciler does, and remember what it showed."""

        async def work(conn: Connection) -> list[tuple[list[Due], Seen]]:
            due = await reconciling.due(conn, LOGIN, WAITS)
            looked = []
            spans = reconcile.windows([d.doubt for d in due], timedelta(hours=1))
            for since, until, doubts in spans:
                records = [
                    r for r in self.provider.record(now) if since <= r.created_at <= until
                ]
                wanted = {d.attempt for d in doubts}
                now_looked = [d for d in due if d.doubt.attempt in wanted]
                ours, in_flight = await reconciling.known(conn, records, now_looked)
                seen = reconcile.look(doubts, records, ours, in_flight)
                assert not await _known(conn, seen), "found what another attempt has"
                looked.append((now_looked, seen))
            return looked

        def then(looked: list[tuple[list[Due], Seen]]) -> None:
            self.looked = looked

        return Step(self.conn, work, then)

    def write(self, *, again: bool = False) -> Step:
        """Write what the looks showed. *again*: it does not know that it has."""
        looked = self.looked
        if not again:
            self.looked = []

        async def work(conn: Connection) -> None:
            try:
                for due, seen in looked:
                    await reconciling.write(conn, self.post, due, seen, IF_ABSENT)
            except DeposedError:
                self.looked = []

        return Step(self.conn, work)

    def end_held(self) -> Step:
        async def work(conn: Connection) -> None:
            with suppress(DeposedError):
                await reconciling.end_held(conn, self.post, IF_ABSENT, LIFETIME, WAITS.presume)

        return Step(self.conn, work)
