"""What all processes share of one RingCentral login: its rate, its penalty, its numbers."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("login.sql")


async def make_bucket(
    conn: Connection, login: str, group: str, *, capacity: float, per_second: float
) -> None:
    """Make the shared bucket, or bring it to the settings; a new one holds one token."""
    await conn.execute(SQL["make_bucket"], login, group, capacity, per_second)


async def take_token(conn: Connection, login: str, group: str) -> float:
    """Take one token of the group; return 0, or the seconds to wait and nothing was taken."""
    wait: float | None = await conn.fetchval(SQL["take_token"], login, group)
    if wait is None:
        raise LookupError(f"the bucket {group} of {login} is gone")
    return wait


async def stand_in_line(
    conn: Connection, login: str, group: str, longest: timedelta
) -> float | None:
    """Take the next token of the group, before it is there; return in how many seconds it is.

    Who asks rarely has no chance against texts, which take each one as it comes. None: nothing
    was taken, as the group is stopped, or it would take longer than *longest*.
    """
    wait: float | None = await conn.fetchval(SQL["stand_in_line"], login, group, longest)
    return wait


async def is_stopped(conn: Connection, login: str, group: str) -> bool:
    """Say whether nobody may ask: it may have come to that while one stood in line."""
    stopped: bool = await conn.fetchval(SQL["is_stopped"], login, group)
    return stopped


async def learn_rate(conn: Connection, login: str, group: str, per_second: float) -> bool:
    """Slow the bucket down to what RingCentral's headers say, if that is less; say whether."""
    return await conn.fetchval(SQL["learn_rate"], login, group, per_second) is not None


async def throttle(conn: Connection, login: str, group: str | None, wait: timedelta) -> None:
    """Stop the group, or with None the whole login, for *wait*; a longer stop stays."""
    await conn.execute(SQL["throttle"], login, group, wait)


async def stop(conn: Connection, login: str, wait: timedelta) -> datetime:
    """Stop the login for *wait* and until a probe finds RingCentral back; return till when."""
    until: datetime = await conn.fetchval(SQL["stop"], login, wait)
    return until


async def take_probe(conn: Connection, login: str, wait: timedelta) -> datetime | None:
    """Return until when the others wait if this process is the one to look, else None."""
    until: datetime | None = await conn.fetchval(SQL["take_probe"], login, wait)
    return until


async def resume(conn: Connection, login: str, until: datetime) -> bool:
    """Let the login go on, unless it was stopped beyond the look's own *until*; say whether."""
    return await conn.fetchval(SQL["resume"], login, until) is not None


async def know_senders(
    conn: Connection, login: str, numbers: Mapping[str, bool], day: date
) -> None:
    """Write down our numbers and whether each may send, as RingCentral lists them."""
    await conn.execute(SQL["know_senders"], login, list(numbers), list(numbers.values()), day)
    await conn.execute(SQL["forget_senders"], login, list(numbers))


async def stop_sender(
    conn: Connection, login: str, number: str, wait: timedelta, code: str
) -> None:
    """Use the number no more for *wait*: RingCentral refused it with *code*."""
    await conn.execute(SQL["stop_sender"], login, number, wait, code)
