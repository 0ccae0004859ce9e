"""The database, its time, and the application that owns the tables."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from dispatcher.store.database import Connection
from support.claiming import share

T = TypeVar("T")

CAMPAIGNS = (UUID(int=1), UUID(int=2))
PHONES = ("+19165550100", "+19165550101", "+19165550102", "+19165550103")
PEOPLE = tuple(UUID(int=100 + n) for n in range(len(PHONES)))
PAYS = 4
"""Cents: the first campaign's budget pays three texts."""

LOOK_AGAIN_SECONDS = 0.002
REFUSED = (asyncpg.RestrictViolationError, asyncpg.CheckViolationError)

# The ledger and the budgets refuse to be emptied, so this database is without those triggers.
_FORGETFUL = "DROP TRIGGER refuse_to_forget ON newsletter.sms_attempts"
_EMPTY = """
DELETE FROM newsletter.sms_attempts;
DELETE FROM newsletter.sms_send_queue;
DELETE FROM newsletter.sms_delivery_events;
DELETE FROM newsletter.campaign_events;
UPDATE newsletter.campaign_budgets SET reserved_exact = 0;
DELETE FROM newsletter.campaign_budgets;
DELETE FROM newsletter.campaigns;
DELETE FROM newsletter.subscribers;
DELETE FROM newsletter.account_days;
DELETE FROM newsletter.alerts;
DELETE FROM newsletter.sms_foreign_texts;
DELETE FROM newsletter.leases;
DELETE FROM newsletter.processes;
"""
# Nobody moves the database's clock: to let time pass, all that happened is moved back.
_TIMES = {
    "sms_send_queue": "scheduled_at not_before expires_at lease_until unknown_at held_at sent_at",
    "sms_attempts": "opened_at send_by settled_at looked_at decided_at late_at",
    "processes": "heartbeat_at stopped_at",
    "leases": "until",
    "sms_delivery_events": "sent_at failed_at",
    "campaign_budgets": "exceeded_at",
}


@dataclass(frozen=True)
class Step:
    """What somebody does in the database, and what they make of it *then*."""

    conn: Connection
    work: Callable[[Connection], Awaitable[Any]]
    then: Callable[[Any], None] = lambda _: None


class World:
    """A connection for each process, the application's, and one that watches, in a loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, conns: list[Connection]) -> None:
        self._loop = loop
        self.watcher, self.host, *self.daemons = conns

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def begin(self) -> None:
        """Empty the tables; make the campaigns and the people."""
        self.wait(self._begin())

    async def _begin(self) -> None:
        await self.watcher.execute(_EMPTY)
        await self.host.executemany(
            "INSERT INTO newsletter.campaigns (id, name, channel, status, content) VALUES ($1, 'Spring', 'SMS', 'SENDING', 'x')",
            [(each,) for each in CAMPAIGNS],
        )
        await self.host.execute(
            "INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) VALUES ($1, $2)",
            CAMPAIGNS[0],
            PAYS,
        )
        await self.host.executemany(
            "INSERT INTO newsletter.subscribers (id, phone, sms_subscribed) VALUES ($1, $2, true)",
            list(zip(PEOPLE, PHONES, strict=True)),
        )

    def now(self) -> datetime:
        moment: datetime = self.wait(self.watcher.fetchval("SELECT now()"))
        return moment

    def age(self, passed: timedelta) -> None:
        """Let the time *passed* pass."""
        by = f"interval '{passed.total_seconds()} s'"
        self.wait(
            self.watcher.execute(
                ";".join(
                    f"UPDATE newsletter.{table} SET "
                    + ", ".join(f"{column} = {column} - {by}" for column in columns.split())
                    for table, columns in _TIMES.items()
                )
            )
        )

    def beat(self, processes: list[int]) -> None:
        """Let the *processes* give a sign of life."""
        self.wait(
            self.watcher.execute(
                "UPDATE newsletter.processes SET heartbeat_at = now() WHERE id = ANY ($1::bigint[])",
                processes,
            )
        )

    def play(self, step: Step) -> None:
        """Do *step*."""
        step.then(self.wait(_done(step)))

    def overlap(self, first: Step, second: Step) -> None:
        """Do *second* while *first* has done all its writes and not committed them."""
        done = self.wait(self._overlap(first, second))
        first.then(done[0])
        second.then(done[1])

    async def _overlap(self, first: Step, second: Step) -> tuple[Any, Any]:
        outer = first.conn.transaction()
        await outer.start()
        try:
            result = await first.work(first.conn)
        except BaseException:
            await outer.rollback()
            raise
        other = asyncio.ensure_future(_done(second))
        await self._finished_or_blocked(other, second.conn.get_server_pid())
        await outer.commit()
        return result, await other

    async def _finished_or_blocked(self, other: "asyncio.Future[Any]", pid: int) -> None:
        blocked = False
        while not blocked and not other.done():
            await asyncio.wait({other}, timeout=LOOK_AGAIN_SECONDS)
            blocked = await self.watcher.fetchval(
                "SELECT cardinality(pg_blocking_pids($1)) > 0", pid
            )


async def _done(step: Step) -> Any:
    try:
        return await step.work(step.conn)
    except asyncpg.ForeignKeyViolationError:
        # The person was deleted between two statements: the daemon waits, and does it again.
        return await step.work(step.conn)


@contextmanager
def opened(dsn: str, processes: int) -> Iterator[World]:
    """Yield the world in *dsn*, the owner's, with a loop of its own."""
    loop = asyncio.new_event_loop()
    roles = ["owner", "app_host", *["app_daemon"] * processes]
    connect = partial(asyncpg.connect, command_timeout=30)
    conns = [
        loop.run_until_complete(connect(dsn.replace("owner@", f"{role}@"))) for role in roles
    ]
    try:
        loop.run_until_complete(conns[0].execute(_FORGETFUL))
        loop.run_until_complete(share(conns[0]))
        yield World(loop, conns)
    finally:
        for conn in conns:
            loop.run_until_complete(conn.close())
        loop.close()
