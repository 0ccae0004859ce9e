"""Opts a number out, or in again, in the caller's transaction."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("consent.sql")


@dataclass(frozen=True)
class OptOut:
    """Who (E.164) wants no more texts, since when, and where we know it from.

    *attempt_id* is what they answered; it is looked for if no text of theirs (*inbound_id*) is
    known either.
    """

    phone: str = field(repr=False)
    at: datetime
    source: str
    inbound_id: UUID | None = None
    attempt_id: int | None = None


class Cancelled(NamedTuple):
    """A text that will not be sent, as telemetry names it."""

    message: UUID
    campaign: UUID | None


@dataclass(frozen=True)
class OptedOut:
    """What an opt-out did. It is *new* unless one was in force, or a later START lifted it."""

    new: bool
    cancelled: list[Cancelled]


@dataclass(frozen=True)
class Answered:
    """The attempt that a text most likely answers; its campaign and person may be gone."""

    attempt: int
    campaign: UUID | None
    person: UUID | None


async def lock_numbers(conn: Connection, phones: Collection[str]) -> None:
    """Lock *phones* before anything else of a transaction that opts several out."""
    for phone in sorted(phones):
        await conn.execute(SQL["lock_number"], phone)


async def share_numbers(
    conn: Connection, phones: Collection[str], counted: Collection[str] = ()
) -> None:
    """Let nobody opt *phones* out until this transaction ends; call it first.

    To those that are *counted*, being capped, nobody else may send meanwhile.
    """
    await conn.execute(SQL["share_numbers"], sorted(phones), sorted(counted))


async def answered(
    conn: Connection, phone: str, at: datetime, sender: str | None = None
) -> Answered | None:
    """Return what somebody who wrote from *phone* to *sender* at that time answers."""
    row = await conn.fetchrow(SQL["answered"], phone, at, sender)
    return Answered(**dict(row)) if row else None


async def opt_out(conn: Connection, asked: OptOut) -> OptedOut:
    """Let nothing more leave for the number, and cancel what is not yet opened.

    One that a later START lifted cancels too, and changes nothing else.
    """
    phone, at = asked.phone, asked.at
    attempt = await _hold(conn, asked)
    stands = await conn.fetchrow(SQL["stands"], phone)
    lifted = stands["lifted_at"] if stands else None
    if lifted and lifted > at:
        await conn.execute(SQL["note_late"], phone, at)
    elif stands is None or lifted or stands["since"] < at:
        await _put_in_force(conn, asked, stands["since"] if stands else at)
    else:
        await _unsubscribe(conn, phone, stands["since"], stands["since"])
    await conn.execute(SQL["lock_live"], phone)
    rows = await conn.fetch(SQL["cancel_live"], phone)
    if attempt:
        await conn.execute(SQL["event_unsubscribed"], attempt, at)
    new = stands is None or (lifted is not None and lifted <= at)
    return OptedOut(new, [Cancelled(r["id"], r["campaign_id"]) for r in rows])


async def silence(conn: Connection, asked: OptOut) -> bool:
    """Let nothing more leave for the number, and say whether that is new.

    Its people may be held by somebody else. The guard refuses what waits, and `opt_out` does
    the rest.
    """
    await conn.execute(SQL["lock_number"], asked.phone)
    stands = await conn.fetchrow(SQL["stands"], asked.phone)
    lifted = stands["lifted_at"] if stands else None
    new = stands is None or (lifted is not None and lifted <= asked.at)
    if new:
        await conn.execute(SQL["suppress"], asked.phone, asked.at, asked.source, None)
    return new


async def opt_in(
    conn: Connection, phone: str, at: datetime, inbound_id: UUID | None = None
) -> bool:
    """Lift the opt-out of *phone*, if it is older; say whether there was one in force.

    Who was subscribed before is so again, and nobody else.
    """
    await conn.execute(SQL["lock_number"], phone)
    await conn.execute(SQL["lock_persons"], phone, None)
    stands = await conn.fetchrow(SQL["stands"], phone)
    if stands and (stands["since"] >= at or (stands["lifted_at"] or at) > at):
        return False
    if stands:
        await conn.execute(SQL["restore"], phone, stands["since"])
    await conn.execute(SQL["lift"], phone, at, inbound_id)
    return stands is not None and stands["lifted_at"] is None


async def _hold(conn: Connection, asked: OptOut) -> int | None:
    """Lock what is about to change, in its order; return the attempt that was answered."""
    await conn.execute(SQL["lock_number"], asked.phone)
    attempt = asked.attempt_id
    if attempt is None and asked.inbound_id is None:
        found = await answered(conn, asked.phone, asked.at)
        attempt = found.attempt if found else None
    if attempt is not None:
        await conn.execute(SQL["lock_campaign_of"], attempt)
    await conn.execute(SQL["lock_persons"], asked.phone, attempt)
    return attempt


async def _put_in_force(conn: Connection, asked: OptOut, known: datetime) -> None:
    """Suppress the number since asked.at; an earlier opt-out, if any, was *known*."""
    await conn.execute(SQL["suppress"], asked.phone, asked.at, asked.source, asked.inbound_id)
    await _unsubscribe(conn, asked.phone, known, asked.at)


async def _unsubscribe(conn: Connection, phone: str, known: datetime, since: datetime) -> None:
    await conn.execute(SQL["remember"], phone, known)
    await conn.execute(SQL["unsubscribe"], phone, since)
