"""What became of every text: the simulator's ledger is the witness, the database is judged."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from dispatcher.simulator.ledger import Text
from dispatcher.store import verify
from dispatcher.store.database import Connection

PRICE = Decimal("1.19")

ROWS = """
SELECT newsletter.e164(q.phone_number) AS phone, q.id::text AS id, q.status::text AS status, q.reason, q.held_at IS NOT NULL AS held,
       q.provider_id, b.exceeded_at IS NOT NULL AS exceeded
  FROM newsletter.sms_send_queue q LEFT JOIN newsletter.campaign_budgets b ON b.campaign_id = q.campaign_id
"""
MONEY = """
SELECT c.category, b.budget_cents, b.spent_exact, b.reserved_exact,
       array(SELECT a.phone FROM newsletter.sms_attempts a WHERE a.campaign_id = c.id GROUP BY a.phone) AS phones
  FROM newsletter.campaigns c JOIN newsletter.campaign_budgets b ON b.campaign_id = c.id
"""
DOUBTS = """
SELECT coalesce(a.decision, CASE WHEN a.looks >= 2 THEN 'held' END) AS decided, count(*) AS texts
  FROM newsletter.sms_attempts a WHERE a.decision IS NOT NULL OR a.outcome = 'ambiguous' GROUP BY 1
"""


@dataclass
class Reckoning:
    """*lost* rows have no end, or an end that is not true; *twice* has the numbers, masked."""

    rows: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    overspent: Decimal = Decimal(0)
    decided: Counter[str] = field(default_factory=Counter)
    undecided: int = 0
    books: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not (self.lost or self.twice or self.overspent or self.undecided or self.books)


async def reckon(conn: Connection, accepted: Sequence[Text]) -> Reckoning:
    done = Reckoning()
    got = Counter(text.to for text in accepted)
    done.twice = [phone for phone, times in got.items() if times > 1]
    ids = {str(text.id) for text in accepted}
    sent_to: Counter[str] = Counter()
    rows = await conn.fetch(ROWS)
    for row in rows:
        end = _end(dict(row))
        done.rows[end] += 1
        sent_to[row["phone"]] += end == "sent"
        if end == "lost" or (end == "sent" and row["provider_id"] not in ids):
            done.lost.append(f"{row['id']} {row['status']} {row['reason']}")
    done.lost += [
        f"accepted, and nobody knows: {text.id}" for text in accepted if not sent_to[text.to]
    ]
    await _money(conn, got, done)
    for row in await conn.fetch(DOUBTS):
        if row["decided"]:
            done.decided[row["decided"]] = row["texts"]
        else:
            done.undecided = row["texts"]
    found = await verify.look(conn)
    done.books += [
        f"{f.fault}: {f.texts} such as {', '.join(f.examples)}" for f in found.findings
    ]
    return done


def _end(row: dict[str, object]) -> str:
    match row["status"]:
        case "sent":
            return "sent"
        case "failed" if row["reason"]:
            return str(row["reason"])
        case "sending" if row["held"]:
            return "held as unknown"
        case "pending" if row["exceeded"]:
            return "waiting for a budget"
        case _:
            return "lost"


async def _money(conn: Connection, got: Counter[str], done: Reckoning) -> None:
    """Compare what the witness took of each campaign with its budget and with its books."""
    for row in await conn.fetch(MONEY):
        cost = PRICE * sum(got[phone] for phone in row["phones"])
        if row["budget_cents"]:
            done.overspent += max(cost - row["budget_cents"], Decimal(0))
        if row["spent_exact"] != cost:
            done.books.append(f"{row['category']}: spent {row['spent_exact']}, accepted {cost}")
