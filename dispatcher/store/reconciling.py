"""Unknown attempts: which are due for a look, and what a look or a rule decides of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from dispatcher.core.fate import AT_ONCE, Failed, PutBack, Sent
from dispatcher.core.message import Category
from dispatcher.core.reason import Reason
from dispatcher.core.reconcile import Doubt, IfAbsent, Pair, Record, Seen, Waits
from dispatcher.store import settling, sql
from dispatcher.store.database import Connection
from dispatcher.store.leases import Lead, must_lead
from dispatcher.store.settling import Decision, Key, Settlement

SQL = sql.load("reconciling.sql")

LOOKS = 2
US = "sms-dispatcher"
FOUND = Decision("found", US, "It stands in RingCentral's record.")
RESENT = Decision("resent", US, "RingCentral's record does not show it; the rule is to resend.")
DROPPED = Decision("dropped", US, "RingCentral's record does not show it; its time is over.")
PRESUMED = Decision("presumed", US, "Nobody decided in time: it counts as sent.")


@dataclass(frozen=True)
class Due:
    """A doubt whose look is due, and what it is settled by."""

    doubt: Doubt
    key: Key
    looks: int


@dataclass
class Reconciled:
    """What was decided, by the ledger's word; *foreign* texts are new to us."""

    decided: list[Settlement] = field(default_factory=list)
    held: int = 0
    foreign: int = 0


async def due(conn: Connection, login: str, waits: Waits) -> list[Due]:
    """Return the attempts of *login* that are to be looked for now."""
    rows = await conn.fetch(SQL["due"], login, waits.first, waits.second, waits.longest)
    return [
        Due(
            Doubt(
                r["attempt"], Category(r["category"]), r["sender"], r["phone"], r["text_hash"],
                r["since"], r["until"],
            ),
            _key(dict(r)),
            r["looks"],
        )
        for r in rows
    ]  # fmt: skip


async def known(
    conn: Connection, records: Sequence[Record], looked: Sequence[Due]
) -> tuple[set[str], set[Pair]]:
    """Return which of *records* are ours already, and the pairs between which more may be.

    Those *looked* for now are not among these.
    """
    ids = await conn.fetch(SQL["ours"], [r.provider_id for r in records])
    pairs = await conn.fetch(SQL["in_flight"], [d.doubt.attempt for d in looked])
    return {r["provider_id"] for r in ids}, {(r["sender"], r["phone"]) for r in pairs}


async def write(
    conn: Connection,
    lead: Lead,
    looked: Sequence[Due],
    seen: Seen,
    rules: Mapping[Category, IfAbsent],
) -> Reconciled:
    """Write what *seen* says of *looked*, as the leader, in one transaction."""
    async with conn.transaction():
        await must_lead(conn, lead)
        gone = [d for d in looked if d.doubt.attempt in seen.absent]
        ended = [d for d in gone if d.looks + 1 >= LOOKS]
        resend = await _may_resend(conn, ended, rules)
        decided = [
            Settlement(d.key, "accepted", None, "", Sent(seen.found[d.doubt.attempt]), FOUND)
            for d in looked
            if d.doubt.attempt in seen.found
        ] + [_absent(d.key, PutBack(AT_ONCE, Reason.RETRY), RESENT) for d in resend]
        await conn.execute(
            SQL["looked"], [d.doubt.attempt for d in gone], [d.looks for d in gone]
        )
        await conn.execute(SQL["cloud"], sorted(seen.clouded))
        held = [d.doubt.attempt for d in ended if d not in resend] + sorted(seen.clouded)
        await conn.execute(SQL["hold"], held)
        await settling.settle_within(conn, decided)
        done = Reconciled(decided, len(held))
        done.foreign = await _note_foreign(conn, seen.foreign)
    return done


async def end_held(
    conn: Connection,
    lead: Lead,
    rules: Mapping[Category, IfAbsent],
    lifetime: Mapping[Category, timedelta],
    presume: timedelta,
) -> Reconciled:
    """End what is held long enough: dropped once its time is over, or presumed sent."""
    dropped = [c for c, rule in rules.items() if rule is IfAbsent.DROP]
    async with conn.transaction():
        await must_lead(conn, lead)
        rows = await conn.fetch(
            SQL["stale"], [c.value for c in dropped], presume, [lifetime[c] for c in dropped]
        )
        decided = [
            Settlement(_key(dict(r)), "accepted", None, "", Sent(None), PRESUMED)
            if r["presumed"]
            else _absent(_key(dict(r)), Failed(Reason.DROPPED_UNKNOWN), DROPPED)
            for r in rows
        ]
        if decided:
            await settling.settle_within(conn, decided)
        await conn.execute(SQL["presume_strange"], presume)
    return Reconciled(decided)


async def _may_resend(
    conn: Connection, ended: Sequence[Due], rules: Mapping[Category, IfAbsent]
) -> list[Due]:
    wanted = [d for d in ended if rules[d.doubt.category] is IfAbsent.RESEND]
    rows = await conn.fetch(SQL["resent"], [d.key.message for d in wanted])
    again: Collection[UUID] = {r["message_id"] for r in rows}
    return [d for d in wanted if d.key.message not in again]


async def _note_foreign(conn: Connection, records: Sequence[Record]) -> int:
    rows = await conn.fetch(
        SQL["foreign"],
        [r.provider_id for r in records],
        [r.sender for r in records],
        [r.phone for r in records],
        [r.created_at for r in records],
    )
    return len(rows)


def _absent(key: Key, fate: PutBack | Failed, decision: Decision) -> Settlement:
    return Settlement(key, "absent", None, decision.why, fate, decision)


def _key(row: Mapping[str, Any]) -> Key:
    return Key(
        row["attempt"],
        row["message"],
        row["fence"],
        row["campaign"],
        row["person"],
        row["begun"],
    )
