"""Texts that RingCentral accepted, and what it says of them afterwards."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from dispatcher.core.inbound import Replies
from dispatcher.core.raw import Raw, Source, raw
from dispatcher.store import alone, applying, receipts
from dispatcher.store.applying import Applied, Terms
from dispatcher.store.database import Connection

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
TERMS = Terms(
    timedelta(days=180), Replies(confirm_opt_out=False, opt_out_text="", help_text="")
)
OURS = "+19165550199"
DAY = date(2026, 2, 3)


async def accepted(
    conn: Connection,
    provider_id: str,
    *,
    campaign: UUID | None = None,
    person: UUID | None = None,
    phone: str = "+19165550100",
    segments: int = 1,
    settled_at: datetime = NOON,
    sender: str = OURS,
    day: date = DAY,
) -> int:
    """Write a text as the settle leaves it, with its delivery event and its money; return its attempt."""
    made: int = await conn.fetchval(
        "INSERT INTO newsletter.sms_attempts (message_id, campaign_id, subscriber_id, category, phone, sender, text_hash, fence,"
        " process_id, opened_at, send_by, segment_price, segments_reserved, cents_reserved, outcome, settled_at, provider_id,"
        " segments_billed, cents_billed, account_day)"
        " VALUES (gen_random_uuid(), $1, $2, 'promotion', $3, $4, sha256(convert_to($5, 'UTF8')), 1, 1, $6::timestamptz,"
        " $6::timestamptz + interval '5 s', 1.19, $7::int, 1.19 * $7::int, 'accepted', $6, $5, $7::int, 1.19 * $7::int, $8) RETURNING id",
        campaign, person, phone, sender, provider_id, settled_at, segments, day,
    )  # fmt: skip
    await conn.execute(
        "INSERT INTO newsletter.sms_delivery_events (attempt_id, campaign_id, subscriber_id, phone_number, message_sid, status,"
        " sent_at, segments, cost_exact, cost)"
        " VALUES ($1, $2, $3, $4, $5, 'QUEUED', $6, $7::int, 1.19 * $7::int, ceil(1.19 * $7::int))",
        made, campaign, person, phone, provider_id, settled_at, segments,
    )  # fmt: skip
    await conn.execute(
        "UPDATE newsletter.campaign_budgets SET spent_exact = spent_exact + 1.19 * $2::int,"
        " overspent_exact = greatest(0, spent_exact + 1.19 * $2::int - budget_cents) WHERE campaign_id = $1",
        campaign,
        segments,
    )
    await conn.execute(
        "INSERT INTO newsletter.account_days (day, budget_cents, spent_exact) VALUES ($2, 0, 1.19 * $1::int)"
        " ON CONFLICT (day) DO UPDATE SET spent_exact = newsletter.account_days.spent_exact + 1.19 * $1::int",
        segments,
        day,
    )
    return made


def record(provider_id: str, status: str, *, minutes: float = 1, **more: Any) -> dict[str, Any]:
    """Return RingCentral's record of an outbound text, as it is so many minutes after noon."""
    at = NOON + timedelta(minutes=minutes)
    return {
        "id": provider_id,
        "direction": "Outbound",
        "messageStatus": status,
        "lastModifiedTime": at.isoformat().replace("+00:00", "Z"),
        "creationTime": NOON.isoformat(),
        "subject": "Hello",
    } | more


def failed(provider_id: str, code: str, **more: Any) -> dict[str, Any]:
    """Return the record of a text that did not arrive, for the reason *code*."""
    return record(provider_id, "DeliveryFailed", deliveryErrorCode=code, **more)


async def tell(conn: Connection, *entries: object, source: Source = Source.SYNC) -> int:
    """Store what RingCentral says; return how much of it is news."""
    raws: list[Raw] = [raw(each) for each in entries]
    return await receipts.keep(conn, "shop", source, raws)


async def apply(conn: Connection, most: int = 500) -> Applied:
    """Apply what is new, and what goes alone, and what was early; return the last of these."""
    done = await applying.apply_new(conn, most, TERMS)
    for receipt in done.alone:
        await alone.apply_alone(conn, receipt, TERMS)
    again = await applying.apply_early(conn, most, timedelta(days=3), TERMS)
    for receipt in again.alone:
        await alone.apply_alone(conn, receipt, TERMS)
    return done
