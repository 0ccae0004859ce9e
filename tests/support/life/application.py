"""What the application does to its own rows, whatever we are at."""

from dataclasses import replace
from uuid import UUID

from dispatcher.store.database import Connection
from support.life.world import REFUSED, Step, World


class Application:
    """The application. *queued* rows are there unless they are *deleted*.

    What it has *failed* itself has no reason of ours; what it has taken back (*meddled*)
    may differ from the ledger: that is its own doing, and nothing is sent twice for it.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._made = 0
        self.queued: list[UUID] = []
        self.deleted: set[UUID] = set()
        self.failed: set[UUID] = set()
        self.meddled: set[UUID] = set()

    def queue(self, campaign: UUID, person: UUID, phone: str, category: str, text: str) -> Step:
        message = UUID(int=1000 + self._made)
        self._made += 1
        step = self._step(
            "WITH person AS (INSERT INTO newsletter.subscribers (id, phone, sms_subscribed) VALUES ($3, $4, true) ON CONFLICT DO NOTHING)"
            " INSERT INTO newsletter.sms_send_queue (id, campaign_id, subscriber_id, phone_number, category, message_content, scheduled_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, now())",
            message, campaign, person, phone, category, text,
        )  # fmt: skip
        return replace(step, then=lambda _: self.queued.append(message))

    def delete_row(self, message: UUID) -> Step:
        self.deleted.add(message)
        return self._step("DELETE FROM newsletter.sms_send_queue WHERE id = $1", message)

    def fail_row(self, message: UUID) -> Step:
        """Set a row to failed that is not over yet."""
        self.failed.add(message)
        return self._step(
            "UPDATE newsletter.sms_send_queue SET status = 'failed' WHERE id = $1 AND status IN ('pending', 'sending')",
            message,
        )

    def take_back(self, message: UUID) -> Step:
        """Set a row to pending that it had set to failed, or that is in our hands."""
        self.meddled.add(message)
        return self._step(
            "UPDATE newsletter.sms_send_queue SET status = 'pending' WHERE id = $1 AND status IN ('failed', 'sending')",
            message,
        )

    def delete_person(self, person: UUID) -> Step:
        return self._step("DELETE FROM newsletter.subscribers WHERE id = $1", person)

    def turn(self, campaign: UUID, status: str) -> Step:
        return self._step(
            "UPDATE newsletter.campaigns SET status = $2::text::public.campaign_status WHERE id = $1",
            campaign,
            status,
        )

    def set_budget(self, campaign: UUID, cents: int) -> Step:
        return self._step(
            "INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) VALUES ($1, $2)"
            " ON CONFLICT (campaign_id) DO UPDATE SET budget_cents = $2",
            campaign,
            cents,
        )

    def drop_budget(self, campaign: UUID) -> Step:
        return self._step(
            "DELETE FROM newsletter.campaign_budgets WHERE campaign_id = $1", campaign
        )

    def _step(self, statement: str, *values: object) -> Step:
        async def work(conn: Connection) -> None:
            try:
                async with conn.transaction():
                    await conn.execute(statement, *values)
            except REFUSED:
                pass  # a budget with reservations stays

        return Step(self._world.host, work)
