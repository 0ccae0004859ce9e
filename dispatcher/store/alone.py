"""Receipts that have a transaction each: an opt-out locks its number before all else."""

from dispatcher.core import news
from dispatcher.core.news import Inbound, News
from dispatcher.store import applying, consent, settling, sql
from dispatcher.store.applying import Applied, Row, Terms, Told
from dispatcher.store.consent import OptedOut, OptOut
from dispatcher.store.database import Connection

SQL = sql.load("applying.sql")


async def apply_alone(
    conn: Connection, receipt: int, terms: Terms
) -> tuple[Applied, OptedOut | None]:
    """Apply one receipt, unless another process has it; say what came of an opt-out in it."""
    done = Applied()
    async with conn.transaction():
        row = await conn.fetchrow(SQL["one"], receipt)
        match news.read(row["body"]) if row else None:
            case Inbound():
                await applying.end(conn, {receipt: "inbound"}, done)
            case News() as said:
                assert row  # noqa: S101  # what was read was there
                return done, await _opt_out(conn, row, said, terms, done)
            case None:
                pass
    return done, None


async def _opt_out(
    conn: Connection, row: Row, said: News, terms: Terms, done: Applied
) -> OptedOut | None:
    attempt = (await applying.matches(conn, [row])).get(row["provider_id"])
    if attempt is None:
        return None  # it stays early
    await conn.execute(SQL["lock_number"], attempt["phone"])
    if attempt["campaign_id"]:
        await conn.execute(settling.SQL["lock_parents"], [attempt["campaign_id"]])
    out = OptOut(attempt["phone"], said.changed_at, "receipt", attempt_id=attempt["id"])
    opted = await consent.opt_out(conn, out)
    await applying.write(conn, [Told(row["id"], said, attempt)], terms, done)
    return opted
