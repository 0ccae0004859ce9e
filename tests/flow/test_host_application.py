"""The host application, which knows the audit's columns and labels alone, works on the migrated schema."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from support.host import engine
from support.host_models import (
    Campaign,
    CampaignBudget,
    CampaignChannel,
    CampaignEvent,
    CampaignStatus,
    DeliveryStatus,
    EventType,
    QueueStatus,
    SMSDeliveryEvent,
    SMSQueueItem,
    SMSTemplate,
    Subscriber,
    in_newsletter,
)

from dispatcher.core.reason import Reason
from dispatcher.store.database import Connection

TEXTS = 12


async def fill(session: AsyncSession) -> None:
    """Insert through the ORM what a host inserts."""
    spring = Campaign(
        name="Spring", channel=CampaignChannel.SMS, status=CampaignStatus.SENDING, content="Hi"
    )
    people = [
        Subscriber(phone=f"(916) 555-01{n:02}", sms_subscribed=True, first_name="Zoë 🌷")
        for n in range(TEXTS)
    ]
    session.add_all(
        [spring, *people, SMSTemplate(name="Hello", content="Hi", category="promotion")]
    )
    await session.flush()
    session.add(CampaignBudget(campaign_id=spring.id, budget_cents=500))
    session.add_all(
        SMSQueueItem(
            campaign_id=spring.id,
            subscriber_id=p.id,
            phone_number=p.phone,
            message_content="Hi",
        )
        for p in people
    )
    session.add_all(
        CampaignEvent(campaign_id=spring.id, subscriber_id=p.id, event_type=EventType.CLICKED)
        for p in people
    )
    session.add(
        SMSDeliveryEvent(campaign_id=spring.id, phone_number="1", status=DeliveryStatus.QUEUED)
    )


async def test_it_inserts_has_others_cancelled_and_held_and_reads_them_all(
    database: str, daemon: Connection
) -> None:
    async with engine(database.replace("owner@", "app_host@")) as host:
        placed = host.execution_options(**in_newsletter)
        async with AsyncSession(placed) as session, session.begin():
            await fill(session)
        # The daemon, by its own role: some cancelled, one held as unknown, one sent.
        ids = [
            r["id"]
            for r in await daemon.fetch(
                "SELECT id FROM newsletter.sms_send_queue ORDER BY phone_number"
            )
        ]
        decisions = [Reason.OPTED_OUT, Reason.NO_CONSENT, Reason.EXPIRED, Reason.DUPLICATE]
        for message, reason in zip(ids, decisions, strict=False):
            await daemon.execute(
                "UPDATE newsletter.sms_send_queue SET status = 'failed', reason = $2, fence = 1 WHERE id = $1",
                message,
                reason,
            )
        await daemon.execute(
            "UPDATE newsletter.sms_send_queue SET status = 'sending', unknown_at = now(), held_at = now() WHERE id = $1",
            ids[4],
        )
        await daemon.execute(
            "UPDATE newsletter.sms_send_queue SET status = 'sent', sent_at = now(), attempts = 1 WHERE id = $1",
            ids[5],
        )
        async with AsyncSession(placed) as session:
            items = (
                await session.scalars(select(SMSQueueItem).order_by(SMSQueueItem.phone_number))
            ).all()
        failed, sending, sent, pending = (
            sum(i.status is s for i in items)
            for s in (
                QueueStatus.failed,
                QueueStatus.sending,
                QueueStatus.sent,
                QueueStatus.pending,
            )
        )
        assert (failed, sending, sent, pending) == (4, 1, 1, TEXTS - 6)
        words = await daemon.fetch(
            "SELECT word, count(*) FROM newsletter.sms_messages GROUP BY word"
        )
        assert {r[0]: r[1] for r in words} == {
            "cancelled": 4,
            "unknown": 1,
            "sent": 1,
            "pending": TEXTS - 6,
        }


async def test_it_deletes_people_with_all_their_events(
    database: str, owner: Connection
) -> None:
    async with engine(database.replace("owner@", "app_host@")) as host:
        async with (
            AsyncSession(host.execution_options(**in_newsletter)) as session,
            session.begin(),
        ):
            await fill(session)
        async with (
            AsyncSession(host.execution_options(**in_newsletter)) as session,
            session.begin(),
        ):
            for person in await session.scalars(select(Subscriber)):
                await session.refresh(person, ["events"])
                await session.delete(person)
        async with AsyncSession(host.execution_options(**in_newsletter)) as session:
            assert await session.scalar(select(func.count()).select_from(CampaignEvent)) == 0
    reasons = await owner.fetch(
        "SELECT reason, count(*) FROM newsletter.sms_send_queue GROUP BY reason"
    )
    assert {r[0]: r[1] for r in reasons} == {"subscriber_deleted": TEXTS}


async def test_it_learns_from_the_database_that_a_campaign_is_busy(
    database: str, owner: Connection
) -> None:
    async with engine(database.replace("owner@", "app_host@")) as host:
        placed = host.execution_options(**in_newsletter)
        async with AsyncSession(placed) as session, session.begin():
            await fill(session)
        await owner.execute(
            "UPDATE newsletter.sms_send_queue SET status = 'sending', claimed_by = 1"
        )
        async with AsyncSession(placed) as session:
            await session.delete((await session.scalars(select(Campaign))).one())
            with pytest.raises(IntegrityError, match="cannot be deleted yet"):
                await session.commit()
