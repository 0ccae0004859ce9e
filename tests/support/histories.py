"""Histories of texts, written by plain SQL, beside a count of them in plain Python."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg

from dispatcher.core.figures import Day, Figures
from dispatcher.store.database import Connection
from support.queue import campaign

FINAL = ("DELIVERED", "FAILED", "UNDELIVERED")
CLASSES = ("number", "absent", "opted_out", "spam", "text", "sender", "limit", "broken")
FIRST, END = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
PRICE = Decimal("1.19")


@dataclass
class Thing:
    """A row of some table, as long as it is *there*; what it said stays."""

    id: Any
    campaign: UUID | None
    at: datetime
    there: bool = True


@dataclass(frozen=True)
class News:
    """A delivery event: *why* it failed, and whether no more is awaited."""

    status: str
    why: str | None
    closed: bool

    @property
    def says(self) -> bool:
        return self.status in FINAL or self.closed


@dataclass
class Attempt(Thing):
    """An attempt; without an *outcome* it is open. *kept* is what a deleted event said."""

    outcome: str | None = None
    segments: int = 0
    event: News | None = None
    kept: News | None = None

    @property
    def news(self) -> News | None:
        return self.event if self.event and self.event.says else self.kept


@dataclass
class History:
    """What happens to a database behind *conn*, and what its figures must be."""

    conn: Connection
    zone: str = "America/New_York"
    campaigns: list[UUID | None] = field(default_factory=lambda: [None])
    gone: set[UUID] = field(default_factory=set)
    queued: list[Thing] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    unsubscribed: list[Thing] = field(default_factory=list)
    replied: list[Thing] = field(default_factory=list)

    async def begin(self) -> None:
        self.campaigns += [await campaign(self.conn), await campaign(self.conn)]

    def _campaign(self, n: int) -> UUID | None:
        """Return one that is still there, or none."""
        found = self.campaigns[n % len(self.campaigns)]
        return None if found in self.gone else found

    async def queue(self, n: int, at: datetime, rows: int, *, dated: bool) -> None:
        """Queue some; without a date of its own a row has that of its time."""
        made = await self.conn.fetch(
            "INSERT INTO newsletter.sms_send_queue (campaign_id, phone_number, message_content, created_at, scheduled_at)"
            " SELECT $1, '+19165550100', 'x', CASE WHEN $4 THEN $2::timestamptz END, CASE WHEN $4 THEN now() ELSE $2 END"
            " FROM generate_series(1, $3::int) RETURNING id",
            self._campaign(n), at, rows, dated,
        )  # fmt: skip
        self.queued += [Thing(r["id"], self._campaign(n), at) for r in made]

    async def unqueue(self, n: int) -> None:
        if live := [q for q in self.queued if q.there]:
            one = live[n % len(live)]
            await self.conn.execute(
                "DELETE FROM newsletter.sms_send_queue WHERE id = $1", one.id
            )
            one.there = False

    async def requeue(self, n: int, to: int, at: datetime) -> None:
        if live := [q for q in self.queued if q.there]:
            one = live[n % len(live)]
            one.campaign, one.at = self._campaign(to), at
            await self.conn.execute(
                "UPDATE newsletter.sms_send_queue SET campaign_id = $2, created_at = $3 WHERE id = $1",
                one.id, one.campaign, at,
            )  # fmt: skip

    async def open(self, n: int) -> None:
        """Open an attempt: of a campaign that is gone, too, for the ledger knows no key."""
        of = self.campaigns[n % len(self.campaigns)]
        made = await self.conn.fetchval(
            "INSERT INTO newsletter.sms_attempts (message_id, campaign_id, category, phone, sender, text_hash, fence,"
            " process_id, send_by, segment_price, segments_reserved, cents_reserved)"
            " VALUES ($1, $2, 'promotion', '+19165550100', '+19165550199', sha256(convert_to($1::uuid::text, 'UTF8')), 1, 1,"
            " now() + interval '5 s', 1.19, 1, 1.19) RETURNING id",
            uuid4(), of,
        )  # fmt: skip
        self.attempts.append(Attempt(made, of, FIRST))

    async def settle(self, n: int, outcome: str, at: datetime) -> None:
        """Settle what is open or ambiguous, with the event that the daemon writes beside it."""
        unsettled = [a for a in self.attempts if a.outcome in {None, "ambiguous"}]
        if not unsettled:
            return
        one = unsettled[n % len(unsettled)]
        one.outcome, one.at, one.segments = outcome, at, int(outcome == "accepted")
        async with self.conn.transaction():
            await self.conn.execute(
                "UPDATE newsletter.sms_attempts SET outcome = $2, settled_at = $3,"
                " segments_billed = $4::int, cents_billed = $4::int * segment_price WHERE id = $1",
                one.id, outcome, at, one.segments or None,
            )  # fmt: skip
            if outcome in {"accepted", "refused"}:
                status = "QUEUED" if outcome == "accepted" else "FAILED"
                await self._write(one, News(status, None, closed=False))

    async def tell(self, n: int, news: News) -> None:
        """Bring news of a text, in whatever order."""
        if settled := [a for a in self.attempts if a.outcome in {"accepted", "refused"}]:
            await self._write(settled[n % len(settled)], news)

    async def _write(self, one: Attempt, news: News) -> None:
        one.event = news
        of = None if one.campaign in self.gone else one.campaign
        await self.conn.execute(
            "INSERT INTO newsletter.sms_delivery_events (attempt_id, campaign_id, phone_number, status, failure_class, closed_at)"
            " VALUES ($1, $2, '+19165550100', $3::text::public.sms_delivery_status, $4, CASE WHEN $5 THEN now() END)"
            " ON CONFLICT (attempt_id) DO UPDATE SET status = excluded.status, failure_class = excluded.failure_class,"
            " closed_at = excluded.closed_at",
            one.id, of, news.status, news.why, news.closed,
        )  # fmt: skip

    async def untell(self, n: int) -> None:
        """Delete the event of a text."""
        if told := [a for a in self.attempts if a.event]:
            one = told[n % len(told)]
            await self.conn.execute(
                "DELETE FROM newsletter.sms_delivery_events WHERE attempt_id = $1", one.id
            )
            self._forget(one)

    @staticmethod
    def _forget(one: Attempt) -> None:
        one.kept, one.event = one.news, None

    async def bill(self, n: int, segments: int) -> None:
        if accepted := [a for a in self.attempts if a.outcome == "accepted"]:
            one = accepted[n % len(accepted)]
            one.segments = segments
            await self.conn.execute(
                "UPDATE newsletter.sms_attempts SET segments_billed = $2::int, cents_billed = $2::int * segment_price WHERE id = $1",
                one.id, segments,
            )  # fmt: skip

    async def unsubscribe(self, n: int, at: datetime) -> None:
        if of := self._campaign(n):
            made = await self.conn.fetchval(
                "INSERT INTO newsletter.campaign_events (campaign_id, event_type, occurred_at) VALUES ($1, 'UNSUBSCRIBED', $2) RETURNING id",
                of, at,
            )  # fmt: skip
            self.unsubscribed.append(Thing(made, of, at))

    async def resubscribe(self, n: int, at: datetime | None) -> None:
        """Let the event be another one, or of another time."""
        if live := [u for u in self.unsubscribed if u.there]:
            one = live[n % len(live)]
            await self.conn.execute(
                "UPDATE newsletter.campaign_events SET event_type = CASE WHEN $2::timestamptz IS NULL THEN 'CLICKED' ELSE event_type END,"
                " occurred_at = coalesce($2, occurred_at) WHERE id = $1",
                one.id, at,
            )  # fmt: skip
            if at:
                one.at = at
            else:
                self.unsubscribed.remove(one)

    async def reply(self, n: int, at: datetime) -> None:
        of = self.campaigns[n % len(self.campaigns)]
        made = await self.conn.fetchval(
            "INSERT INTO newsletter.sms_inbound_messages (provider_id, login, phone_number, sender, message_content, written_at,"
            " campaign_id, verdict, why) VALUES ($1, 'x', '+19165550100', '+19165550199', 'x', $2, $3, 'none', 'x') RETURNING id",
            str(uuid4()), at, of,
        )  # fmt: skip
        self.replied.append(Thing(made, of, at))

    async def relate(self, n: int, to: int) -> None:
        """Find out that it answers another campaign."""
        if live := [r for r in self.replied if r.there]:
            one = live[n % len(live)]
            one.campaign = self.campaigns[to % len(self.campaigns)]
            await self.conn.execute(
                "UPDATE newsletter.sms_inbound_messages SET campaign_id = $2 WHERE id = $1",
                one.id, one.campaign,
            )  # fmt: skip

    async def forget(self, n: int) -> None:
        """Delete what somebody wrote."""
        if live := [r for r in self.replied if r.there]:
            one = live[n % len(live)]
            await self.conn.execute(
                "DELETE FROM newsletter.sms_inbound_messages WHERE id = $1", one.id
            )
            one.there = False

    async def lose(self, n: int) -> None:
        """Delete a campaign and all that hangs on it, unless texts of it are under way."""
        of = self._campaign(n)
        if not of:
            return
        try:
            async with self.conn.transaction():
                await self.conn.execute("DELETE FROM newsletter.campaigns WHERE id = $1", of)
        except asyncpg.RestrictViolationError:
            return
        for thing in (*self.queued, *self.unsubscribed):
            thing.there = thing.there and thing.campaign != of
        for attempt in self.attempts:
            if attempt.campaign == of and attempt.event:
                self._forget(attempt)
        self.gone.add(of)

    def figures(self) -> dict[Day, Figures]:
        """Count all of it, one by one."""
        counts: dict[Day, Counter[str]] = {}
        for day, name, number in self._counted():
            counts.setdefault(day, Counter())[name] += number
        found = {
            day: replace(Figures(), **n, cost_exact=n["segments"] * PRICE)
            for day, n in counts.items()
        }
        return {day: figures for day, figures in found.items() if figures != Figures()}

    def _counted(self) -> Iterator[tuple[Day, str, int]]:
        things = {
            "queued": self.queued, "unsubscribed": self.unsubscribed, "replied": self.replied,
        }  # fmt: skip
        for name, each in things.items():
            yield from ((self._day(t), name, 1) for t in each if FIRST <= t.at < END)
        for a in self.attempts:
            if a.outcome is None or not FIRST <= a.at < END:
                continue
            if a.outcome == "accepted":
                yield self._day(a), "sent", 1
                yield self._day(a), "segments", a.segments
            for name in self._fate(a):
                yield self._day(a), name, 1

    @staticmethod
    def _fate(a: Attempt) -> list[str]:
        if not a.news:
            return []
        if a.news.status == "DELIVERED":
            return ["delivered"]
        if a.news.status in FINAL:
            why = a.news.why or "broken" if a.outcome == "accepted" else "refused"
            return ["failed", f"failed_{why}"]
        return ["unconfirmed"] if a.outcome == "accepted" else []

    def _day(self, thing: Thing) -> Day:
        return Day(thing.campaign, thing.at.astimezone(ZoneInfo(self.zone)).date())
