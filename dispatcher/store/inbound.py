"""Takes in what people write, each text once, and does what it asks for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dispatcher.core import inbound, replies
from dispatcher.core.inbound import Inbound, Replies
from dispatcher.core.replies import Reply, Verdict
from dispatcher.store import consent, sql
from dispatcher.store.consent import OptedOut, OptOut
from dispatcher.store.database import Connection

SQL = sql.load("inbound.sql")

ANSWER_WITHIN = timedelta(minutes=5)
STOP = "stop"  # where we know it from: their own text


@dataclass(frozen=True)
class Received:
    """What came of a text. Without a *verdict* its record can't be read.

    It is *new* unless another copy of it had come. *honoured_seconds* after it was written what
    it asked for was done, if it was by this copy.
    """

    verdict: Verdict | None = None
    phone: str | None = field(default=None, repr=False)
    new: bool = False
    opted_out: OptedOut | None = None
    opted_in: bool = False
    answered: bool = False
    honoured_seconds: float | None = None


@dataclass(frozen=True)
class _Kept:
    """A text as it is stored. This copy is the *first* of these words, or the first *proof*."""

    id: UUID
    phone: str | None = field(repr=False)
    sender: str = field(repr=False)
    at: datetime
    verdict: Verdict
    new: bool
    first: bool
    proof: bool
    new_opt_out: bool


async def receive(
    conn: Connection, login: str, entry: Mapping[str, Any], *, trusted: bool, rules: Replies
) -> Received:
    """Store the text that *entry* tells of, and do what it asks for, once.

    A copy that is not *trusted* may be anybody's claim: it can opt out, and do nothing else.
    Call it in a transaction of its own, which locks in the order of consent.sql.
    """
    text = inbound.read(entry)
    if text is None:
        return Received()
    reply = replies.read(text.text)
    kept = await _keep(conn, login, text, reply, trusted=trusted)
    done = Received(kept.verdict, kept.phone, kept.new)
    if kept.phone and (kept.first or kept.proof):
        attempt = await _link(conn, kept) if kept.first else None
        done = await _do(conn, kept, attempt, done)
        done = replace(done, answered=await _answer(conn, kept, reply, rules, done))
    return await _note(conn, kept, done)


async def _keep(
    conn: Connection, login: str, text: Inbound, reply: Reply, *, trusted: bool
) -> _Kept:
    verdict, why = reply.verdict.value, reply.why.value
    row = await conn.fetchrow(
        SQL["keep"], text.provider_id, login, text.phone_number, text.sender, text.text,
        text.written_at, verdict, why, reply.matched, trusted,
    )  # fmt: skip
    assert row  # noqa: S101  # it was inserted or updated
    was, new = (row["verdict"], row["phone"], row["written_at"]), row["is_new"]
    proof = trusted and (new or row["read_back_at"] is None)
    if proof and not new:
        row = await conn.fetchrow(
            SQL["read_back"], row["id"], text.phone_number, text.sender, text.text,
            text.written_at, verdict, why, reply.matched,
        )  # fmt: skip
        assert row  # noqa: S101  # we hold it
    first = new or was != (row["verdict"], row["phone"], row["written_at"])
    return _Kept(
        row["id"], row["phone"], row["sender"], row["written_at"], Verdict(row["verdict"]),
        new, first, proof, row["new_opt_out"],
    )  # fmt: skip


async def _link(conn: Connection, kept: _Kept) -> int | None:
    """Write down whom it came from and what it answers; return the attempt."""
    found = await consent.answered(conn, kept.phone or "", kept.at, kept.sender)
    attempt = found.attempt if found else None
    campaign, person = (found.campaign, found.person) if found else (None, None)
    await conn.execute(SQL["link"], kept.id, attempt, campaign, person)
    return attempt


async def _do(conn: Connection, kept: _Kept, attempt: int | None, done: Received) -> Received:
    """Opt out whoever says so; opt in only on RingCentral's own word."""
    phone = kept.phone or ""
    if kept.verdict is Verdict.OPT_OUT and kept.first:
        asked = OptOut(phone, kept.at, STOP, kept.id, attempt)
        opted_out = await consent.opt_out(conn, asked)
        if opted_out.new:
            await conn.execute(SQL["new_opt_out"], kept.id)
        return replace(done, opted_out=opted_out)
    if kept.verdict is Verdict.OPT_IN and kept.proof:
        lifted = await consent.opt_in(conn, phone, kept.at, kept.id)
        return replace(done, opted_in=lifted)
    return done


async def _answer(
    conn: Connection, kept: _Kept, reply: Reply, rules: Replies, done: Received
) -> bool:
    """Put our answer into the queue, if there is one: never on a mere claim, never late."""
    text = await _wanted(conn, kept, reply, rules, done) if kept.proof else ""
    if not text:
        return False
    return await conn.fetchval(SQL["answer"], kept.id, text, ANSWER_WITHIN) is not None


async def _wanted(
    conn: Connection, kept: _Kept, reply: Reply, rules: Replies, done: Received
) -> str:
    """Return what there is to answer, which may be nothing."""
    if kept.verdict is Verdict.HELP and rules.help_text:
        await consent.lock_numbers(conn, [kept.phone or ""])  # two texts at once: one answer
        lately = await conn.fetchval(SQL["helped_lately"], kept.id)
        return "" if lately else rules.help_text
    confirms = kept.verdict is Verdict.OPT_OUT and rules.confirm_opt_out
    new = kept.new_opt_out or (done.opted_out is not None and done.opted_out.new)
    if confirms and new and not reply.known_to_ringcentral:
        out = await conn.fetchval(SQL["opted_out"], kept.id)
        return rules.opt_out_text if out else ""
    return ""


async def _note(conn: Connection, kept: _Kept, done: Received) -> Received:
    if not (kept.first or kept.proof):
        return done
    waits = kept.verdict is Verdict.UNCLEAR or (
        kept.verdict is Verdict.OPT_IN and not kept.proof
    )
    seconds: float = await conn.fetchval(SQL["handled"], kept.id, not waits)
    if kept.new:
        await conn.execute(SQL["count"], kept.id)
        await conn.execute(SQL["tell"], str(kept.id))
    return replace(done, honoured_seconds=seconds) if done.opted_out else done
