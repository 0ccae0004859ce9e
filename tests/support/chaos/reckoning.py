"""What became of every text: the simulator's ledger is the witness, the database is judged."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from dispatcher.simulator.ledger import Text
from dispatcher.store import verify
from dispatcher.store.database import Connection
from support.chaos.curfew import Sent
from support.chaos.stops import ignored
from support.chaos.witness import Witness

PRICE = Decimal("1.19")
SHOWN = 10
ONCE_EACH = {
    "sent",
    "held as unknown",
    "waiting for a budget",
    "dropped as unknown",
    "opted out",
}
"""Ends that a person's text may have; its double is a duplicate of one of them."""

ROWS = """
SELECT newsletter.e164(q.phone_number) AS phone, q.message_content AS text, q.id::text AS id, q.status::text AS status, q.reason, q.held_at IS NOT NULL AS held,
       q.provider_id, b.exceeded_at IS NOT NULL AS exceeded, coalesce(q.category, c.category, 'promotion') AS category,
       EXISTS (SELECT FROM newsletter.sms_attempts a WHERE a.message_id = q.id AND (a.decision = 'resent' OR a.look_showed = 'clouded')) AS spent_its_chance
  FROM newsletter.sms_send_queue q LEFT JOIN newsletter.campaigns c ON c.id = q.campaign_id
  LEFT JOIN newsletter.campaign_budgets b ON b.campaign_id = q.campaign_id
"""
HISTORY = """
SELECT 'row ' || (to_jsonb(q) - 'message_content' - 'last_error')::text AS line FROM newsletter.sms_send_queue q
 WHERE newsletter.e164(q.phone_number) = $1 UNION ALL
SELECT 'attempt ' || (to_jsonb(a) - 'text_hash')::text FROM newsletter.sms_attempts a WHERE a.phone = $1
"""
MONEY = """
SELECT c.name, b.budget_cents, b.spent_exact, b.reserved_exact
  FROM newsletter.campaigns c JOIN newsletter.campaign_budgets b ON b.campaign_id = c.id
"""
RECEIPTS = """
SELECT a.provider_id, d.status::text AS status FROM newsletter.sms_attempts a JOIN newsletter.sms_delivery_events d ON d.attempt_id = a.id
 WHERE a.outcome = 'accepted' AND a.provider_id IS NOT NULL
"""
STATUSES = {
    "Queued": "QUEUED",
    "Sent": "SENT",
    "Delivered": "DELIVERED",
    "SendingFailed": "FAILED",
    "DeliveryFailed": "UNDELIVERED",
}
DOUBTS = """
SELECT coalesce(a.decision, CASE WHEN a.looks >= 2 THEN 'held' END) AS decided, count(*) AS texts
  FROM newsletter.sms_attempts a WHERE a.decision IS NOT NULL OR a.outcome = 'ambiguous' GROUP BY 1
"""


HELD = """
SELECT v ->> 'rule' AS rule, count(DISTINCT q.id) AS texts FROM newsletter.sms_send_queue q, jsonb_array_elements(q.verdicts) AS v
 WHERE v ->> 'verdict' = 'defer' GROUP BY 1
"""
OPENED = "SELECT category, phone, opened_at FROM newsletter.sms_attempts"


@dataclass
class Reckoning:
    """*lost* rows have no end, or an end that is not true; *twice* has the numbers.

    *ignored* are STOPs that were not heeded, *misread* texts whose receipts we understood
    otherwise than the witness. What arrived *outside* the law's hours or *over* a cap broke it;
    *held* counts the texts that a rule made wait.
    """

    rows: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    overspent: Decimal = Decimal(0)
    decided: Counter[str] = field(default_factory=Counter)
    undecided: int = 0
    books: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    misread: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    evidence: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not any(
            (
                self.lost,
                self.twice,
                self.overspent,
                self.undecided,
                self.books,
                self.ignored,
                self.misread,
                self.outside,
                self.over,
            )
        )


async def reckon(conn: Connection, witness: Witness) -> Reckoning:
    done, accepted = Reckoning(), witness.accepted
    got = Counter((text.to, text.text) for text in accepted)
    done.twice = [phone for (phone, _), times in got.items() if times > 1]
    _ends([dict(row) for row in await conn.fetch(ROWS)], witness, done)
    await _money(conn, Counter(_campaign(t) for t in accepted if witness.billed(t)), done)
    done.ignored = await ignored(conn, accepted)
    if witness.law:
        done.outside = witness.law.outside(witness.arrived, await opened(conn))
        done.over = witness.law.over(witness.arrived)
        done.held = Counter({row["rule"]: row["texts"] for row in await conn.fetch(HELD)})
    for row in await conn.fetch(RECEIPTS):
        seen = STATUSES[witness.ends[row["provider_id"]]]
        if row["status"] != seen:
            done.misread.append(f"{row['provider_id']} {row['status']}, not {seen}")
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


async def opened(conn: Connection) -> list[Sent]:
    """Return each attempt, and when it was opened: so late may a text of it leave."""
    return [Sent(*row) for row in await conn.fetch(OPENED)]


def _campaign(text: Text) -> str:
    return text.text.partition(":")[0]


def _ends(rows: Sequence[Mapping[str, object]], witness: Witness, done: Reckoning) -> None:
    """Judge the end of each row, and see that every text has a row that is sent."""
    accepted = witness.accepted
    ids = {str(text.id) for text in accepted}
    ends = [(row, "opted out" if _opted_out(row, witness) else _end(row)) for row in rows]
    served = {_text(row) for row, end in ends if end in ONCE_EACH}
    sent = {_text(row) for row, end in ends if end == "sent"}
    for row, end in ends:
        done.rows[end] += 1
        untrue = end == "sent" and row["provider_id"] not in ids
        alone = end == "duplicate" and _text(row) not in served
        if end == "lost" or untrue or alone:
            done.lost.append(f"{row['id']} {row['status']} {row['reason']} {row['category']}")
    done.lost += [
        f"accepted, and nobody knows: {text.id}"
        for text in accepted
        if (text.to, text.text) not in sent
    ]


def _text(row: Mapping[str, object]) -> tuple[object, object]:
    """Return what a person gets once."""
    return row["phone"], row["text"]


def _opted_out(row: Mapping[str, object], witness: Witness) -> bool:
    return row["reason"] in {"opted_out", "suppressed"} and row["phone"] in witness.stopped


def _end(row: Mapping[str, object]) -> str:
    """Return how a row has ended; `lost` is any end that its category does not allow."""
    category = row["category"]
    match row["status"]:
        case "sent":
            return "sent"
        case "failed" if row["reason"] == "duplicate":
            return "duplicate"
        case "failed" if row["reason"] == "dropped_unknown" and category == "reminder":
            return "dropped as unknown"
        case "sending" if row["held"] and (
            category != "transactional" or row["spent_its_chance"]
        ):
            return "held as unknown"
        case "pending" if row["exceeded"] and category == "promotion":
            return "waiting for a budget"
        case _:
            return "lost"


async def _money(conn: Connection, got: Counter[str], done: Reckoning) -> None:
    """Compare what the witness took of each campaign with its budget and with its books."""
    for row in await conn.fetch(MONEY):
        cost = PRICE * got[row["name"]]
        if row["budget_cents"]:
            done.overspent += max(cost - row["budget_cents"], Decimal(0))
        if row["spent_exact"] != cost:
            done.books.append(f"{row['name']}: spent {row['spent_exact']}, accepted {cost}")


async def evidence(conn: Connection, found: Reckoning, accepted: Sequence[Text]) -> list[str]:
    """Return all that both sides know of the first few persons who got two texts, or none."""
    lost = {word for line in found.lost for word in line.split()}
    rows = await conn.fetch(ROWS)
    phones = [
        *found.twice,
        *(text.to for text in accepted if str(text.id) in lost),
        *(row["phone"] for row in rows if row["id"] in lost),
    ]
    lines = []
    for phone in dict.fromkeys(phones[:SHOWN]):
        lines += [
            f"accepted {t.id} {t.at.time()} from {t.sender}" for t in accepted if t.to == phone
        ]
        lines += [row["line"] for row in await conn.fetch(HISTORY, phone)]
    return lines
