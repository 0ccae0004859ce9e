"""What the dispatcher needs of the host application's tables."""

from dataclasses import dataclass

HOME = "newsletter"
OLD_HOME = "lead"
SET_ASIDE = "newsletter_set_aside"

COLUMNS: dict[str, frozenset[str]] = {
    "campaigns": frozenset(
        "id name channel status content scheduled_at sent_at completed_at updated_at is_deleted".split()
    ),
    "subscribers": frozenset(
        "id phone sms_subscribed sms_unsubscribed_at timezone last_sms_sent_at "
        "sms_response_count updated_at is_deleted".split()
    ),
    "campaign_events": frozenset(
        "id campaign_id subscriber_id event_type occurred_at extra_data".split()
    ),
    "sms_delivery_events": frozenset(
        "id campaign_id subscriber_id phone_number message_sid status sent_at delivered_at "
        "failed_at error_code error_message cost".split()
    ),
    "sms_templates": frozenset("id name content category".split()),
    "campaign_budgets": frozenset("campaign_id budget_cents spent_cents".split()),
    "sms_send_queue": frozenset(
        "id campaign_id subscriber_id phone_number message_content status scheduled_at".split()
    ),
}
"""The columns by which each table is known to be the host's, and not an older one of its name."""

LABELS: dict[str, frozenset[str]] = {
    "campaigns.channel": frozenset({"SMS"}),
    "campaigns.status": frozenset(
        "DRAFT SCHEDULED SENDING SENT PAUSED CANCELLED FAILED".split()
    ),
    "campaign_events.event_type": frozenset("SENT DELIVERED BOUNCED UNSUBSCRIBED".split()),
    "sms_delivery_events.status": frozenset(
        "QUEUED SENT DELIVERED FAILED UNDELIVERED".split()
    ),
    "sms_send_queue.status": frozenset("pending sending sent failed".split()),
}
"""The enum labels that the dispatcher cannot do without, by table and column."""


@dataclass(frozen=True)
class Key:
    """A foreign key of one column to `id`, as the audit document wants it."""

    table: str
    column: str
    target: str
    on_delete: str


KEYS = (
    Key("newsletter.campaign_events", "campaign_id", "newsletter.campaigns", "CASCADE"),
    Key("newsletter.campaign_events", "subscriber_id", "newsletter.subscribers", "SET NULL"),
    Key("newsletter.sms_delivery_events", "campaign_id", "newsletter.campaigns", "CASCADE"),
    Key("newsletter.sms_delivery_events", "subscriber_id", "newsletter.subscribers", "SET NULL"),
    Key("newsletter.campaign_budgets", "campaign_id", "newsletter.campaigns", "CASCADE"),
    Key("newsletter.sms_send_queue", "campaign_id", "newsletter.campaigns", "CASCADE"),
    Key("newsletter.sms_send_queue", "subscriber_id", "newsletter.subscribers", "CASCADE"),
)

REPAIRABLE_KEYS = (
    Key("identity.station_users", "user_id", "identity.users", "CASCADE"),
    Key("support.audit_logs", "user_id", "identity.users", "SET NULL"),
    Key("bookings.booking_reminders", "booking_id", "core.bookings", "CASCADE"),
    Key("public.catering_payments", "booking_id", "core.bookings", "CASCADE"),
    Key("public.payment_notifications", "booking_id", "core.bookings", "SET NULL"),
)
"""Keys between tables of other applications: `migrate --repair-host` mends them."""

NEIGHBOURS = (
    "identity.users",
    "identity.station_users",
    "support.audit_logs",
    "core.bookings",
    "bookings.booking_reminders",
    "public.catering_payments",
    "public.payment_notifications",
    "communications.call_recordings",
)
"""Tables of other applications that the audit document names; many installations lack them."""
