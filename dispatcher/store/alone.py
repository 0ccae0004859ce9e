"""Receipts that have a transaction each: an opt-out locks its number before all else."""

from contextlib import suppress
from dataclasses import dataclass, field

import asyncpg

from dispatcher.core import news, replies
from dispatcher.core.inbound import read as read_inbound
from dispatcher.core.news import Inbound, News
from dispatcher.core.raw import Source
from dispatcher.core.replies import Verdict
from dispatcher.store import applying, consent, inbound, sql
from dispatcher.store.applying import Applied, Row, Terms, Told
from dispatcher.store.consent import OptedOut, OptOut
from dispatcher.store.database import Connection
from dispatcher.store.inbound import Received

SQL = sql.load("applying.sql")

RECEIPT = "receipt"  # where we know an opt-out from: a carrier's word on a text of ours


@dataclass
class Alone:
    """What came of it: a text to us was *received*, or *phone* is *opted_out* by its news."""

    done: Applied = field(default_factory=Applied)
    received: Received | None = None
    phone: str = field(default="", repr=False)
    source: str = RECEIPT
    opted_out: OptedOut | None = None


async def apply_alone(conn: Connection, receipt: int, terms: Terms) -> Alone:
    """Apply one receipt, unless another process has it, or somebody what it would change.

    The application may hold a person for long. Then their number falls silent at once, and the
    rest of the opt-out follows.
    """
    with suppress(asyncpg.LockNotAvailableError):
        return await _apply(conn, receipt, terms)
    return await _silence(conn, receipt)


async def _apply(conn: Connection, receipt: int, terms: Terms) -> Alone:
    alone = Alone()
    async with conn.transaction():
        await conn.execute(SQL["impatient"])
        row = await conn.fetchrow(SQL["one"], receipt)
        if row is None:
            return alone
        match news.read(row["body"]):
            case Inbound(entry):
                await _receive(conn, row, entry, terms, alone)
            case News() as said:
                await _opt_out(conn, row, said, terms, alone)
            case None:
                await applying.end(conn, {receipt: "unreadable"}, alone.done)
    return alone


async def _silence(conn: Connection, receipt: int) -> Alone:
    """Let nothing leave for who opts out by this receipt, which stays to be applied.

    It waits for nobody but who opens attempts to the number at this moment.
    """
    async with conn.transaction():
        row = await conn.fetchrow(SQL["one"], receipt)
        asked = await _asked(conn, row) if row else None
        if asked is None:
            return Alone()
        done = OptedOut(await consent.silence(conn, asked), [])
    return Alone(phone=asked.phone, source=asked.source, opted_out=done)


async def _asked(conn: Connection, row: Row) -> OptOut | None:
    """Return the opt-out that *row* asks for, if it does."""
    match news.read(row["body"]):
        case Inbound(entry):
            text = read_inbound(entry)
            if text is None or replies.read(text.text).verdict is not Verdict.OPT_OUT:
                return None
            phone = await conn.fetchval(SQL["spelled"], text.phone_number)
            at, source = text.written_at, inbound.STOP
        case News(opts_out=True, changed_at=at):
            attempt = (await applying.matches(conn, [row])).get(row["provider_id"])
            phone, source = attempt and attempt["phone"], RECEIPT
        case _:
            return None
    return OptOut(phone, min(at, row["now"]), source) if phone else None


async def _receive(
    conn: Connection, row: Row, entry: news.Entry, terms: Terms, alone: Alone
) -> None:
    alone.received = await inbound.receive(
        conn, row["login"], entry, trusted=row["source"] != Source.WEBHOOK, rules=terms.replies
    )
    verdict = "inbound" if alone.received.verdict else "unreadable"
    await applying.end(conn, {row["id"]: verdict}, alone.done)


async def _opt_out(conn: Connection, row: Row, said: News, terms: Terms, alone: Alone) -> None:
    attempt = (await applying.matches(conn, [row])).get(row["provider_id"])
    if attempt is None:
        return  # it stays early
    alone.phone = attempt["phone"]
    at = min(said.changed_at, row["now"])  # a clock that runs ahead of ours outlives no START
    out = OptOut(alone.phone, at, RECEIPT, attempt_id=attempt["id"])
    alone.opted_out = await consent.opt_out(conn, out)
    await applying.write(conn, [Told(row["id"], said, attempt)], terms, alone.done)
