"""Makes campaigns, people, texts and attempts with only what a test is about."""

from uuid import UUID, uuid4

from dispatcher.store.database import Connection


async def campaign(
    conn: Connection, *, status: str = "SENDING", budget: int | None = None
) -> UUID:
    made: UUID = await conn.fetchval(
        "INSERT INTO newsletter.campaigns (name, channel, status, content)"
        " VALUES ('Spring', 'SMS', $1::text::public.campaign_status, 'x') RETURNING id",
        status,
    )
    if budget is not None:
        await conn.execute(
            "INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) VALUES ($1, $2)",
            made,
            budget,
        )
    return made


async def person(
    conn: Connection,
    *,
    phone: str | None = "+19165550100",
    subscribed: bool = True,
    opted_out: bool = False,
) -> UUID:
    made: UUID = await conn.fetchval(
        "INSERT INTO newsletter.subscribers (phone, sms_subscribed, sms_unsubscribed_at)"
        " VALUES ($1, $2, CASE WHEN $3 THEN now() END) RETURNING id",
        phone,
        subscribed,
        opted_out,
    )
    return made


async def text(
    conn: Connection,
    *,
    campaign: UUID | None = None,
    person: UUID | None = None,
    phone: str = "+19165550100",
    status: str = "pending",
    claimed_by: int | None = None,
    fence: int = 0,
    attempt_id: int | None = None,
    unknown_at: bool = False,
    reason: str | None = None,
    content: str = "Hello",
) -> UUID:
    made: UUID = await conn.fetchval(
        "INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content, status,"
        " claimed_by, fence, attempt_id, unknown_at, reason, lease_until) VALUES ($1, $2, $3, $4,"
        " $5::text::public.sms_queue_status, $6, $7, $8, CASE WHEN $9 THEN now() END, $10,"
        " CASE WHEN $6::bigint IS NOT NULL THEN now() + interval '1 min' END) RETURNING id",
        campaign,
        person,
        phone,
        content,
        status,
        claimed_by,
        fence,
        attempt_id,
        unknown_at,
        reason,
    )
    return made


async def open_attempt(
    conn: Connection,
    message: UUID,
    *,
    person: UUID | None = None,
    campaign: UUID | None = None,
    phone: str = "+19165550100",
    content: str | None = None,
    outcome: str | None = None,
) -> int:
    """Write an attempt; without *content* its text is like no other."""
    made: int = await conn.fetchval(
        "INSERT INTO newsletter.sms_attempts (message_id, campaign_id, subscriber_id, category, phone, sender,"
        " text_hash, fence, process_id, send_by, segment_price, segments_reserved, cents_reserved, outcome, settled_at)"
        " VALUES ($1, $2, $3, 'promotion', $4, '+19165550199', sha256(convert_to($5, 'UTF8')), 1, 1,"
        " now() + interval '5 s', 1.19, 1, 1.19, $6, CASE WHEN $6::text IS NOT NULL THEN now() END) RETURNING id",
        message,
        campaign,
        person,
        phone,
        content or str(uuid4()),
        outcome,
    )
    return made
