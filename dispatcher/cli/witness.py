"""Reads RingCentral's record of what left, within the login's rate, and shows how far it is."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta

from rich.console import Console
from rich.progress import Progress

from dispatcher.app.wiring import account_of
from dispatcher.cli import words
from dispatcher.config import Config
from dispatcher.core.errors import DispatcherError
from dispatcher.core.reconcile import Record
from dispatcher.edge.clock import SystemClock
from dispatcher.edge.ringcentral.gateway import RingCentralGateway
from dispatcher.loops.login_watch import LIGHT, LIGHT_BURST
from dispatcher.ports import LimitedError, Page
from dispatcher.store import login
from dispatcher.store.database import Connection, connection
from dispatcher.store.logins import LoginShelf
from dispatcher.store.pool import Database

WINDOW = timedelta(days=1)
LONGEST_WAIT_SECONDS = 300.0
LONGEST_IN_LINE = timedelta(seconds=30)


class NoTurnError(DispatcherError):
    """The login's rate leaves no room for us."""


async def read(config: Config, since: datetime, until: datetime) -> list[Record]:
    """Return all records of that time; windows begin where the one before ended."""
    shelf = Database(
        config.database_url.get_secret_value(),
        size=1,
        seconds=config.database_timeout_seconds,
        statement_cache=0,
    )
    await shelf.open()
    clock = SystemClock()
    # The login is the daemons': a second one would cost a session and one of five a minute.
    gateway = RingCentralGateway(
        account_of(config), clock, LoginShelf(shelf, config.login_name)
    )
    records: list[Record] = []
    try:
        with Progress(console=Console(stderr=True), transient=True) as shown:
            reading = shown.add_task(
                "RingCentral's record", total=(until - since).total_seconds()
            )
            for first, last in _windows(since, until):
                records += await _window(config, gateway, first, last)
                shown.update(reading, completed=(last - since).total_seconds())
                if not sys.stderr.isatty():
                    words.note(
                        f"{words.count(len(records), 'record')} until {words.when(last)}"
                    )
    finally:
        await gateway.close()
        await shelf.close()
    return records


def _windows(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    while since < until:
        last = min(since + WINDOW, until)
        yield since, last
        since = last


async def _window(
    config: Config, gateway: RingCentralGateway, first: datetime, last: datetime
) -> list[Record]:
    records: list[Record] = []
    page, pages = 0, 1
    while page < pages:
        page += 1
        answer = await _page(config, gateway, (first, last), page)
        records.extend(answer.records)
        pages = answer.pages
    return records


async def _page(
    config: Config, gateway: RingCentralGateway, window: tuple[datetime, datetime], page: int
) -> Page:
    """Return a page; a 429 stops everybody, as the daemon's would, and we wait with them."""
    while True:
        await _turn(config)
        try:
            return await gateway.outbound(*window, page)
        except LimitedError as limit:
            group, wait = LIGHT if limit.group else None, timedelta(seconds=limit.seconds)
            async with connection(config.database_url.get_secret_value()) as conn:
                await login.throttle(conn, config.login_name, group, wait)


async def _turn(config: Config) -> None:
    """Stand in line for a token of the rate that all processes share; no connection is held."""
    clock, waited, ours = SystemClock(), 0.0, False
    while not ours:
        wait, ours = await _place(config)
        waited += wait
        if waited > LONGEST_WAIT_SECONDS:
            raise NoTurnError(
                "The login's look-ups are used up, or RingCentral is out of reach: try later."
            )
        await clock.wait(asyncio.Event(), wait)
        ours = ours and not (wait and await _stopped(config))


async def _place(config: Config) -> tuple[float, bool]:
    """Return how long to wait, and whether there is a token for us then."""
    async with connection(config.database_url.get_secret_value()) as conn:
        wait = await _token(conn, config)
        if not wait:
            return 0, True
        in_line = await login.stand_in_line(conn, config.login_name, LIGHT, LONGEST_IN_LINE)
    return (wait, False) if in_line is None else (in_line, True)


async def _token(conn: Connection, config: Config) -> float:
    try:
        return await login.take_token(conn, config.login_name, LIGHT)
    except LookupError:  # no daemon has made it yet; one that has knows the rate better
        rate = (config.light_per_minute - LIGHT_BURST) / 60
        await login.make_bucket(
            conn, config.login_name, LIGHT, capacity=LIGHT_BURST, per_second=rate
        )
        return await login.take_token(conn, config.login_name, LIGHT)


async def _stopped(config: Config) -> bool:
    async with connection(config.database_url.get_secret_value()) as conn:
        return await login.is_stopped(conn, config.login_name, LIGHT)
