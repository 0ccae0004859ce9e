"""The host application: its SQLAlchemy models as they stood, and the audit's three tables.

They name the schema `lead`. `in_newsletter` says where the moved tables lie.
"""

import enum
import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
)
from sqlalchemy.dialects.postgresql import ENUM, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

in_newsletter = {"schema_translate_map": {"lead": "newsletter"}}


class CampaignChannel(enum.Enum):
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    WHATSAPP = "whatsapp"


class CampaignStatus(enum.Enum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FAILED = "failed"


class EventType(enum.Enum):
    SENT = "sent"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"


class DeliveryStatus(enum.Enum):
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNDELIVERED = "undelivered"


class QueueStatus(enum.Enum):
    pending = "pending"
    sending = "sending"
    sent = "sent"
    failed = "failed"


CHANNEL = Enum(CampaignChannel, name="campaign_channel", schema="public")
STATUS = Enum(CampaignStatus, name="campaign_status", schema="public")
EVENT_TYPE = Enum(EventType, name="campaign_event_type", schema="public")
DELIVERY_STATUS = Enum(DeliveryStatus, name="sms_delivery_status", schema="public")
# Made by the audit's step 7, not by the ORM.
QUEUE_STATUS = ENUM(QueueStatus, name="sms_queue_status", schema="public", create_type=False)
ZONED = DateTime(timezone=True)


def _utc() -> datetime:
    """What datetime.utcnow() gave the host: UTC, without saying so."""
    return datetime.now(UTC).replace(tzinfo=None)


class Base(DeclarativeBase):
    metadata = MetaData(schema="lead")
    type_annotation_map = {dict[str, Any]: JSONB, list[str]: JSONB, datetime: ZONED}


class Common:
    """The columns of the host's BaseModel."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    created_at: Mapped[datetime] = mapped_column(DateTime, default=_utc)
    updated_at: Mapped[datetime] = mapped_column(DateTime, default=_utc)
    is_deleted: Mapped[bool] = mapped_column(default=False)


class Campaign(Common, Base):
    __tablename__ = "campaigns"
    name: Mapped[str] = mapped_column(String(200))
    channel: Mapped[CampaignChannel] = mapped_column(CHANNEL)
    status: Mapped[CampaignStatus] = mapped_column(STATUS, default=CampaignStatus.DRAFT)
    subject: Mapped[str | None] = mapped_column(String(500))
    content: Mapped[str] = mapped_column(Text)
    sender_name: Mapped[str | None] = mapped_column(String(100))
    reply_to: Mapped[str | None] = mapped_column(String(200))
    scheduled_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    target_segment: Mapped[str | None] = mapped_column(String(100))
    extra_data: Mapped[dict[str, Any] | None]


class Subscriber(Common, Base):
    __tablename__ = "subscribers"
    email: Mapped[str | None] = mapped_column(String(255), index=True)
    phone: Mapped[str | None] = mapped_column(String(20), index=True)
    first_name: Mapped[str | None] = mapped_column(String(100))
    last_name: Mapped[str | None] = mapped_column(String(100))
    email_subscribed: Mapped[bool] = mapped_column(default=True)
    sms_subscribed: Mapped[bool] = mapped_column(default=False)
    push_subscribed: Mapped[bool] = mapped_column(default=False)
    whatsapp_subscribed: Mapped[bool] = mapped_column(default=False)
    subscribed_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    email_unsubscribed_at: Mapped[datetime | None]
    sms_unsubscribed_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(10), default="en")
    timezone: Mapped[str | None] = mapped_column(String(50))
    tags: Mapped[list[str] | None]
    customer_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    lead_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    source: Mapped[str | None] = mapped_column(String(100))
    utm_source: Mapped[str | None] = mapped_column(String(100))
    utm_medium: Mapped[str | None] = mapped_column(String(100))
    utm_campaign: Mapped[str | None] = mapped_column(String(100))
    last_email_sent_at: Mapped[datetime | None]
    last_email_opened_at: Mapped[datetime | None]
    last_email_clicked_at: Mapped[datetime | None]
    last_sms_sent_at: Mapped[datetime | None]
    email_open_count: Mapped[int] = mapped_column(default=0)
    email_click_count: Mapped[int] = mapped_column(default=0)
    sms_response_count: Mapped[int] = mapped_column(default=0)
    extra_data: Mapped[dict[str, Any] | None]
    # The host's ORM deletes a person's events before the person.
    events: Mapped[list["CampaignEvent"]] = relationship(cascade="all, delete-orphan")


class OfPerson:
    """The person that an event is about, while there is one."""

    subscriber_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("lead.subscribers.id", ondelete="SET NULL"), index=True
    )


class CampaignEvent(Common, OfPerson, Base):
    __tablename__ = "campaign_events"
    campaign_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lead.campaigns.id", ondelete="CASCADE"), index=True
    )
    event_type: Mapped[EventType] = mapped_column(EVENT_TYPE, index=True)
    occurred_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    extra_data: Mapped[dict[str, Any] | None]


class SMSDeliveryEvent(Common, OfPerson, Base):
    __tablename__ = "sms_delivery_events"
    campaign_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("lead.campaigns.id", ondelete="CASCADE"), index=True
    )
    phone_number: Mapped[str] = mapped_column(String(20))
    message_sid: Mapped[str | None] = mapped_column(String(100), unique=True)
    status: Mapped[DeliveryStatus] = mapped_column(DELIVERY_STATUS, index=True)
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(String(50))
    error_message: Mapped[str | None] = mapped_column(Text)
    cost: Mapped[int | None]
    extra_data: Mapped[dict[str, Any] | None]


LEGACY = ("campaigns", "subscribers", "campaign_events", "sms_delivery_events")


class SMSTemplate(Base):
    __tablename__ = "sms_templates"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(String(100))
    content: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(50), index=True)
    variables: Mapped[list[str] | None] = mapped_column(default=list)
    is_active: Mapped[bool | None] = mapped_column(default=True)
    created_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]


class CampaignBudget(Base):
    __tablename__ = "campaign_budgets"
    __table_args__ = (CheckConstraint("spent_cents <= budget_cents OR budget_cents = 0"),)
    campaign_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("lead.campaigns.id", ondelete="CASCADE"), primary_key=True
    )
    budget_cents: Mapped[int] = mapped_column(default=0)
    spent_cents: Mapped[int] = mapped_column(default=0)
    exceeded_at: Mapped[datetime | None]


class SMSQueueItem(Base):
    __tablename__ = "sms_send_queue"
    __table_args__ = (
        Index("idx_sms_queue_status", "status"),
        Index("idx_sms_queue_scheduled", "scheduled_at"),
    )
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    campaign_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("lead.campaigns.id", ondelete="CASCADE")
    )
    subscriber_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("lead.subscribers.id", ondelete="CASCADE")
    )
    phone_number: Mapped[str] = mapped_column(String(20))
    message_content: Mapped[str] = mapped_column(Text)
    status: Mapped[QueueStatus] = mapped_column(QUEUE_STATUS, default=QueueStatus.pending)
    scheduled_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    sent_at: Mapped[datetime | None]
    attempts: Mapped[int | None] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime | None] = mapped_column(default=lambda: datetime.now(UTC))
