"""What the dispatcher needs of the host application's tables."""

from dataclasses import dataclass

HOME = "newsletter"
OLD_HOME = "lead"
SET_ASIDE = "newsletter_set_aside"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COLUMNS = {
    "campaigns": _words(
        "id name channel status content scheduled_at sent_at completed_at updated_at is_deleted"
    ),
    "subscribers": _words(
        "id phone sms_subscribed sms_unsubscribed_at timezone last_sms_sent_at "
        "sms_response_count updated_at is_deleted"
    ),
    "campaign_events": _words("id campaign_id subscriber_id event_type occurred_at extra_data"),
    "sms_delivery_events": _words(
        "id campaign_id subscriber_id phone_number message_sid status sent_at delivered_at "
        "failed_at error_code error_message cost"
    ),
    "sms_templates": _words("id name content category"),
    "campaign_budgets": _words("campaign_id budget_cents spent_cents"),
    "sms_send_queue": _words(
        "id campaign_id subscriber_id phone_number message_content status scheduled_at"
    ),
}
"""The columns by which a table is known to be the host's, and not an older one of its name."""

LABELS = {
    "campaigns.channel": _words("SMS"),
    "campaigns.status": _words("DRAFT SCHEDULED SENDING SENT PAUSED CANCELLED FAILED"),
    "campaign_events.event_type": _words("SENT DELIVERED BOUNCED UNSUBSCRIBED"),
    "sms_delivery_events.status": _words("QUEUED SENT DELIVERED FAILED UNDELIVERED"),
    "sms_send_queue.status": _words("pending sending sent failed"),
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
    Key(
        "newsletter.sms_delivery_events", "subscriber_id", "newsletter.subscribers", "SET NULL"
    ),
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
