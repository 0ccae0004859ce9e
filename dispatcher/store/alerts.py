"""Alerts: a row each, raised once and cleared once, by whichever process is first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from dispatcher.core.alerts import WHAT_TO_DO, Alert
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("alerts.sql")

SAID_BY_PROCESSES = ("login_refused", "record_unreadable", "consents_unreadable")
"""Kinds that the database's state does not show: who sees them raises and clears them."""


@dataclass(frozen=True)
class Changed:
    """What this call raised and cleared: another process that saw the same gets nothing."""

    raised: Sequence[Alert]
    cleared: Sequence[Alert]


async def follow(conn: Connection, day: date) -> Changed:
    """Bring the alerts to what the state of the database calls for, on the account's *day*."""
    rows = await conn.fetch(SQL["holding"], day, SAID_BY_PROCESSES)
    raised = [Alert(r["kind"], r["object"]) for r in rows if r["wanted"]]
    cleared = [Alert(r["kind"], r["object"]) for r in rows if not r["wanted"]]
    return Changed(
        (await raise_all(conn, raised)).raised if raised else (),
        (await clear_all(conn, cleared)).cleared if cleared else (),
    )


async def raise_all(conn: Connection, alerts: Collection[Alert]) -> Changed:
    """Raise those of *alerts* that were not."""
    kinds = [a.kind for a in alerts]
    texts = [WHAT_TO_DO[kind] for kind in kinds]
    rows = await conn.fetch(SQL["raise"], kinds, [a.object for a in alerts], texts)
    return Changed([Alert(r["kind"], r["object"]) for r in rows], ())


async def clear_all(conn: Connection, alerts: Collection[Alert]) -> Changed:
    """Clear those of *alerts* that were raised."""
    rows = await conn.fetch(SQL["clear"], [a.kind for a in alerts], [a.object for a in alerts])
    return Changed((), [Alert(r["kind"], r["object"]) for r in rows])
