"""Texts come in any order, doubled, claimed or proved: what they were written to say holds."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.host import connected
from support.inbound import PHONE, entry, receive
from support.queue import campaign, text

from dispatcher.store.database import Connection

BEGIN = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
BEFORE = BEGIN - timedelta(days=9)

# What the application said of the number's four people before any text.
PEOPLE = [(True, None), (False, None), (True, BEFORE), (False, BEFORE)]


@dataclass(frozen=True)
class Copy:
    """A copy of the text that was written in the *minute* and says *words*."""

    minute: int
    words: str
    trusted: bool

    @property
    def at(self) -> datetime:
        return BEGIN + timedelta(minutes=self.minute)


WORDS = st.sampled_from(["STOP", "START", "do not text me again", "Thanks!"])
TEXTS = st.dictionaries(st.integers(0, 9), WORDS, min_size=1, max_size=5)


@st.composite
def arrivals(draw: st.DrawFn) -> list[Copy]:
    """Draw texts, some copies of each, and the order in which they come."""
    copies = [
        Copy(minute, words, trusted)
        for minute, words in draw(TEXTS).items()
        for trusted in draw(st.lists(st.booleans(), min_size=1, max_size=3))
    ]
    return draw(st.permutations(copies))


@dataclass(frozen=True)
class End:
    """What stands in the end: since when it is suppressed, if it is, and the people."""

    since: datetime | None
    people: list[tuple[bool, datetime | None]]


def expected(copies: list[Copy]) -> End:
    stops = [c.at for c in copies if c.words in {"STOP", "do not text me again"}]
    starts = [c.at for c in copies if c.words == "START" and c.trusted]
    if not stops or max(starts, default=BEFORE) > max(stops):
        return End(None, PEOPLE)
    since = max(stops)
    return End(since, [(False, unsubscribed or since) for _, unsubscribed in PEOPLE])


async def became(conn: Connection, copies: list[Copy]) -> End:
    for table in ("subscribers", "sms_suppressions", "sms_inbound_messages", "sms_send_queue"):
        await conn.execute(f"DELETE FROM newsletter.{table}")
    people = [
        await conn.fetchval(
            "INSERT INTO newsletter.subscribers (phone, sms_subscribed, sms_unsubscribed_at)"
            " VALUES ($1, $2, $3) RETURNING id",
            PHONE,
            subscribed,
            unsubscribed,
        )
        for subscribed, unsubscribed in PEOPLE
    ]
    records = {c.minute: entry(c.words, c.at) for c in copies}
    await text(conn, campaign=await campaign(conn))
    for copy in copies:
        await receive(conn, records[copy.minute], trusted=copy.trusted)
    live = await conn.fetchval(
        "SELECT count(*) FROM newsletter.sms_send_queue WHERE status = 'pending'"
    )
    assert live == (0 if any(c.words not in {"START", "Thanks!"} for c in copies) else 1)
    since = await conn.fetchval(
        "SELECT since FROM newsletter.sms_suppressions WHERE lifted_at IS NULL"
    )
    rows = await conn.fetch(
        "SELECT s.sms_subscribed, s.sms_unsubscribed_at FROM newsletter.subscribers s"
        " ORDER BY array_position($1::uuid[], s.id)",
        people,
    )
    return End(since, [tuple(r) for r in rows])


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


def test_times_decide_and_not_the_order_of_arrival(
    database: str, runner: asyncio.Runner
) -> None:
    opened = connected(database)
    conn = runner.run(opened.__aenter__())

    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(arrivals())
    def in_any_order(copies: list[Copy]) -> None:
        assert runner.run(became(conn, copies)) == expected(copies)

    in_any_order()
    runner.run(opened.__aexit__(None, None, None))
