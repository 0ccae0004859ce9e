"""Takes consents of a file, batch by batch: the evidence and who is subscribed by it."""

import json
from collections.abc import Collection, Sequence
from uuid import UUID

from dispatcher.core.consent_file import Known, Proof, Verdicts, judge
from dispatcher.core.recruiting import Refusal
from dispatcher.store import people, sql
from dispatcher.store.database import Connection
from dispatcher.store.importing import IMPORT
from dispatcher.store.said import said

SQL = sql.load("proving.sql")


async def take(
    conn: Connection, proofs: Sequence[Proof], regions: Collection[str], by: str
) -> Verdicts:
    """Record each of *proofs* that proves a consent, and subscribe its people.

    People whom nobody knows are added. All of it or nothing.
    """
    async with conn.transaction():
        await people.hold(conn)
        done = await look(conn, proofs, regions)
        await said(conn, IMPORT, by)
        added = await _add_people(conn, done)
        await conn.execute(
            SQL["subscribe"], [who for _, known in done.taken for who in known.people]
        )
        await _prove(conn, done, added, by)
    return done


async def look(conn: Connection, proofs: Sequence[Proof], regions: Collection[str]) -> Verdicts:
    """Judge *proofs* by what is known now, and hold their people until the transaction ends."""
    phones = ["" if each.line.broken else each.line.phone for each in proofs]
    await conn.execute(SQL["hold_persons"], phones)
    rows = await conn.fetch(
        SQL["look"], phones, [each.at for each in proofs],
        ["" if each.line.broken else each.words for each in proofs],
    )  # fmt: skip
    known = [Known(**row) for row in rows]
    return judge(zip(proofs, known, strict=True), regions)


async def _add_people(conn: Connection, done: Verdicts) -> dict[str, UUID]:
    """Add each new person once; whom the host's own rules keep out is refused."""
    first = {known.phone or "": proof for proof, known in reversed(done.new)}
    if not first:
        return {}
    how = [f"{each.source}, {each.at}: {each.words}" for each in first.values()]
    added = await people.add(conn, [(each.line, phone) for phone, each in first.items()], how)
    out = [(proof, known) for proof, known in done.new if known.phone not in added]
    done.refused += [(proof.line, Refusal.NOT_ADDED) for proof, _ in out]
    done.new = [each for each in done.new if each not in out]
    return added


async def _prove(conn: Connection, done: Verdicts, added: dict[str, UUID], by: str) -> None:
    found = [*done.taken, *done.new]
    if found:
        await conn.execute(
            SQL["prove"], [known.phone for _, known in found],
            [added.get(known.phone or "") or _only(known) for _, known in found],
            [proof.at for proof, _ in found], [proof.source for proof, _ in found],
            [proof.words for proof, _ in found],
            [json.dumps(proof.more) for proof, _ in found], by,
        )  # fmt: skip


def _only(known: Known) -> UUID | None:
    """Return the person; of several with one number nobody knows who agreed."""
    return known.people[0] if len(known.people) == 1 else None
