"""What RingCentral calls us with, and the subscription by which it does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from dispatcher.core.notice import Notice, What
from dispatcher.core.raw import Source
from dispatcher.store import receipts, sql
from dispatcher.store.database import Connection
from dispatcher.store.leases import Lead, must_lead
from dispatcher.store.listening import CHANGES, CONSENTS, SUBSCRIPTION
from dispatcher.store.pool import durable

SQL = sql.load("webhooks.sql")

MISSING, OFF = "Missing", "Off"
_HINTS: Mapping[What, str] = {
    What.INBOUND: CHANGES,
    What.CHANGED: CHANGES,
    What.CONSENTS: CONSENTS,
    What.REMINDER: SUBSCRIPTION,
}


@dataclass(frozen=True)
class Known:
    """What we wrote down of our subscription."""

    subscription_id: str | None
    owner_id: str | None
    address: str = field(repr=False)
    token_mark: bytes = field(repr=False)
    status: str


@dataclass(frozen=True)
class Now:
    """What there is to write down: *lasts* is its life from now on, None if there is none."""

    subscription_id: str | None
    owner_id: str | None
    address: str = field(repr=False)
    token_mark: bytes = field(repr=False)
    status: str
    lasts: timedelta | None
    silent_after: timedelta


async def known(conn: Connection, login: str) -> Known | None:
    """Return the subscription of *login* as it was last seen."""
    row = await conn.fetchrow(SQL["known"], login)
    return Known(**row) if row else None


async def hear(conn: Connection, login: str, notices: Sequence[Notice]) -> list[bool]:
    """Store what came and pass on its hints; return for each whether it is believed.

    Only what comes from our own subscription is: once this returns, it is on the disk.
    """
    async with durable(conn):
        ours = await known(conn, login)
        believed = [_is_ours(notice, ours) for notice in notices]
        good = [notice for notice, is_ours in zip(notices, believed, strict=True) if is_ours]
        # Two processes that are told the same must not wait for each other.
        raws = sorted((n.raw for n in good if n.raw), key=lambda r: (r.provider_id, r.change))
        if raws:
            await receipts.keep(conn, login, Source.WEBHOOK, raws)
        if good:
            hints = {_HINTS[n.what] for n in good if n.what in _HINTS}
            await conn.execute(SQL["hint"], sorted(hints))
            await conn.execute(SQL["heard"], login)
    return believed


async def note(conn: Connection, lead: Lead, now: Now, *, fresh: bool) -> None:
    """Write down how the subscription stands; with a *fresh* one all that it missed is read."""
    async with conn.transaction():
        await must_lead(conn, lead)
        if not fresh:
            await conn.execute(SQL["listen_for_silence"], lead.login)
        await conn.execute(
            SQL["note"],
            lead.login,
            now.subscription_id,
            now.owner_id,
            now.address,
            now.token_mark,
            now.status,
            now.lasts,
            now.silent_after,
        )
        if fresh:
            await conn.execute(SQL["hint"], [CHANGES, CONSENTS])


def _is_ours(notice: Notice, ours: Known | None) -> bool:
    return (
        ours is not None
        and ours.status != OFF
        and notice.subscription == ours.subscription_id
        and (ours.owner_id is None or notice.owner == ours.owner_id)
    )
