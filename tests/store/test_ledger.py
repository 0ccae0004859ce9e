"""The ledger of attempts and the view of messages keep their words."""

import re
from uuid import uuid4

import asyncpg
import pytest
from support.queue import campaign, open_attempt, text

from dispatcher.core.host import COLUMNS, LABELS
from dispatcher.core.reason import DECISIONS, FAILURES
from dispatcher.store import migrations
from dispatcher.store.database import Connection


@pytest.mark.parametrize("outcome", [None, "accepted", "ambiguous"])
async def test_nobody_gets_the_same_text_of_one_campaign_twice(
    owner: Connection, outcome: str | None
) -> None:
    spring = await campaign(owner)
    await open_attempt(owner, uuid4(), campaign=spring, content="same", outcome=outcome)
    with pytest.raises(asyncpg.UniqueViolationError, match="sms_attempts_once"):
        await open_attempt(owner, uuid4(), campaign=spring, content="same")


@pytest.mark.parametrize("outcome", ["refused", "throttled", "unreached", "absent"])
async def test_what_surely_never_arrived_may_be_tried_again(
    owner: Connection, outcome: str
) -> None:
    spring = await campaign(owner)
    await open_attempt(owner, uuid4(), campaign=spring, content="same", outcome=outcome)
    await open_attempt(owner, uuid4(), campaign=spring, content="same")


async def test_another_campaign_number_or_text_is_another_message(owner: Connection) -> None:
    spring, autumn = await campaign(owner), await campaign(owner)
    await open_attempt(owner, uuid4(), campaign=spring, content="same")
    await open_attempt(owner, uuid4(), campaign=autumn, content="same")
    await open_attempt(owner, uuid4(), campaign=spring, content="other")
    await open_attempt(owner, uuid4(), campaign=spring, content="same", phone="+19165550101")


async def test_a_booking_reminder_without_campaign_may_say_the_same_again(
    owner: Connection,
) -> None:
    for _ in range(2):
        await open_attempt(owner, uuid4(), content="See you at 5")


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({"status": "pending"}, "pending"),
        ({"status": "sending", "claimed_by": 1}, "sending"),
        ({"status": "sending", "unknown_at": True}, "unknown"),
        ({"status": "sent"}, "sent"),
        ({"status": "failed"}, "failed"),
        *(({"status": "failed", "reason": r.value}, "failed") for r in sorted(FAILURES)),
        *(({"status": "failed", "reason": r.value}, "cancelled") for r in sorted(DECISIONS)),
    ],
)
async def test_the_view_shows_the_six_words(
    owner: Connection, columns: dict[str, object], word: str
) -> None:
    message = await text(owner, **columns)  # type: ignore[arg-type]  # a row of the table above
    assert (
        await owner.fetchval("SELECT word FROM newsletter.sms_messages WHERE id = $1", message)
        == word
    )


async def test_the_category_is_the_rows_else_the_campaigns_else_the_strictest(
    owner: Connection,
) -> None:
    spring = await campaign(owner)
    message = await text(owner, campaign=spring)
    category = "SELECT category FROM newsletter.sms_messages WHERE id = $1"
    assert await owner.fetchval(category, message) == "promotion"
    await owner.execute("UPDATE newsletter.campaigns SET category = 'reminder'")
    assert await owner.fetchval(category, message) == "reminder"
    await owner.execute("UPDATE newsletter.sms_send_queue SET category = 'transactional'")
    assert await owner.fetchval(category, message) == "transactional"


async def test_an_alert_is_raised_once_per_state(daemon: Connection) -> None:
    raised = "INSERT INTO newsletter.alerts (kind, object, what_to_do) VALUES ('budget', 'spring', 'Raise it')"
    await daemon.execute(raised)
    with pytest.raises(asyncpg.UniqueViolationError):
        await daemon.execute(raised)
    await daemon.execute("UPDATE newsletter.alerts SET until = now()")
    await daemon.execute(raised)


async def test_the_view_names_every_decision_of_the_closed_list(owner: Connection) -> None:
    view = await owner.fetchval("SELECT pg_get_viewdef('newsletter.sms_messages')")
    assert set(re.findall(r"'(\w+)'::text", view)) >= {r.value for r in DECISIONS}
    assert not set(re.findall(r"'(\w+)'::text", view)) & {r.value for r in FAILURES}


def test_the_audit_and_the_migration_know_a_table_by_the_same_columns() -> None:
    adopt, types = migrations.available()[:2]
    needs = re.findall(r"\('(\w+)', '\{([\w,]+)\}'\)", adopt.sql)
    assert {table: frozenset(columns.split(",")) for table, columns in needs} == COLUMNS
    needed = re.findall(r"\('\w+', '(\w+\.\w+)',\s*'\{[\w,]+\}',\s*'\{([\w,]+)\}'\)", types.sql)
    assert {column: frozenset(labels.split(",")) for column, labels in needed} == LABELS


@pytest.mark.parametrize("outcome", ["accepted", "throttled", "refused", "unreached", "absent"])
@pytest.mark.parametrize("later", ["ambiguous", "absent", "accepted", None])
async def test_what_was_settled_stays_settled(
    daemon: Connection, owner: Connection, outcome: str, later: str | None
) -> None:
    await open_attempt(owner, uuid4(), outcome=outcome)
    change = daemon.execute(
        "UPDATE newsletter.sms_attempts SET outcome = $1, settled_at = CASE WHEN $1::text IS NOT NULL THEN now() END",
        later,
    )
    if later == outcome:
        await change
    else:
        with pytest.raises(asyncpg.RestrictViolationError, match="was settled as"):
            await change


@pytest.mark.parametrize("later", ["accepted", "absent", "refused"])
async def test_the_ambiguous_may_become_known(
    daemon: Connection, owner: Connection, later: str
) -> None:
    await open_attempt(owner, uuid4(), outcome="ambiguous")
    await daemon.execute("UPDATE newsletter.sms_attempts SET outcome = $1", later)


@pytest.mark.parametrize(
    "broken",
    [
        "UPDATE newsletter.sms_attempts SET settled_at = NULL",
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source) VALUES ('9165550100', 'landline', 'x')",
        "INSERT INTO newsletter.sms_send_queue (phone_number, message_content, category) VALUES ('x', 'y', 'compliance')",
    ],
)
async def test_the_rows_of_ours_refuse_nonsense(owner: Connection, broken: str) -> None:
    await open_attempt(owner, uuid4(), outcome="accepted")
    with pytest.raises(asyncpg.CheckViolationError):
        await owner.execute(broken)


async def test_the_ledger_knows_a_number_by_its_one_spelling(owner: Connection) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await open_attempt(owner, uuid4(), phone="9165550100")


async def test_one_record_of_ringcentrals_belongs_to_one_attempt(owner: Connection) -> None:
    await open_attempt(owner, uuid4(), outcome="accepted")
    await open_attempt(owner, uuid4(), outcome="accepted")
    with pytest.raises(asyncpg.UniqueViolationError):
        await owner.execute("UPDATE newsletter.sms_attempts SET provider_id = '1'")


@pytest.mark.parametrize(
    "event",
    [
        "INSERT INTO newsletter.sms_delivery_events (attempt_id, phone_number, status) VALUES (1, '+19165550100', 'QUEUED')",
        "INSERT INTO newsletter.campaign_events (attempt_id, campaign_id, event_type) SELECT 1, id, 'SENT' FROM newsletter.campaigns",
    ],
)
async def test_an_attempt_has_each_event_once(
    owner: Connection, daemon: Connection, event: str
) -> None:
    await campaign(owner)
    await daemon.execute(event)
    with pytest.raises(asyncpg.UniqueViolationError):
        await daemon.execute(event)


async def test_the_view_lends_nobody_its_owners_rights(owner: Connection) -> None:
    assert "security_invoker=true" in await owner.fetchval(
        "SELECT reloptions FROM pg_class WHERE oid = 'newsletter.sms_messages'::regclass"
    )
