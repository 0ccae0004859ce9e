"""Promotions for a few people, and processes that claim, open and settle them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from uuid import UUID

from dispatcher.core.fate import Fate, PutBack, Sent
from dispatcher.core.judge import Judge
from dispatcher.core.lane import in_line
from dispatcher.core.law import Cap, Hours
from dispatcher.core.message import Category
from dispatcher.core.reason import Reason
from dispatcher.store import claims, opening, settling
from dispatcher.store.claims import Claimed
from dispatcher.store.database import Connection
from dispatcher.store.opening import Attempt, Opened
from dispatcher.store.pool import Database
from dispatcher.store.settling import Settlement
from support.claiming import TODAY, limits, terms
from support.rules import RULES, law

PROVIDER = count(1)
PHONES = [f"+1916555{n:04}" for n in range(100, 104)]


def capped(most: int, hours: float = 24) -> Judge:
    """Return a judge with no rule but ours: at most so many promotions in so many hours."""
    cap = Cap(most, timedelta(hours=hours)) if most else None
    lifetime = {category: timedelta(days=30) for category in Category}
    rules = replace(RULES, law=law(Hours.OFF), margin=timedelta(0), cap=cap, lifetime=lifetime)
    return Judge(rules)


@asynccontextmanager
async def processes(database: str, many: int) -> AsyncIterator[list[Database]]:
    """A pool of one connection for each process."""
    async with AsyncExitStack() as stack:
        dsn = database.replace("owner@", "app_daemon@")
        made = [Database(dsn, size=1, seconds=60, statement_cache=100) for _ in range(many)]
        for each in made:
            await each.open()
            stack.push_async_callback(each.close)
        yield made


async def queue(
    owner: Connection,
    campaign: UUID | None,
    phones: list[str],
    each: int = 1,
    *,
    category: str | None = None,
    segments: int = 1,
) -> None:
    """Put *each* texts of so many segments for each of *phones* into the queue."""
    await owner.execute(
        "INSERT INTO newsletter.subscribers (phone, sms_subscribed) SELECT p, true FROM unnest($1::text[]) p"
        " WHERE NOT EXISTS (SELECT FROM newsletter.subscribers s WHERE s.phone = p)",
        phones,
    )
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content, category)"
        " SELECT $1, p, gen_random_uuid() || repeat('x', 150 * ($4::int - 1)), $5"
        "   FROM unnest($2::text[]) p, generate_series(1, $3::int)",
        campaign, phones, each, segments, category,
    )  # fmt: skip


@dataclass(frozen=True)
class Process:
    """One of several that send at once, by one *judge*."""

    judge: Judge
    number: int = 1
    tier: int = 0

    async def claim(self, conn: Connection, most: int = 20) -> Claimed:
        lanes, now = await claims.lanes(conn, TODAY)
        line = in_line(lanes, {}, now, 16) if now else []
        bounds = replace(limits(self.number), tier=self.tier)
        return await claims.claim(conn, line, most, self.judge, bounds)

    async def open(self, conn: Connection, claimed: Claimed) -> Opened:
        asked = replace(terms(self.number), tier=self.tier)
        return await opening.open_attempts(conn, claimed.claims, self.judge, asked)

    async def race(self, database: Database, end: Callable[[Attempt], Settlement]) -> None:
        """Claim, open and settle until nothing is due."""
        while (done := await database.run(self.claim)).looked_at:
            opened = await database.run(self.open, done)
            await database.run(settling.settle, [end(a) for a in opened.attempts])


def settled(attempt: Attempt, outcome: str, fate: Fate | None = None) -> Settlement:
    if outcome == "accepted":
        fate = Sent(str(next(PROVIDER)))
    if fate is None:
        fate = PutBack(timedelta(hours=1), Reason.RETRY, counts=False)
    return Settlement(attempt.key, outcome, None, "", fate)


def accepted(attempt: Attempt) -> Settlement:
    return settled(attempt, "accepted")
