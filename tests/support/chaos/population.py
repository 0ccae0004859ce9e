"""Invented people, and what is queued for them."""

from uuid import UUID

from dispatcher.store.database import Connection

AREAS = (916, 212, 305, 312)
CATEGORIES = ("promotion", "transactional", "promotion", "reminder", "transactional")
TWICE_EACH = 40
"""One row of so many has a double: the same text to the same person."""

CAMPAIGNS = """
INSERT INTO newsletter.campaigns (name, channel, status, content, category)
SELECT c, 'SMS', 'SENDING', 'x', c FROM unnest($1::text[]) AS c RETURNING id, category
"""
PEOPLE = """
WITH people AS (
  INSERT INTO newsletter.subscribers (phone, sms_subscribed) SELECT phone, true FROM unnest($1::text[]) AS phone RETURNING id, phone)
INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content)
SELECT t.campaign, p.id, p.phone, 'Hello ' || t.phone
  FROM unnest($1::text[], $2::uuid[], $3::int[]) AS t(phone, campaign, times) JOIN people p USING (phone), generate_series(1, t.times)
"""


class Population:
    """Queues rows: each person gets a text, some have it queued twice."""

    def __init__(self) -> None:
        self._campaigns: dict[str, UUID] = {}
        self.numbers: list[str] = []

    async def begin(self, conn: Connection, budget_cents: int) -> None:
        """Make a campaign of each category; the promotions' has a budget."""
        rows = await conn.fetch(CAMPAIGNS, sorted(set(CATEGORIES)))
        self._campaigns = {r["category"]: r["id"] for r in rows}
        await conn.executemany(
            "INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) VALUES ($1, $2)",
            [(i, budget_cents if c == "promotion" else 0) for c, i in self._campaigns.items()],
        )

    async def add(self, conn: Connection, count: int) -> None:
        first = len(self.numbers)
        new = [_number(n) for n in range(first, first + count)]
        await conn.execute(
            PEOPLE,
            new,
            [
                self._campaigns[CATEGORIES[n % len(CATEGORIES)]]
                for n in range(first, first + count)
            ],
            [2 if n % TWICE_EACH == 0 else 1 for n in range(first, first + count)],
        )
        self.numbers += new


def _number(n: int) -> str:
    area, line = divmod(n, 10_000)
    return f"+1{AREAS[area]}555{line:04}"
