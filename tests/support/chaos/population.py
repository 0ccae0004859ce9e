"""Invented people, and what is queued for them."""

from uuid import UUID

from dispatcher.store.database import Connection
from support.chaos.curfew import AREAS, MOVED, NEW_YORK

CODES = tuple(AREAS)
CATEGORIES = ("promotion", "transactional", "promotion", "reminder", "transactional")
MORE = ("promotion2", "promotion3")
"""Further campaigns, for every fifth person: so many promotions at once meet the caps."""

STORED = ("", MOVED, NEW_YORK)
TWICE_EACH = 40
"""One row of so many has a double: the same text to the same person."""

CAMPAIGNS = """
INSERT INTO newsletter.campaigns (name, channel, status, content, category)
SELECT c, 'SMS', 'SENDING', 'x', rtrim(c, '23') FROM unnest($1::text[]) AS c RETURNING id, name
"""
PEOPLE = """
INSERT INTO newsletter.subscribers (phone, sms_subscribed, timezone)
SELECT t.phone, true, nullif(t.zone, '') FROM unnest($1::text[], $2::text[]) AS t(phone, zone)
"""
TEXTS = """
INSERT INTO newsletter.sms_send_queue (campaign_id, subscriber_id, phone_number, message_content)
SELECT c.id, p.id, p.phone, c.name || ': Hello ' || t.phone
  FROM unnest($1::text[], $2::uuid[], $3::int[]) AS t(phone, campaign, times)
  JOIN newsletter.subscribers p USING (phone) JOIN newsletter.campaigns c ON c.id = t.campaign, generate_series(1, t.times)
"""


class Population:
    """Queues rows: each person gets a text, some have it queued twice, some get several.

    A text begins with the name of its campaign, and nobody gets the same from another.
    """

    def __init__(self) -> None:
        self._campaigns: dict[str, UUID] = {}
        self.numbers: list[str] = []
        self.stored: dict[str, str] = {}

    async def begin(self, conn: Connection, budget_cents: int) -> None:
        """Make a campaign of each category, and MORE; the promotions' first has a budget."""
        rows = await conn.fetch(CAMPAIGNS, sorted({*CATEGORIES, *MORE}))
        self._campaigns = {r["name"]: r["id"] for r in rows}
        await conn.executemany(
            "INSERT INTO newsletter.campaign_budgets (campaign_id, budget_cents) VALUES ($1, $2)",
            [(i, budget_cents if c == "promotion" else 0) for c, i in self._campaigns.items()],
        )

    async def add(self, conn: Connection, count: int) -> None:
        first = len(self.numbers)
        places = range(first, first + count)
        new = {_number(n): STORED[n % len(STORED)] for n in places}
        texts = [
            (_number(n), self._campaigns[c], times) for n in places for c, times in _due(n)
        ]
        async with conn.transaction():
            await conn.execute(PEOPLE, list(new), list(new.values()))
            await conn.execute(TEXTS, *map(list, zip(*texts, strict=True)))
        self.numbers += new
        self.stored |= {phone: zone for phone, zone in new.items() if zone}


def _due(n: int) -> list[tuple[str, int]]:
    """Return from which campaigns somebody gets a text, and how often it is queued."""
    own = (CATEGORIES[n % len(CATEGORIES)], 2 if n % TWICE_EACH == 0 else 1)
    return [own, *((each, 1) for each in MORE)] if n % len(CATEGORIES) == 0 else [own]


def _number(n: int) -> str:
    line, area = divmod(n, len(CODES))
    return f"+1{CODES[area]}555{line:04}"


def category_of(text: str) -> str:
    """Return the category of the campaign that *text* is from."""
    return text.partition(":")[0].rstrip("23")
