"""What must hold after every step: laws 2, 4, 5 and 7, said once more in other words."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from dispatcher.core.reason import DECISIONS, FAILURES
from dispatcher.core.verify import Fault, Finding
from dispatcher.store import verify
from dispatcher.store.database import Connection
from dispatcher.store.reconciling import US
from dispatcher.store.settling import Settlement
from support.claiming import PRICE
from support.life.application import Application
from support.life.provider import Provider

OPEN = frozenset({None, "ambiguous"})
ENDS = frozenset(r.value for r in DECISIONS | FAILURES)
DELIVERY = {"QUEUED": 0, "FAILED": 1}
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Picture:
    """The tables at one moment, by id."""

    rows: dict[UUID, Row]
    attempts: dict[int, Row]
    budgets: dict[UUID, Row]
    events: dict[int, Row]


async def picture(conn: Connection) -> Picture:
    queue = await conn.fetch(
        "SELECT id, phone_number, status::text, reason, fence, claimed_by, attempt_id, unknown_at IS NOT NULL AS unknown,"
        " held_at IS NOT NULL AS held, provider_id FROM newsletter.sms_send_queue ORDER BY id"
    )
    ledger = await conn.fetch(
        "SELECT id, message_id, campaign_id, phone, text_hash, outcome, provider_id, decision, decided_by, cents_reserved,"
        " cents_billed, looks, late_outcome, late_provider_id FROM newsletter.sms_attempts ORDER BY id"
    )
    budgets = await conn.fetch(
        "SELECT campaign_id AS id, budget_cents, spent_exact AS spent, reserved_exact AS reserved,"
        " overspent_exact AS overspent FROM newsletter.campaign_budgets"
    )
    events = await conn.fetch(
        "SELECT attempt_id AS id, status::text, message_sid,"
        " (SELECT count(*) FROM newsletter.campaign_events c WHERE c.attempt_id = e.attempt_id) AS sent"
        " FROM newsletter.sms_delivery_events e"
    )
    assert len({r["id"] for r in events}) == len(events), "two delivery events of one attempt"
    return Picture(_by_id(queue), _by_id(ledger), _by_id(budgets), _by_id(events))


def _by_id(rows: Iterable[asyncpg.Record]) -> dict[Any, Row]:
    return {r["id"]: dict(r) for r in rows}


def money(before: Picture, now: Picture, *, host: bool) -> None:
    """Law 2. *host*: the application has changed a budget in this step."""
    for campaign, budget in now.budgets.items():
        mine = [a for a in now.attempts.values() if a["campaign_id"] == campaign]
        spent = sum((a["cents_billed"] or Decimal(0) for a in mine), Decimal(0))
        held = sum((PRICE for a in mine if a["outcome"] in OPEN), Decimal(0))
        assert (budget["spent"], budget["reserved"]) == (spent, held), (
            f"the ledger says {spent} and {held}: {budget}"
        )
        limit = budget["budget_cents"]
        assert limit == 0 or spent + held <= limit + budget["overspent"], "beyond the budget"
        earlier = before.budgets.get(campaign)
        if earlier and limit and not host:
            were = earlier["spent"] + earlier["reserved"]
            assert spent + held <= max(limit, were), "opened what could not be paid"


def once(now: Picture, provider: Provider) -> None:
    """Law 4. A person may know better than RingCentral; the dispatcher may not.

    Two campaigns may have the same text for somebody: nothing tells these two apart.
    """
    shared = campaigns(now)
    counted: Counter[tuple[object, ...]] = Counter()
    for text in provider.taken:
        attempt = now.attempts[text.attempt.id]
        if attempt["decision"] in {"resent", "failed"} and attempt["decided_by"] != US:
            continue
        counted[text.key] += 1
        wrong = attempt["decision"] in {"resent", "dropped"} and len(shared[text.key]) == 1
        assert not wrong, f"the record would have shown it: {attempt}"
    resent = [
        a["message_id"]
        for a in now.attempts.values()
        if a["decision"] == "resent" and a["decided_by"] == US
    ]
    assert len(resent) == len(set(resent)), "resent a second time"
    twice = [key for key, texts in counted.items() if texts > len(shared[key])]
    assert not twice, "somebody has the same text twice"


def campaigns(now: Picture) -> dict[tuple[object, ...], set[UUID]]:
    found: dict[tuple[object, ...], set[UUID]] = {}
    for attempt in now.attempts.values():
        found.setdefault((attempt["phone"], attempt["text_hash"]), set()).add(
            attempt["campaign_id"]
        )
    return found


def true(now: Picture, provider: Provider) -> None:
    """Nothing counts as accepted that RingCentral did not take, unless somebody decided so."""
    ids, shared = {t.id for t in provider.taken}, campaigns(now)
    for attempt in now.attempts.values():
        if attempt["outcome"] != "accepted" or attempt["decision"] not in {None, "found"}:
            continue
        if len(shared[attempt["phone"], attempt["text_hash"]]) == 1 or attempt["provider_id"]:
            assert attempt["provider_id"] in ids, f"nobody took it: {attempt}"


def news(now: Picture, provider: Provider, answers: Iterable[Settlement]) -> None:
    """What RingCentral has told stands in the ledger, be it beside what was decided before."""
    told = {s.key.attempt for s in answers if s.outcome == "accepted"}
    shared = campaigns(now)
    late = [a for a in now.attempts.values() if a["late_outcome"] == "absent"]
    assert not late, f"nobody told that: {late}"
    for text in provider.taken:
        attempt = now.attempts[text.attempt.id]
        if attempt["id"] in told and len(shared[text.key]) == 1:
            known = {attempt["provider_id"], attempt["late_provider_id"]}
            assert text.id in known, f"it is not kept: {attempt}"


def opened(before: Picture, now: Picture) -> None:
    """What was just opened waits in the queue for it."""
    for attempt in now.attempts.keys() - before.attempts.keys():
        row = now.rows.get(now.attempts[attempt]["message_id"])
        assert row, f"opened for no row: {now.attempts[attempt]}"
        assert (row["status"], row["attempt_id"]) == ("sending", attempt), f"opened: {row}"


def never_lost(now: Picture, app: Application) -> None:
    """Law 5."""
    assert set(app.queued) - set(now.rows) <= app.deleted, "a row is gone"
    for row in now.rows.values():
        if row["id"] in app.meddled:
            continue
        match row["status"]:
            case "failed":
                theirs = row["id"] in app.failed and row["reason"] not in ENDS
                assert row["reason"] in ENDS or theirs, f"failed for no reason: {row}"
            case "sending":
                attempt = now.attempts.get(row["attempt_id"])
                under_way = attempt is not None and attempt["outcome"] in OPEN
                assert row["claimed_by"] or row["held"] or under_way, f"lost: {row}"
            case "pending":
                assert row["claimed_by"] is None, f"waits and is claimed: {row}"
            case _:
                assert row["status"] == "sent"


def forward(before: Picture, now: Picture, app: Application, *, retried: bool) -> None:
    """Law 7. *retried*: a person has put failed rows back in this step."""
    for id_, was in before.rows.items():
        row = now.rows.get(id_, was)
        if was["status"] == "sent":
            assert row == was, f"a sent row changed: {was} {row}"
        if was["status"] == "failed" and id_ not in app.meddled and not retried:
            assert row["status"] == "failed", f"a failed row came back: {was} {row}"
    for attempt, was in before.attempts.items():
        row = now.attempts[attempt]
        if was["outcome"] not in OPEN:
            _settled(was, row)
        elif was["outcome"] == "ambiguous":
            assert row["outcome"] is not None, f"opened once more: {was}"
    for attempt, was in before.events.items():
        row = now.events[attempt]
        assert DELIVERY[row["status"]] >= DELIVERY[was["status"]], f"back: {was} {row}"
        assert row["sent"] >= was["sent"], f"an event is gone: {was} {row}"
    assert all(row["sent"] <= 1 for row in now.events.values()), "an event came twice"


def _settled(was: Row, row: Row) -> None:
    news = {"late_outcome", "late_provider_id"}
    changed = {key for key in was if was[key] != row[key]}
    allowed: set[str] = news if was["late_outcome"] is None else set()
    assert changed <= allowed, f"a settled attempt changed: {was} {row}"


def fenced(before: Picture, now: Picture, keys: Iterable[tuple[UUID, int]]) -> None:
    """Who settles under a fence that is lost changes no row."""
    for message, fence in keys:
        was = before.rows.get(message)
        if was and was["fence"] != fence:
            assert now.rows.get(message) == was, f"changed under a lost fence: {was}"


async def agreed(conn: Connection, now: Picture, app: Application) -> None:
    """`verify` finds nothing; but for what the application meddled with."""
    theirs = {str(m) for m in app.meddled} | {
        str(a["id"]) for a in now.attempts.values() if a["message_id"] in app.meddled
    }
    looked = await verify.look(conn)
    wrong = [f for f in looked.findings if not _their_own(f, theirs)]
    assert not wrong, f"verify: {wrong}"


def _their_own(finding: Finding, theirs: set[str]) -> bool:
    of_rows = finding.fault not in {Fault.BUDGET_DIFFERS, Fault.DAY_DIFFERS}
    return of_rows and set(finding.examples) <= theirs
