"""What is new does not wait until all that was missed is read."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.shelf import pool
from support.told import NOON
from support.watch import Watched, watched

from dispatcher.core.raw import Changes, History, SyncToken
from dispatcher.edge.clock import SystemClock
from dispatcher.loops import sync
from dispatcher.loops.login_watch import LIGHT
from dispatcher.loops.sync import Sync
from dispatcher.store import leases, login
from dispatcher.store.database import Connection
from dispatcher.store.pool import Database

LOGIN = "shop"
PAGES = 5


class Record:
    """RingCentral's, with a long list; *asked* is what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def new_token(self, _since: datetime) -> SyncToken:
        self.asked.append("token")
        return SyncToken("first", NOON)

    async def changes(self, _token: str) -> Changes:
        self.asked.append("changes")
        return Changes([], SyncToken("next", NOON))

    async def history(self, _since: datetime, _until: datetime, page: int) -> History:
        self.asked.append(f"page {page}")
        return History([], PAGES)


class Engine:
    """What of an engine it needs, with a database that is real."""

    def __init__(self, database: Database, seen: Watched) -> None:
        self.database, self.clock, self.telemetry = database, SystemClock(), seen.telemetry
        self.gateway, self.record_changed, self.let_in = Record(), asyncio.Event(), True
        self.settings: Any = self
        self.login, self.sync, self.unconfirmed = LOGIN, 30.0, timedelta(hours=72)


@pytest.fixture
def seen(tmp_path: Path) -> Iterator[Watched]:
    """What is counted and said."""
    with watched(tmp_path / "log") as seen:
        yield seen


@pytest.fixture
async def engine(database: str, seen: Watched, daemon: Connection) -> AsyncIterator[Any]:
    """An engine that may ask as often as it likes."""
    await login.make_bucket(daemon, LOGIN, LIGHT, capacity=100, per_second=10_000)
    async with pool(database) as made:
        yield Engine(made, seen)


async def test_what_is_new_has_its_turn_between_pages(
    engine: Any, daemon: Connection, seen: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "PAGES_AT_ONCE", 2)
    lead = await leases.lead(daemon, LOGIN, 1, timedelta(minutes=10))
    assert lead
    await daemon.execute(
        "INSERT INTO newsletter.sms_syncs (login, token, token_at, gap_since, gap_until, gap_page)"
        " VALUES ($1, 'first', now(), $2, $3, 1)",
        LOGIN,
        NOON - timedelta(hours=1),
        NOON,
    )
    duty, rounds = Sync(engine), 1
    await duty.round(lead)
    await daemon.execute("UPDATE newsletter.sms_syncs SET token_at = now()")
    while duty.woken.is_set():
        duty.woken.clear()
        await duty.round(lead)
        await daemon.execute("UPDATE newsletter.sms_syncs SET token_at = now()")
        rounds += 1
    assert engine.gateway.asked == [
        *("changes", "page 1", "page 2"),
        *("changes", "page 3", "page 4"),
        *("changes", "page 5"),
    ]
    assert rounds == 3
    assert '"pages": 5' in seen.text()
