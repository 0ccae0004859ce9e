"""Undoes what was committed while the database went away, and nobody here heard of."""

from collections.abc import Collection, Sequence
from uuid import UUID

from dispatcher.core import outcome
from dispatcher.core.fate import AT_ONCE, SENTENCES, PutBack
from dispatcher.core.message import Claim
from dispatcher.core.reason import Reason
from dispatcher.store import claims, settling, sql
from dispatcher.store.claims import Limits
from dispatcher.store.database import Connection
from dispatcher.store.settling import Key, Settlement

SQL = sql.load("unheard.sql")

_NOT_BEGUN = outcome.NotBegun()


async def give_up(conn: Connection, held: Sequence[Claim]) -> None:
    """Put *held* back, whose opening brought no answer: surely unsent, opened or not."""
    # This first: it waits for the opening, should the server still be about it.
    await claims.hand_back(conn, held)
    ids, fences = [c.facts.id for c in held], [c.fence for c in held]
    opened = await conn.fetch(SQL["attempts"], ids, fences)
    if opened:
        await settling.settle(conn, [_unsent(Key(**dict(row))) for row in opened])


async def hand_back(conn: Connection, limits: Limits, known: Collection[UUID]) -> None:
    """Put the claims of the process back, but for those that it has *known* of."""
    async with conn.transaction():
        # The lock of every claim: should the server still be about one of ours, it waits.
        await conn.execute(claims.SQL["bucket"], limits.login, limits.group)
        rows = await conn.fetch(SQL["claims"], limits.process, known)
        ids, fences = [r["id"] for r in rows], [r["fence"] for r in rows]
        await conn.execute(claims.SQL["hand_back"], ids, fences, None)


def _unsent(key: Key) -> Settlement:
    fate = PutBack(AT_ONCE, Reason.UNREACHED)
    return Settlement(key, _NOT_BEGUN.word, None, SENTENCES[outcome.NotBegun], fate)
