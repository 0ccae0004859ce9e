"""The figures by day are what a recount of everything comes to, whatever happened and in whatever order."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.histories import CLASSES, FINAL, History, News
from support.host import connected

from dispatcher.core.figures import NAMES, Day, Figures
from dispatcher.store import figures, rollups
from dispatcher.store.database import Connection
from dispatcher.store.rollups import Rolled

MakeDatabase = Callable[..., AbstractAsyncContextManager[str]]

ZONES = (
    "America/New_York",
    "America/Havana",  # midnight comes twice, or never
    "Atlantic/Azores",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",  # fourteen hours ahead
    "Pacific/Apia",  # a day that never was
    "Etc/GMT+12",
)
MOMENTS = tuple(
    datetime.fromisoformat(f"{each}Z")
    for each in (
        "2026-03-08T05:00", "2025-11-02T05:00", "2025-10-26T01:00", "2026-03-29T01:00", "2011-12-30T10:00", "2026-06-01T00:00",
        "1999-12-31T23:50", "2200-01-01T00:00",
    )
)  # fmt: skip

NUMBER = st.integers(0, 9)
TIME = st.builds(
    lambda moment, minutes: moment + timedelta(minutes=minutes),
    st.sampled_from(MOMENTS),
    st.integers(-26 * 60, 26 * 60) | st.sampled_from([-1, 0, 1]),
)
STATUS = st.sampled_from(("QUEUED", "SENT", *FINAL))
NEWS = st.builds(News, STATUS, st.sampled_from((None, *CLASSES)), st.booleans())
OUTCOME = st.sampled_from(
    ("accepted", "accepted", "accepted", "ambiguous", "refused", "absent")
)

DEEDS = st.one_of(
    st.tuples(st.just("queue"), NUMBER, TIME, st.integers(1, 3), st.booleans()),
    st.tuples(st.just("unqueue"), NUMBER),
    st.tuples(st.just("requeue"), NUMBER, NUMBER, TIME),
    st.tuples(st.just("open"), NUMBER),
    st.tuples(st.just("open"), NUMBER),
    st.tuples(st.just("settle"), NUMBER, OUTCOME, TIME),
    st.tuples(st.just("settle"), NUMBER, OUTCOME, TIME),
    st.tuples(st.just("tell"), NUMBER, NEWS),
    st.tuples(st.just("tell"), NUMBER, NEWS),
    st.tuples(st.just("untell"), NUMBER),
    st.tuples(st.just("bill"), NUMBER, st.integers(0, 4)),
    st.tuples(st.just("unsubscribe"), NUMBER, TIME),
    st.tuples(st.just("resubscribe"), NUMBER, st.none() | TIME),
    st.tuples(st.just("reply"), NUMBER, TIME),
    st.tuples(st.just("relate"), NUMBER, NUMBER),
    st.tuples(st.just("forget"), NUMBER),
    st.tuples(st.just("lose"), NUMBER),
)
# When who counts comes by: not at all, after it, twice at once, before its commit, or in the middle of the count.
TURNS = st.sampled_from(("none", "none", "after", "twice", "before", "amid"))
REZONE = st.tuples(st.just("rezone"), st.sampled_from(ZONES))
STEPS = st.lists(
    st.integers(0, 11).flatmap(lambda n: REZONE if n == 0 else st.tuples(TURNS, DEEDS)),
    min_size=12,
    max_size=20,
)

EXAMPLES = int(os.environ.get("ROLLUP_EXAMPLES", "12"))


class Amid:
    """A connection that lets something happen between taking the notes and counting."""

    def __init__(self, conn: Connection, event: Callable[[], Awaitable[None]]) -> None:
        self._conn, self._event = conn, event

    def __getattr__(self, name: str) -> Any:
        return getattr(self._conn, name)

    async def execute(self, query: str, *args: object) -> None:
        if query == rollups.SQL["clear"]:
            await self._event()
        await self._conn.execute(query, *args)


async def to_the_end(conn: Connection) -> None:
    while (rolled := await rollups.roll(conn)) is None or rolled.left:
        pass


async def standing(conn: Connection) -> dict[Day, Figures]:
    rows = await conn.fetch("SELECT * FROM newsletter.campaign_metrics_daily")
    return {
        Day(r["campaign_id"], r["day"]): Figures(**{name: r[name] for name in NAMES})
        for r in rows
    }


async def furnish(history: History) -> None:
    """Have something of each kind, so that a short history need not begin with nothing."""
    await history.begin()
    for n, moment in enumerate(MOMENTS[:3]):
        await history.queue(n, moment, 2, dated=True)
        for _ in range(2):
            await history.open(n)
        await history.settle(0, "accepted", moment)
        await history.unsubscribe(n, moment)
        await history.reply(n, moment)
    await history.settle(0, "ambiguous", MOMENTS[0])
    await history.tell(0, News("DELIVERED", None, closed=True))


class Story:
    """One writes, two count."""

    def __init__(self, owner: Connection, first: Connection, second: Connection) -> None:
        self.history, self.first, self.second = History(owner), first, second

    async def step(self, turn: str, deed: Any) -> None:
        if turn == "rezone":
            self.history.zone = deed
            assert await rollups.rezone(self.first, deed) is not None
            return
        conn = self.history.conn
        async with conn.transaction():
            await self._do(deed)
            if turn == "before":
                await rollups.roll(self.first)
        if turn == "after":
            await rollups.roll(self.first)
        if turn == "twice":
            await asyncio.gather(rollups.roll(self.first), rollups.roll(self.second))
        if turn == "amid":
            await rollups.roll(Amid(self.first, lambda: self._do(deed)))  # type: ignore[arg-type]

    async def _do(self, deed: tuple[Any, ...]) -> None:
        name, *values = deed
        if name == "queue":
            await self.history.queue(*values[:-1], dated=values[-1])
        else:
            await getattr(self.history, name)(*values)

    async def agree(self) -> None:
        """What is not stale is right at every moment."""
        assert (await figures.look(self.second)).differences == []


@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
@given(steps=STEPS)
async def test_whatever_happens(
    make_database: MakeDatabase, template: str, steps: list[tuple[str, Any]]
) -> None:
    async with make_database(template) as dsn:
        ours = dsn.replace("owner@", "app_daemon@")
        first, second = connected(ours, jit="off"), connected(ours, jit="off")
        async with connected(dsn) as owner, first as one, second as two:
            story = Story(owner, one, two)
            await furnish(story.history)
            for step in steps:
                await story.step(*step)
                if step[0] != "none":  # what nobody counted is stale
                    await story.agree()
            await to_the_end(one)
            assert await standing(owner) == story.history.figures()
            found = await figures.look(two)
            assert (found.differences, found.stale) == ([], 0)


NOON = datetime(2026, 6, 1, 16, tzinfo=UTC)
DELIVERED, OPEN = News("DELIVERED", None, closed=True), News("SENT", None, closed=False)


@pytest.mark.parametrize(
    "deeds",
    [
        [("queue", 1, NOON, 1, True)],
        [("queue", 1, NOON, 1, False)],
        [("unqueue", 1)],
        [("requeue", 1, 2, NOON)],
        [("open", 1), ("settle", 0, "accepted", NOON)],
        [("tell", 1, DELIVERED)],
        [("tell", 1, News("SENT", None, closed=True))],
        [("tell", 0, News("UNDELIVERED", "spam", closed=True))],
        [("tell", 0, OPEN)],
        [("untell", 0)],
        [("untell", 0), ("tell", 0, OPEN)],
        [("untell", 0), ("tell", 0, News("FAILED", "number", closed=True))],
        [("untell", 1), ("tell", 1, DELIVERED)],
        [("bill", 0, 3)],
        [("unsubscribe", 1, NOON)],
        [("resubscribe", 0, None)],
        [("resubscribe", 0, NOON)],
        [("reply", 1, NOON)],
        [("relate", 0, 2)],
        [("forget", 0)],
        [("settle", 0, "refused", NOON)] * 4 + [("lose", 1)],
    ],
    ids=lambda deeds: "-".join(deed[0] for deed in deeds),
)
async def test_each_deed_opens_its_day_again(
    owner: Connection, daemon: Connection, deeds: list[tuple[Any, ...]]
) -> None:
    story = Story(owner, daemon, daemon)
    await furnish(story.history)
    await to_the_end(daemon)
    for deed in deeds:
        await story.step("none", deed)
        await story.agree()
        await to_the_end(daemon)
        assert await standing(owner) == story.history.figures()


async def test_a_hundred_thousand_rows_are_a_handful_of_notes(
    owner: Connection, daemon: Connection
) -> None:
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (phone_number, message_content)"
        " SELECT '+19165550100', 'x' FROM generate_series(1, 100000)"
    )
    notes = await owner.fetchval("SELECT count(*) FROM newsletter.rollup_stale")
    assert notes == 1
    assert await rollups.roll(daemon) == Rolled(1, left=False)
    assert await rollups.roll(daemon) == Rolled(0, left=False)
    (found,) = (await standing(owner)).values()
    assert found == Figures(queued=100_000)


async def test_what_the_daemon_writes_changes_no_row_of_the_queue_into_a_note(
    owner: Connection,
) -> None:
    """A claim and its end, and a time that is put off, are of no day."""
    history = History(owner)
    await history.queue(0, datetime(2026, 6, 1, tzinfo=UTC), 3, dated=True)
    await owner.execute("DELETE FROM newsletter.rollup_stale")
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET status = 'sending', scheduled_at = now() + interval '1 day'"
    )
    assert await owner.fetchval("SELECT count(*) FROM newsletter.rollup_stale") == 0


async def test_what_comes_while_it_counts_waits_for_the_next_round(
    owner: Connection, daemon: Connection
) -> None:
    """Else a day that is being sent would be counted without end."""
    history = History(owner)
    await history.queue(0, NOON, 1, dated=True)
    amid = Amid(daemon, lambda: history.queue(0, NOON, 1, dated=True))
    assert await rollups.roll(amid) == Rolled(1, left=False)  # type: ignore[arg-type]
    assert await rollups.roll(daemon) == Rolled(1, left=False)
    assert await standing(owner) == history.figures()


async def test_who_comes_while_another_counts_goes_on(
    owner: Connection, daemon: Connection
) -> None:
    async with owner.transaction():
        await owner.execute(rollups.SQL["lock"])
        assert await rollups.roll(daemon) is None
        assert await rollups.rezone(daemon, "Asia/Kathmandu") is None
    assert await rollups.roll(daemon) == Rolled(0, left=False)


async def test_many_days_are_counted_by_and_by(owner: Connection, daemon: Connection) -> None:
    history, first = History(owner), datetime(2026, 1, 1, 12, tzinfo=UTC)
    for n in range(rollups.DAYS + 5):
        await history.queue(0, first + timedelta(days=n), 1, dated=True)
    assert await rollups.roll(daemon) == Rolled(rollups.DAYS, left=True)
    assert await rollups.roll(daemon) == Rolled(5, left=False)
    assert await standing(owner) == history.figures()


async def test_times_that_are_none_are_refused_nowhere_and_on_no_day(
    owner: Connection, daemon: Connection
) -> None:
    await owner.execute(
        "INSERT INTO newsletter.sms_send_queue (phone_number, message_content, created_at)"
        " VALUES ('+19165550100', 'x', 'infinity'), ('+19165550100', 'x', '-infinity'), ('+19165550100', 'x', '20000-01-01')"
    )
    await to_the_end(daemon)
    assert await standing(owner) == {}
    assert (await figures.look(daemon)).days == 0
    await owner.execute("DELETE FROM newsletter.sms_send_queue")
    assert (await figures.look(daemon)).days == 0


async def test_all_of_it_can_be_counted_anew(owner: Connection, daemon: Connection) -> None:
    """Also what was noted by nobody, and what stands with nothing behind it."""
    history = History(owner)
    await history.queue(0, datetime(2026, 6, 1, tzinfo=UTC), 3, dated=True)
    await to_the_end(daemon)
    await owner.execute("ALTER TABLE newsletter.sms_send_queue DISABLE TRIGGER USER")
    await history.queue(0, datetime(2026, 6, 3, tzinfo=UTC), 3, dated=True)
    await owner.execute(
        "UPDATE newsletter.campaign_metrics_daily SET day = '2026-07-01', queued = 7"
    )
    assert len((await figures.look(daemon)).differences) == 3
    await figures.note_all(daemon)
    await to_the_end(daemon)
    assert await standing(owner) == history.figures()
    assert (await figures.look(daemon)).differences == []


async def test_a_week_is_its_seven_days(owner: Connection, app: Connection) -> None:
    await owner.execute(
        "INSERT INTO newsletter.campaign_metrics_daily SELECT NULL, d::date, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,"
        " 1.19, now() FROM generate_series('2025-12-29'::date, '2026-01-05'::date, '1 day') d"
    )
    first, second = await app.fetch(
        "SELECT * FROM newsletter.campaign_metrics_weekly ORDER BY week"
    )
    assert [str(w["week"]) for w in (first, second)] == ["2025-12-29", "2026-01-05"]
    assert [first[name] for name in NAMES[:-1]] == [7 * n for n in range(1, 18)]
    assert str(first["cost_exact"]) == "8.3300"


async def test_each_half_hour_is_of_the_day_that_its_zone_says(
    owner: Connection, daemon: Connection
) -> None:
    """Around midnights that come twice or never, from one zone to the next."""
    history = History(owner)
    for moment in MOMENTS[:5]:
        for n in range(-60, 60):
            at = moment + timedelta(minutes=30 * n)
            await history.queue(0, at, 1, dated=True)
    for zone in ZONES:
        history.zone = zone
        await rollups.rezone(daemon, zone)
        assert (await figures.look(daemon)).differences == []
        await to_the_end(daemon)
        assert await standing(owner) == history.figures(), zone
