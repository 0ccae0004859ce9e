"""Sound books with a row of each kind, and the ways in which each can be broken."""

from uuid import UUID

from dispatcher.core.verify import Fault
from dispatcher.store.database import Connection
from support.queue import campaign, open_attempt, text


async def sound(owner: Connection) -> None:
    """Make books that agree: ours in every state, and what the application may have done."""
    spring = await campaign(owner, budget=1000)
    await _ours(owner, spring, "sent", "accepted", "+19165550100")
    await _ours(owner, spring, "sending", "ambiguous", "+19165550101")
    await _ours(owner, spring, "sending", None, "+19165550102")
    refused = await _ours(owner, spring, "failed", "refused", "+19165550103")
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET reason = 'refused' WHERE id = $1", refused
    )
    resent = await _ours(owner, spring, "sent", "absent", "+19165550104")
    await owner.execute(
        "UPDATE newsletter.sms_attempts SET decision = 'resent', decided_at = now(), late_outcome = 'accepted',"
        " late_at = now() WHERE message_id = $1",
        resent,
    )
    await _attempt(owner, resent, spring, "accepted", "+19165550104")
    other = "+19165550105"
    await text(owner, fence=3, phone=other)
    await text(owner, status="sending", claimed_by=1, fence=1, phone=other)
    await text(owner, status="sent", phone=other)
    await text(owner, status="failed", fence=2, phone=other)
    held = await text(owner, status="sent", fence=2, phone=other)
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET held_at = now() WHERE id = $1", held
    )
    await owner.execute(
        "INSERT INTO newsletter.account_days (day, budget_cents, spent_exact, reserved_exact)"
        " VALUES (CURRENT_DATE, 0, 2.38, 2.38)"
    )
    await owner.execute(
        "UPDATE newsletter.campaign_budgets SET spent_exact = 2.38, reserved_exact = 2.38"
    )
    # The application books cents of its own.
    await owner.execute("UPDATE newsletter.campaign_budgets SET spent_cents = spent_cents + 7")


async def _ours(
    owner: Connection, campaign: UUID, status: str, outcome: str | None, phone: str
) -> UUID:
    message = await text(
        owner, campaign=campaign, phone=phone, status=status, fence=1,
        unknown_at=outcome == "ambiguous",
    )  # fmt: skip
    await _attempt(owner, message, campaign, outcome, phone)
    return message


async def _attempt(
    owner: Connection, message: UUID, campaign: UUID, outcome: str | None, phone: str
) -> None:
    attempt = await open_attempt(
        owner, message, campaign=campaign, phone=phone, content="Hello", outcome=outcome
    )
    provider = str(9000 + attempt) if outcome == "accepted" else None
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET attempt_id = $1, provider_id = $2 WHERE id = $3",
        attempt, provider, message,
    )  # fmt: skip
    if provider:
        await owner.execute(
            "UPDATE newsletter.sms_attempts SET segments_billed = 1, cents_billed = 1.19, provider_id = $2 WHERE id = $1",
            attempt, provider,
        )  # fmt: skip
        await owner.execute(
            "INSERT INTO newsletter.sms_delivery_events (attempt_id, phone_number, segments, cost_exact) VALUES ($1, $2, 1, 1.19)",
            attempt, phone,
        )  # fmt: skip


async def unguarded(owner: Connection) -> None:
    """Take away the guards of the schema, which refuse much of what is broken here."""
    await owner.execute(
        "ALTER TABLE newsletter.sms_attempts DISABLE TRIGGER USER;"
        "ALTER TABLE newsletter.campaign_budgets DISABLE TRIGGER USER;"
        "ALTER TABLE newsletter.sms_attempts DROP CONSTRAINT sms_attempts_provider_id_key;"
        "DROP INDEX newsletter.sms_attempts_once, newsletter.sms_delivery_events_attempt"
    )


ROW = "UPDATE newsletter.sms_send_queue SET {} WHERE phone_number = '+19165550{}'"
ATTEMPT = (
    "UPDATE newsletter.sms_attempts SET {} WHERE phone = '+19165550{}' AND decision IS NULL"
)

BROKEN = [
    (Fault.STRANGE_ATTEMPT, ROW.format("attempt_id = 99", "100")),
    (Fault.STRANGE_ATTEMPT, ROW.format("attempt_id = 1", "103")),
    (Fault.PENDING_AGAIN, ROW.format("status = 'pending'", "100")),
    (Fault.PENDING_AGAIN, ROW.format("status = 'pending'", "102")),
    (
        Fault.UNCLAIMED,
        "UPDATE newsletter.sms_send_queue SET claimed_by = NULL WHERE claimed_by = 1",
    ),
    (Fault.LEFT_BEHIND, ROW.format("status = 'sending'", "100")),
    (Fault.DOUBT_DIFFERS, ROW.format("unknown_at = NULL", "101")),
    (Fault.DOUBT_DIFFERS, ROW.format("unknown_at = now()", "102")),
    (Fault.SENT_UNACCEPTED, ROW.format("status = 'sent'", "102")),
    (Fault.SENT_UNACCEPTED, ROW.format("status = 'sent'", "103")),
    (Fault.SENT_UNACCEPTED, ROW.format("attempt_id = NULL", "100")),
    (Fault.PROVIDER_DIFFERS, ROW.format("provider_id = '1'", "100")),
    (Fault.FAILED_UNSETTLED, ROW.format("status = 'failed', reason = 'refused'", "100")),
    (Fault.NO_REASON, ROW.format("reason = NULL", "103")),
    (Fault.NO_REASON, ROW.format("reason = 'retry'", "103")),
    (Fault.MISRESERVED, ATTEMPT.format("cents_reserved = 1.1901", "103")),
    (Fault.MISBILLED, ATTEMPT.format("cents_billed = 0", "103")),
    (
        Fault.MISBILLED,
        "UPDATE newsletter.sms_attempts SET segment_price = 2, cents_reserved = 2 WHERE id = 1",
    ),
    (Fault.MISBILLED, ATTEMPT.format("provider_id = '1'", "103")),
    (
        Fault.MISDECIDED,
        "UPDATE newsletter.sms_attempts SET decision = 'sent', decided_at = now() WHERE phone = '+19165550103'",
    ),
    (
        Fault.PROVIDER_TWICE,
        (
            "UPDATE newsletter.sms_attempts SET provider_id = '5' WHERE outcome = 'accepted';"
            "UPDATE newsletter.sms_send_queue SET provider_id = '5' WHERE provider_id IS NOT NULL"
        ),
    ),
    (
        Fault.EVENT_OF_NONE,
        "INSERT INTO newsletter.sms_delivery_events (attempt_id, phone_number) VALUES (99, '+19165550100')",
    ),
    (
        Fault.EVENT_TWICE,
        "INSERT INTO newsletter.sms_delivery_events (attempt_id, phone_number) VALUES (1, '+19165550100')",
    ),
    (
        Fault.EVENT_DIFFERS,
        "UPDATE newsletter.sms_delivery_events SET segments = 2 WHERE attempt_id = 1",
    ),
    (
        Fault.EVENT_DIFFERS,
        "UPDATE newsletter.sms_delivery_events SET cost_exact = 0 WHERE attempt_id = 1",
    ),
    (Fault.NO_EVENT, "DELETE FROM newsletter.sms_delivery_events WHERE attempt_id = 1"),
    (
        Fault.ACCEPTED_TWICE,
        "UPDATE newsletter.sms_attempts SET decision = NULL, decided_at = NULL",
    ),
    (Fault.BUDGET_DIFFERS, "UPDATE newsletter.campaign_budgets SET reserved_exact = 2.3801"),
    (
        Fault.BUDGET_DIFFERS,
        "UPDATE newsletter.campaign_budgets SET spent_exact = spent_exact - 0.0001",
    ),
    (Fault.BUDGET_DIFFERS, "UPDATE newsletter.campaign_budgets SET spent_cents = 1"),
    (Fault.DAY_DIFFERS, "UPDATE newsletter.account_days SET spent_exact = 2.3801"),
    (Fault.DAY_DIFFERS, "DELETE FROM newsletter.account_days"),
    (
        Fault.DISOWNED,
        (
            "INSERT INTO newsletter.sms_attempts (message_id, category, phone, sender, text_hash, fence, process_id, send_by,"
            " segment_price, segments_reserved, cents_reserved, account_day) SELECT id, 'promotion', '+19165550109', 'x', '', 1, 1,"
            " now() + interval '1 s', 0, 1, 0, CURRENT_DATE FROM newsletter.sms_send_queue WHERE claimed_by = 1"
        ),
    ),
]
"""For each fault a statement that breaks the sound books so and not otherwise."""
