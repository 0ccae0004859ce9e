"""Whatever changes consent leaves evidence: what, when, from where, in whose words, by whom."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from support.evidence import events
from support.host import connected, engine
from support.host_models import Subscriber, in_newsletter
from support.inbound import entry, receive
from support.queue import person

from dispatcher.store import consent, replies
from dispatcher.store.consent import OptOut
from dispatcher.store.database import Connection
from dispatcher.store.said import said

PHONE, OTHER = "+19165550100", "+19165550101"
AT = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOW = "SELECT now()"
FILE = Path(__file__).parents[2] / "schema" / "0020_consent_events.sql"


async def out(conn: Connection, at: datetime = AT, source: str = "stop") -> None:
    async with conn.transaction():
        await consent.opt_out(conn, OptOut(PHONE, at, source))


async def since(conn: Connection, count: int, *columns: str) -> list[object]:
    """Return what was recorded after the first *count* events."""
    return (await events(conn, *columns))[count:]


async def test_a_stop_is_kept_with_the_words_written(
    owner: Connection, daemon: Connection
) -> None:
    ada = await person(owner)
    at = await owner.fetchval(NOW)
    await receive(daemon, entry("Please stop!", at))
    text = await owner.fetchval("SELECT id FROM newsletter.sms_inbound_messages")
    found = await since(
        owner, 1, "event", "source", "words", "subscriber_id", "at", "inbound_id", "recorded_by"
    )
    of_number, of_person = (
        ("opt_out", "stop", "Please stop!", who, at, text, "app_daemon") for who in (None, ada)
    )
    assert found == [of_number, of_person]


async def test_a_start_is_kept_and_who_it_restores(
    owner: Connection, daemon: Connection
) -> None:
    ada = await person(owner)
    at = await owner.fetchval(NOW)
    await receive(daemon, entry("STOP", at - HOUR))
    await receive(daemon, entry("START", at))
    found = await since(owner, 3, "event", "source", "words", "subscriber_id")
    assert found == [("opt_in", "start", "START", ada), ("opt_in", "start", "START", None)]


async def test_a_stop_that_comes_after_its_start_is_kept_at_its_own_time(
    owner: Connection, daemon: Connection
) -> None:
    at = await owner.fetchval(NOW)
    await receive(daemon, entry("START", at))
    await receive(daemon, entry("STOP", at - HOUR))
    assert await events(owner, "event", "source", "words", "at") == [
        ("opt_in", "start", "START", at),
        ("opt_out", "stop", "STOP", at - HOUR),
    ]


@pytest.mark.parametrize("source", ["receipt", "ringcentral"])
async def test_what_carriers_and_ringcentral_say_is_kept(
    owner: Connection, daemon: Connection, source: str
) -> None:
    ada = await person(owner)
    await out(daemon, source=source)
    found = await since(owner, 1, "event", "source", "at", "subscriber_id")
    assert found == [("opt_out", source, AT, None), ("opt_out", source, AT, ada)]


async def test_a_number_that_fell_silent_is_kept_once(
    owner: Connection, daemon: Connection
) -> None:
    asked = OptOut(PHONE, AT, "receipt")
    async with daemon.transaction():
        await consent.silence(daemon, asked)
    async with daemon.transaction():
        await consent.opt_out(daemon, asked)
    assert await events(owner) == [("opt_out", "receipt")]


async def test_a_later_stop_is_kept_too(owner: Connection, daemon: Connection) -> None:
    for at in (AT, AT + HOUR, AT):
        await out(daemon, at)
    assert await events(owner, "event", "at") == [("opt_out", AT), ("opt_out", AT + HOUR)]


async def test_what_a_person_decides_is_kept_with_who_and_why(
    owner: Connection, daemon: Connection
) -> None:
    await person(owner)
    await receive(daemon, entry("Cancel?", await owner.fetchval(NOW)))
    text = await owner.fetchval("SELECT id FROM newsletter.sms_inbound_messages")
    await replies.decide(daemon, text, replies.OPT_OUT, "maria, as app_daemon", "She means us")
    found = await since(owner, 1, "event", "source", "words", "decided_by", "why")
    said = ("opt_out", "person", "Cancel?", "maria, as app_daemon", "She means us")
    assert found == [said, said]


async def test_what_the_application_adds_is_kept(owner: Connection, app: Connection) -> None:
    await app.execute(
        "INSERT INTO newsletter.subscribers (phone, sms_subscribed, sms_unsubscribed_at, is_deleted) VALUES"
        " ('(916) 555-0100', true, NULL, false), ('9165550101', false, $1, false),"
        " ('9165550102', false, NULL, false), (NULL, true, NULL, false), ('call me', true, NULL, false),"
        " ('9165550103', true, NULL, true), ('9165550104', true, $1, true)",
        AT,
    )
    assert sorted(await events(owner, "phone", "event", "source", "recorded_by")) == [
        (PHONE, "opt_in", "application", "app_host"),
        (OTHER, "opt_out", "application", "app_host"),
        ("+19165550104", "opt_out", "application", "app_host"),
    ]
    assert (
        await owner.fetchval("SELECT at FROM newsletter.consent_events WHERE phone = $1", OTHER)
        == AT
    ), "as the application says"


async def test_an_upsert_is_kept_as_what_it_did(owner: Connection, app: Connection) -> None:
    ada = await person(owner, subscribed=False)
    await app.execute(
        "INSERT INTO newsletter.subscribers (id, phone, sms_subscribed) VALUES ($1, '9165550100', true),"
        " (gen_random_uuid(), '9165550101', true) ON CONFLICT (id) DO UPDATE SET sms_subscribed = true",
        ada,
    )
    assert sorted(await events(owner, "phone", "event")) == [
        (PHONE, "opt_in"), (OTHER, "opt_in"),
    ]  # fmt: skip


async def test_the_applications_orm_is_followed(owner: Connection, database: str) -> None:
    """It writes every column that changed, and deletes one by one."""
    dsn = database.replace("owner@", "app_host@")
    async with engine(dsn) as host, AsyncSession(host) as session:
        await session.connection(execution_options=in_newsletter)
        ada = Subscriber(phone="916-555-0100", sms_subscribed=True, email="ada@example.com")
        session.add(ada)
        await session.flush()
        ada.sms_subscribed, ada.sms_unsubscribed_at = False, AT
        await session.flush()
        ada.sms_subscribed, ada.sms_unsubscribed_at = True, None
        await session.flush()
        ada.phone = "916-555-0101"
        await session.flush()
        await session.delete(ada)
        await session.commit()
    assert await events(owner, "phone", "event", "why") == [
        (PHONE, "opt_in", None),
        (PHONE, "opt_out", None),
        (PHONE, "opt_in", None),
        (PHONE, "removed", "number changed"),
        (OTHER, "opt_in", "number changed"),
        (OTHER, "removed", "person deleted"),
    ]
    assert {who for (who,) in await events(owner, "recorded_by")} == {"app_host"}


async def test_the_orms_bulk_statements_are_followed(owner: Connection, database: str) -> None:
    dsn = database.replace("owner@", "app_host@")
    async with engine(dsn) as host, host.begin() as raw:
        conn = await raw.execution_options(**in_newsletter)
        rows = [
            {"phone": phone, "sms_subscribed": True, "id": UUID(int=n)}
            for n, phone in enumerate((PHONE, OTHER))
        ]
        await conn.execute(insert(Subscriber), rows)
        await conn.execute(update(Subscriber).values(sms_subscribed=False))
        assert len((await conn.execute(select(Subscriber.id))).all()) == 2
        await conn.execute(delete(Subscriber))
    assert [event for (event,) in await events(owner, "event")] == [
        *["opt_in"] * 2, *["opt_out"] * 2, *["removed"] * 2,
    ]  # fmt: skip


UNCHANGED = "SET first_name = 'Ada', last_sms_sent_at = now(), sms_subscribed = sms_subscribed, phone = phone"


@pytest.mark.parametrize(
    ("start", "change", "expected"),
    [
        ("true, NULL, false", UNCHANGED, []),
        ("true, NULL, false", "SET phone = '(916) 555-0100'", []),
        ("true, NULL, false", "SET sms_subscribed = false", [(PHONE, "opt_out", None)]),
        ("true, NULL, false", "SET sms_unsubscribed_at = now()", [(PHONE, "opt_out", None)]),
        ("true, NULL, false", "SET is_deleted = true", [(PHONE, "removed", "person deleted")]),
        (
            "true, NULL, false",
            "SET is_deleted = true, sms_subscribed = false, sms_unsubscribed_at = now()",
            [(PHONE, "removed", "person deleted"), (PHONE, "opt_out", "person deleted")],
        ),
        ("true, NULL, true", "SET is_deleted = false", [(PHONE, "opt_in", "person restored")]),
        ("false, now(), true", "SET is_deleted = false", [(PHONE, "opt_out", "person restored")]),
        ("true, NULL, false", "SET phone = NULL", [(PHONE, "removed", "number changed")]),
        (
            "true, NULL, false",
            "SET phone = '9165550101'",
            [(PHONE, "removed", "number changed"), (OTHER, "opt_in", "number changed")],
        ),
        (
            "false, '2026-01-05', false",
            "SET phone = '9165550101'",
            [
                (PHONE, "opt_out", None),  # the suppression of the old number
                (PHONE, "removed", "number changed"),
                (OTHER, "opt_out", "number changed"),
            ],
        ),
        ("false, now(), false", "SET sms_unsubscribed_at = NULL", [(PHONE, "released", "opt-out cleared")]),
        ("false, now(), false", "SET sms_subscribed = true", []),
        (
            "false, now(), false",
            "SET sms_subscribed = true, sms_unsubscribed_at = NULL",
            [(PHONE, "opt_in", None)],
        ),
        ("false, '2026-01-05', false", "SET sms_unsubscribed_at = '2026-01-06'", [(PHONE, "opt_out", None)]),
        ("false, NULL, false", "SET phone = '9165550101'", []),
        ("false, NULL, false", "SET is_deleted = true", []),
    ],
)  # fmt: skip
async def test_each_change_of_a_person(
    owner: Connection, app: Connection, start: str, change: str, expected: list[object]
) -> None:
    await owner.execute(
        f"INSERT INTO newsletter.subscribers (phone, sms_subscribed, sms_unsubscribed_at, is_deleted) VALUES ('{PHONE}', {start})"
    )
    before = len(await events(owner))
    await app.execute("UPDATE newsletter.subscribers " + change)
    assert await since(owner, before, "phone", "event", "why") == expected


async def test_an_application_that_allows_null(owner: Connection, app: Connection) -> None:
    """An adopted table may: only what is plainly true is a consent, and nothing is refused."""
    await owner.execute(
        "ALTER TABLE newsletter.subscribers ALTER sms_subscribed DROP NOT NULL, ALTER is_deleted DROP NOT NULL"
    )
    await app.execute(
        "INSERT INTO newsletter.subscribers (phone, sms_subscribed, is_deleted) VALUES ($1, true, NULL), ($2, NULL, NULL)",
        PHONE,
        OTHER,
    )
    await app.execute("UPDATE newsletter.subscribers SET sms_subscribed = NULL")
    await app.execute("UPDATE newsletter.subscribers SET sms_subscribed = true")
    await app.execute("DELETE FROM newsletter.subscribers")
    for phone in (PHONE, OTHER):
        found = [e for p, e in await events(owner, "phone", "event") if p == phone]
        assert found == (["opt_in", "opt_out"] if phone == PHONE else []) + [
            "opt_in",
            "removed",
        ]


async def test_who_is_deleted_without_a_word_leaves_none(
    owner: Connection, app: Connection
) -> None:
    await person(owner, subscribed=False)
    await person(owner, phone=None)
    await app.execute("DELETE FROM newsletter.subscribers")
    assert await events(owner) == []


async def test_an_application_in_a_transaction_that_it_undoes(
    owner: Connection, app: Connection
) -> None:
    undone = app.transaction()
    await undone.start()
    await person(app)
    await undone.rollback()
    assert await events(owner) == []


async def test_other_suppressions_are_kept_with_reason_and_end(
    owner: Connection, daemon: Connection
) -> None:
    await daemon.execute(
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source, since, until) VALUES ($1, 'landline', 'receipt', $2, $3)",
        PHONE,
        AT,
        AT + 2 * HOUR,
    )
    await daemon.execute("UPDATE newsletter.sms_suppressions SET until = $1", AT + HOUR)
    await daemon.execute("UPDATE newsletter.sms_suppressions SET before = '[]', until = until")
    await daemon.execute("UPDATE newsletter.sms_suppressions SET lifted_at = $1", AT + HOUR)
    await daemon.execute("UPDATE newsletter.sms_suppressions SET until = NULL")
    found = await events(owner, "event", "source", "why", "at")
    assert found == [
        ("suppressed", "receipt", "landline", AT),
        ("suppressed", "receipt", "landline", AT),
        ("released", "application", "landline", AT + HOUR),
    ]
    ends = [json.loads(proof).get("until") for (proof,) in await events(owner, "proof")]
    assert [end and datetime.fromisoformat(end) for end in ends] == [
        AT + 2 * HOUR,
        AT + HOUR,
        None,
    ]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM newsletter.sms_suppressions", ["opt_out", "removed"]),
        ("UPDATE newsletter.sms_suppressions SET phone = '+19165550101'", ["opt_out", "removed", "opt_out"]),
        ("UPDATE newsletter.sms_suppressions SET reason = 'other'", ["opt_out", "removed", "suppressed"]),
    ],
)  # fmt: skip
async def test_an_opt_out_that_somebody_takes_away_by_hand(
    owner: Connection, statement: str, expected: list[str]
) -> None:
    await out(owner)
    await owner.execute(statement)
    assert [event for (event,) in await events(owner, "event")] == expected


async def test_the_application_is_not_believed_to_be_the_person(
    owner: Connection, app: Connection
) -> None:
    """What it says of itself is kept; that a text of theirs said so, only the dispatcher can know."""
    await receive(owner, entry("Thanks!", await owner.fetchval(NOW)))
    text = await owner.fetchval("SELECT id FROM newsletter.sms_inbound_messages")
    for source in ("start", "web form"):
        async with app.transaction():
            await said(app, source, "crm", "asked at the counter", text)
            await app.execute(
                "INSERT INTO newsletter.subscribers (phone, sms_subscribed) VALUES ($1, true)",
                PHONE,
            )
    assert await events(owner, "source", "decided_by", "why", "words", "inbound_id") == [
        ("application", "crm", "asked at the counter", None, None),
        ("web form", "crm", "asked at the counter", None, None),
    ]


async def test_what_was_said_ends_with_its_transaction(
    owner: Connection, app: Connection
) -> None:
    async with app.transaction():
        await said(app, "web form", "crm", "asked")
    await person(app)
    assert await events(owner, "source", "decided_by", "why") == [("application", None, None)]


UPSERT = """
INSERT INTO newsletter.consent_events (id, phone, event, at, source) OVERRIDING SYSTEM VALUE
SELECT id, phone, event, at, source FROM newsletter.consent_events ON CONFLICT (id) DO UPDATE SET why = 'x'
"""
REFUSALS: dict[str, type[asyncpg.PostgresError]] = {
    "owner": asyncpg.RestrictViolationError,
    "app_daemon": asyncpg.InsufficientPrivilegeError,
    "app_host": asyncpg.InsufficientPrivilegeError,
}
EVIDENCE = "INSERT INTO newsletter.consent_events (phone, event, at, source, words) VALUES ($1, $2, now(), 'web form', 'I agree')"


@pytest.mark.parametrize("role", ["app_daemon", "app_host", "owner"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE newsletter.consent_events SET why = 'x'",
        "DELETE FROM newsletter.consent_events",
        "TRUNCATE newsletter.consent_events",
        UPSERT,
        "MERGE INTO newsletter.consent_events e USING (VALUES (1)) v ON true WHEN MATCHED THEN DELETE",
    ],
)
async def test_nobody_rewrites_it(
    owner: Connection, database: str, role: str, statement: str
) -> None:
    await person(owner)
    async with connected(database.replace("owner@", f"{role}@")) as conn:
        with pytest.raises(REFUSALS[role]):
            await conn.execute(statement)
    assert len(await events(owner)) == 1


@pytest.mark.parametrize("role", ["app_daemon", "app_host"])
async def test_what_others_may_add_is_proof_signed_with_their_role(
    owner: Connection, database: str, role: str
) -> None:
    async with connected(database.replace("owner@", f"{role}@")) as conn:
        await conn.execute(EVIDENCE, PHONE, "evidence")
        for event in ("opt_in", "opt_out", "suppressed", "released", "removed"):
            with pytest.raises(
                asyncpg.RestrictViolationError, match="is written by the tables' own triggers"
            ):
                await conn.execute(EVIDENCE, PHONE, event)
        for column in ("id", "recorded_at", "recorded_by"):
            value = "default" if column == "id" else "now()"
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(
                    f"INSERT INTO newsletter.consent_events (phone, event, at, source, {column})"
                    f" VALUES ('{PHONE}', 'evidence', now(), 'x', {value})"
                )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("ALTER TABLE newsletter.consent_events DISABLE TRIGGER ALL")
    assert await events(owner, "event", "recorded_by") == [("evidence", role)]


@pytest.mark.parametrize("role", ["app_daemon", "app_host"])
async def test_a_trigger_of_ones_own_forges_nothing(
    owner: Connection, database: str, role: str
) -> None:
    async with connected(database.replace("owner@", f"{role}@")) as conn:
        await conn.execute(
            "CREATE TEMPORARY TABLE mine (); CREATE FUNCTION pg_temp.forge() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN INSERT INTO newsletter.consent_events (phone, event, at, source)"
            f" VALUES ('{PHONE}', 'opt_in', now(), 'start'); RETURN NULL; END $$;"
            "CREATE TRIGGER forge AFTER INSERT ON mine FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.forge()"
        )
        with pytest.raises(
            asyncpg.RestrictViolationError, match="is written by the tables' own triggers"
        ):
            await conn.execute("INSERT INTO mine DEFAULT VALUES")
        for function in ("record_people", "record_changes", "record_suppression"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(
                    f"CREATE TRIGGER t AFTER INSERT ON mine FOR EACH STATEMENT EXECUTE FUNCTION newsletter.{function}()"
                )
    assert await events(owner) == []


async def test_no_trigger_compiles(owner: Connection) -> None:
    """What a function forbids looks so dear that each of its statements would be compiled."""
    forbid = "array_to_string(proconfig, ' ') LIKE '%enable\\_%'"
    found = await owner.fetch(f"SELECT proname, proconfig FROM pg_proc WHERE {forbid}")
    assert [r["proname"] for r in found if "jit=off" not in r["proconfig"]] == []
    assert found


async def test_many_people_are_recorded_in_one_go(owner: Connection, app: Connection) -> None:
    """Triggers that run once for each statement, with no plan that one person made."""
    ours = await owner.fetch(
        "SELECT tgname, tgtype & 1 = 1 AS each_row FROM pg_trigger"
        " WHERE tgrelid = 'newsletter.subscribers'::regclass AND tgname LIKE 'record%'"
    )
    assert sorted(tuple(r) for r in ours) == [
        ("record_changes", False),
        ("record_deletions", False),
        ("record_people", False),
    ]
    settings = await owner.fetchval(
        "SELECT proconfig FROM pg_proc WHERE proname = 'record_changes'"
    )
    assert {"enable_seqscan=off", "enable_nestloop=off"} <= set(settings)
    await person(app)
    for n in range(7):  # a plan is kept after five
        await app.execute(f"UPDATE newsletter.subscribers SET sms_subscribed = {n % 2 == 1}")
    await app.execute("DELETE FROM newsletter.subscribers")
    before = len(await events(owner, "event"))
    await app.execute(
        "INSERT INTO newsletter.subscribers (phone, sms_subscribed)"
        " SELECT '+1916555' || lpad((100 + i % 100)::text, 4, '0'), true FROM generate_series(0, 4999) i"
    )
    await app.execute("UPDATE newsletter.subscribers SET sms_subscribed = false")
    assert len(await events(owner, "event")) == before + 10_000


async def test_a_person_who_gets_another_key(owner: Connection, app: Connection) -> None:
    ada = await person(owner)
    await app.execute("UPDATE newsletter.subscribers SET id = $1", UUID(int=1))
    assert await events(owner, "event", "subscriber_id") == [
        ("opt_in", ada),
        ("removed", ada),
        ("opt_in", UUID(int=1)),
    ]


async def test_settling_a_text_is_no_change_of_consent(
    owner: Connection, daemon: Connection
) -> None:
    await person(owner)
    await daemon.execute(
        "UPDATE newsletter.subscribers SET last_sms_sent_at = now(), sms_response_count = 1, updated_at = now()"
    )
    assert len(await events(owner)) == 1


async def test_what_stood_there_before_is_written_down_once(owner: Connection) -> None:
    """As the migration does that brings the table, with all the words that are still known."""
    ada, _ = await person(owner), await person(owner, subscribed=False)
    bob = await person(owner, opted_out=True)
    await owner.execute(
        "UPDATE newsletter.subscribers SET is_deleted = true WHERE id = $1", bob
    )
    at = await owner.fetchval(NOW)
    for phone, said_so in ((OTHER, ["STOP"]), ("+19165550102", ["STOP", "START"])):
        for n, word in enumerate(said_so):
            await receive(owner, entry(word, at - HOUR + n * HOUR / 2, phone=phone))
    await receive(owner, entry("START", at, phone="+19165550103"))
    await owner.execute(
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source) VALUES ('+19165550104', 'landline', 'receipt');"
        "ALTER TABLE newsletter.consent_events DISABLE TRIGGER USER; TRUNCATE newsletter.consent_events"
    )
    _, _, found = FILE.read_text("utf-8").partition(
        "-- What stands there when evidence begins."
    )
    await owner.execute("--" + found)
    assert sorted(await events(owner, "phone", "event", "source", "words", "why"), key=str) == [
        (PHONE, "opt_in", "found", None, None),
        (PHONE, "opt_out", "found", None, None),
        (OTHER, "opt_out", "stop", "STOP", None),
        ("+19165550102", "opt_in", "start", "START", None),
        ("+19165550102", "opt_out", "stop", "STOP", None),
        ("+19165550103", "opt_in", "start", "START", None),
        ("+19165550104", "suppressed", "receipt", None, "landline"),
    ]
    (proof,) = [p for who, p in await events(owner, "subscriber_id", "proof") if who == ada]
    assert "subscribed_at" in json.loads(proof)
