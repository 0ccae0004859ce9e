"""`sms-dispatcher unknown` and `unknown resolve` as an operator meets them."""

import asyncio
import json
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from support.command import Ran, run
from support.queue import campaign, open_attempt, text

from dispatcher.store.database import Connection

SPENT, RESERVED = (Decimal("1.19"), Decimal(0)), (Decimal(0), Decimal("1.19"))
BACK = (Decimal(0), Decimal(0))
WHY = ("--why", "RingCentral's support looked", "--yes")


@pytest.fixture
def dsn(database: str) -> str:
    """The daemon's role."""
    return database.replace("owner@", "app_daemon@")


async def unknown(owner: Connection, *, looks: int = 2) -> tuple[UUID, int]:
    """Make a text of unknown fate, its money reserved, held once it was looked for twice."""
    spring = await campaign(owner, budget=100)
    message = await text(owner, campaign=spring, status="sending", fence=1, unknown_at=True)
    attempt = await open_attempt(
        owner, message, campaign=spring, content="Hello", outcome="ambiguous"
    )
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET attempt_id = $1, attempts = 1,"
        " held_at = CASE WHEN $2 >= 2 THEN now() END WHERE id = $3",
        attempt, looks, message,
    )  # fmt: skip
    await owner.execute(
        "UPDATE newsletter.sms_attempts SET looks = $1, looked_at = now(), look_showed = 'absent' WHERE $1 > 0",
        looks,
    )
    await owner.execute("UPDATE newsletter.campaign_budgets SET reserved_exact = 1.19")
    await owner.execute(
        "INSERT INTO newsletter.account_days (day, budget_cents, reserved_exact) VALUES (CURRENT_DATE, 0, 1.19)"
    )
    return message, attempt


async def money(owner: Connection) -> list[tuple[Decimal, Decimal]]:
    rows = await owner.fetch(
        "SELECT spent_exact, reserved_exact FROM newsletter.campaign_budgets"
        " UNION ALL SELECT spent_exact, reserved_exact FROM newsletter.account_days"
    )
    return [(r["spent_exact"], r["reserved_exact"]) for r in rows]


async def resolve(dsn: str, what: object, *how: str) -> Ran:
    return await run("unknown", "resolve", str(what), *how, dsn=dsn)


async def test_nothing_is_unknown(dsn: str, owner: Connection) -> None:
    await text(owner)
    ran = await run("unknown", dsn=dsn)
    assert (ran.code, ran.out, ran.err) == (0, "No text's fate is unknown.\n", "")


async def test_what_is_known_is_listed(dsn: str, owner: Connection) -> None:
    message, attempt = await unknown(owner)
    gone = await open_attempt(owner, uuid4(), outcome="ambiguous", phone="+19165550101")
    strange = await text(owner, status="sending", unknown_at=True, phone="+19165550102")
    await text(owner, status="sending", claimed_by=1)
    listed = json.loads((await run("unknown", "--json", dsn=dsn)).out)["unknown"]
    assert [(u["attempt"], u["queued"], u["next"]) for u in listed] == [
        (attempt, True, "presume"),
        (gone, False, "look"),
        (None, True, "hold"),
    ]
    first, _, third = listed
    assert (first["id"], third["id"]) == (str(message), str(strange))
    assert (first["phone"], first["campaign"]) == ("+1916***0100", "Spring")
    assert (first["category"], first["looks"], first["showed"]) == ("promotion", 2, "absent")
    ran = await run("unknown", dsn=dsn)
    assert f"{message}" in ran.out
    assert "searched for twice: RingCentral's record doesn't show it" in ran.out
    assert "in 3 days: it counts as sent" in ran.out
    assert "another program put it into sending" in ran.out
    assert "3 texts, 1 held for a person to decide." in ran.out
    assert "5550100" not in ran.out


@pytest.mark.parametrize(
    ("choice", "then", "books"),
    [
        ("--sent", ("sent", None, "accepted", "sent"), SPENT),
        ("--failed", ("failed", "cancelled_by_person", "absent", "failed"), BACK),
        ("--resend", ("pending", "retry", "absent", "resent"), BACK),
    ],
)
async def test_a_person_decides(
    dsn: str,
    owner: Connection,
    choice: str,
    then: tuple[str | None, ...],
    books: tuple[Decimal, Decimal],
) -> None:
    message, attempt = await unknown(owner)
    named = message if choice == "--sent" else attempt
    ran = await resolve(dsn, named, choice, *WHY, "--as", "Anna")
    assert (ran.code, ran.err) == (0, "")
    assert "decided by Anna, as app_daemon" in ran.out
    row = await owner.fetchrow(
        "SELECT status::text, reason, unknown_at, held_at FROM newsletter.sms_send_queue"
    )
    assert row
    assert tuple(row) == (*then[:2], None, None)
    kept = await owner.fetchrow(
        "SELECT outcome, decision, decided_by, decided_why, decided_at IS NOT NULL, late_at FROM newsletter.sms_attempts"
    )
    assert kept
    assert tuple(kept) == (
        *then[2:], "Anna, as app_daemon", "RingCentral's support looked", True, None,
    )  # fmt: skip
    assert await money(owner) == [books, books]
    again = await resolve(dsn, named, "--failed", *WHY)
    assert (again.code, again.out) == (2, "")
    assert "is not unknown" in again.err
    assert await money(owner) == [books, books]


async def test_two_at_once_decide_once(dsn: str, owner: Connection) -> None:
    _, attempt = await unknown(owner)
    lock = owner.transaction()
    await lock.start()
    await owner.execute("SELECT FROM newsletter.sms_send_queue FOR UPDATE")
    both = asyncio.gather(
        resolve(dsn, attempt, "--sent", *WHY, "--as", "A"),
        resolve(dsn, attempt, "--failed", *WHY, "--as", "B"),
    )
    async with asyncio.timeout(20):
        while await owner.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") < 2:
            await owner.execute("SELECT pg_sleep(0.02)")
    await lock.commit()
    ran = await both
    assert sorted(r.code for r in ran) == [0, 2]
    assert any("was decided or changed meanwhile" in r.err for r in ran)
    kept = await owner.fetchrow(
        "SELECT decision, decided_by, late_at FROM newsletter.sms_attempts"
    )
    assert kept
    assert tuple(kept) in {
        ("sent", "A, as app_daemon", None),
        ("failed", "B, as app_daemon", None),
    }
    books = SPENT if kept["decision"] == "sent" else BACK
    assert await money(owner) == [books, books]


async def test_who_decides_is_known_without_being_told(dsn: str, owner: Connection) -> None:
    _, attempt = await unknown(owner)
    ran = await resolve(dsn, attempt, "--sent", *WHY, "--json")
    by = json.loads(ran.out)["by"]
    assert by.endswith(", as app_daemon")
    assert len(by) > len(", as app_daemon")
    assert await owner.fetchval("SELECT decided_by FROM newsletter.sms_attempts") == by


async def test_nobody_resends_before_the_record_was_searched_twice(
    dsn: str, owner: Connection
) -> None:
    message, _ = await unknown(owner, looks=1)
    ran = await resolve(dsn, message, "--resend", *WHY)
    assert (ran.code, ran.out) == (2, "")
    assert "--risk-twice" in ran.err
    assert (await resolve(dsn, message, "--resend", *WHY, "--risk-twice")).code == 0
    assert await owner.fetchval("SELECT decision FROM newsletter.sms_attempts") == "resent"


async def test_an_attempt_whose_row_is_gone(dsn: str, owner: Connection) -> None:
    message, attempt = await unknown(owner)
    await owner.execute("DELETE FROM newsletter.sms_send_queue")
    ran = await resolve(dsn, message, "--resend", *WHY)
    assert (ran.code, ran.out) == (2, "")
    assert "Its row is gone" in ran.err
    assert (await resolve(dsn, attempt, "--failed", *WHY)).code == 0
    assert await money(owner) == [BACK, BACK]


@pytest.mark.parametrize(
    ("choice", "status", "reason"),
    [("--sent", "sent", None), ("--failed", "failed", "cancelled_by_person")],
)
async def test_another_programs_row(
    dsn: str, owner: Connection, choice: str, status: str, reason: str | None
) -> None:
    strange = await text(owner, status="sending", unknown_at=True)
    ran = await resolve(dsn, strange, "--resend", *WHY)
    assert "Another program sent it" in ran.err
    assert (await resolve(dsn, strange, choice, *WHY, "--as", "Anna")).code == 0
    row = await owner.fetchrow(
        "SELECT status::text, reason, last_error, unknown_at FROM newsletter.sms_send_queue"
    )
    assert row
    said = f"{choice[2:]}, says Anna, as app_daemon: RingCentral's support looked"
    assert tuple(row) == (status, reason, said, None)
    assert "is not unknown" in (await resolve(dsn, strange, choice, *WHY)).err


async def test_what_is_not_unknown_is_left_alone(dsn: str, owner: Connection) -> None:
    pending = await text(owner)
    refused = await open_attempt(owner, uuid4(), outcome="refused")
    for named in (pending, refused, uuid4(), 99):
        ran = await resolve(dsn, named, "--sent", *WHY)
        assert (ran.code, ran.out) == (2, "")
        assert "is not unknown" in ran.err


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (("1", "--sent", "--yes"), "--why"),
        (("1", "--sent", "--why", " ", "--yes"), "some words"),
        (("1", "--why", "x", "--yes"), "--sent --failed --resend"),
        (("1", "--sent", "--failed", "--why", "x", "--yes"), "not allowed with"),
        (("Spring", "--sent", "--why", "x", "--yes"), "must be a text's id"),
    ],
)
async def test_half_a_decision_is_refused(dsn: str, how: tuple[str, ...], said: str) -> None:
    ran = await run("unknown", "resolve", *how, dsn=dsn)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


async def test_nobody_there_to_ask(dsn: str, owner: Connection) -> None:
    _, attempt = await unknown(owner)
    ran = await resolve(dsn, attempt, "--sent", "--why", "x")
    assert (ran.code, ran.out) == (2, "")
    assert "Count it as sent? Nothing was changed: say --yes" in ran.err
    assert await money(owner) == [RESERVED, RESERVED]


async def test_the_applications_role_may_not(database: str, owner: Connection) -> None:
    _, attempt = await unknown(owner)
    ran = await resolve(database.replace("owner@", "app_host@"), attempt, "--sent", *WHY)
    assert (ran.code, ran.out) == (2, "")
    assert "lacks a right" in ran.err
