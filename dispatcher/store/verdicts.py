"""Writes verdicts, each once, with the rule that says so and what all of them said."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from dispatcher.core.guard import Allow, Cancel, Defer, Memory, Verdict, Wait
from dispatcher.core.message import Category, Facts
from dispatcher.core.reason import Reason
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("verdicts.sql")


class Judge(Protocol):
    """What judges messages, and puts on record why, in JSON."""

    def __call__(self, facts: Facts, now: datetime, /) -> Verdict: ...

    def put_off(self, facts: Facts, until: datetime, reason: Reason, /) -> Defer | Cancel: ...

    def record(self, facts: Facts, now: datetime, verdict: Verdict, /) -> str: ...

    @property
    def memory(self) -> Memory: ...


class Noted(Protocol):
    """What was found not to leave, to be written with its verdict."""

    cancelled: list[tuple[Facts, Cancel]]
    deferred: list[tuple[Facts, Defer]]


def note(facts: Facts, verdict: Verdict, found: Noted) -> None:
    """Add the message to *found*, if its verdict is to be written."""
    match verdict:
        case Cancel():
            found.cancelled.append((facts, verdict))
        case Defer():
            found.deferred.append((facts, verdict))
        case Allow() | Wait():
            pass


async def within_tier(
    conn: Connection, judge: Judge, now: datetime, tier: int
) -> Callable[[Facts], Verdict]:
    """Return what judges at *now*; once the day's segments are used up it allows nothing.

    But for the answer to a person's own text, which STOP and HELP must get.
    """
    full = await conn.fetchval(SQL["tier_full"], tier) if tier else None

    def within(facts: Facts) -> Verdict:
        verdict = judge(facts, now)
        if full and isinstance(verdict, Allow) and facts.category is not Category.COMPLIANCE:
            return judge.put_off(facts, full, Reason.TIER_LIMIT)
        return verdict

    return within


async def write_verdicts(
    conn: Connection,
    cancelled: Sequence[tuple[Facts, Cancel]],
    deferred: Sequence[tuple[Facts, Defer]],
    judge: Judge,
    now: datetime,
) -> None:
    """Write what does not leave, each row once."""
    if cancelled:
        await conn.execute(
            SQL["cancel"], [m.id for m, _ in cancelled], [v.reason.value for _, v in cancelled],
            [v.by for _, v in cancelled], [judge.record(m, now, v) for m, v in cancelled],
        )  # fmt: skip
    if deferred:
        await conn.execute(
            SQL["defer"], [m.id for m, _ in deferred], [v.until for _, v in deferred],
            [v.reason.value for _, v in deferred], [v.by for _, v in deferred],
            [judge.record(m, now, v) for m, v in deferred],
        )  # fmt: skip
