"""Undoes what was committed while the database went away, and nobody here heard of."""

from collections.abc import Sequence

from dispatcher.core import outcome
from dispatcher.core.fate import AT_ONCE, SENTENCES, PutBack
from dispatcher.core.message import Claim
from dispatcher.core.reason import Reason
from dispatcher.store import claims, settling, sql
from dispatcher.store.database import Connection
from dispatcher.store.settling import Key, Settlement

SQL = sql.load("unheard.sql")

_NOT_BEGUN = outcome.NotBegun()


async def give_up(conn: Connection, held: Sequence[Claim]) -> None:
    """Put *held* back, whose opening brought no answer: surely unsent, opened or not."""
    ids, fences = [c.facts.id for c in held], [c.fence for c in held]
    opened = await conn.fetch(SQL["attempts"], ids, fences)
    if opened:
        await settling.settle(conn, [_unsent(Key(**dict(row))) for row in opened])
    await claims.hand_back(conn, held)


async def hand_back(conn: Connection, process: int) -> int:
    """Put the claims of *process* back, which holds none that it knows of; return how many."""
    return len(await conn.fetch(SQL["hand_back"], process))


def _unsent(key: Key) -> Settlement:
    fate = PutBack(AT_ONCE, Reason.UNREACHED)
    return Settlement(key, _NOT_BEGUN.word, None, SENTENCES[outcome.NotBegun], fate)
