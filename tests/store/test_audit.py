"""The audit finds what the audit document found, before and after the migration, and writes nothing."""

from collections.abc import Collection

import pytest
from support import host, picture
from support.host import connected
from support.migrate import migrate
from support.queue import campaign, person, text

from dispatcher.core.finding import CHECKS, Finding, Severity
from dispatcher.store import audit, migrations
from dispatcher.store.database import Connection, connection


async def look(dsn: str) -> list[Finding]:
    async with connection(dsn) as conn:
        return await audit.look(conn)


def codes(findings: Collection[Finding]) -> set[tuple[str, str]]:
    """Code and object of everything that is not merely worth knowing."""
    return {(f.code, f.object) for f in findings if f.severity is not Severity.INFO}


async def test_an_empty_database_lacks_everything_until_it_is_migrated(
    empty_database: str,
) -> None:
    before = codes(await look(empty_database))
    assert ("table_missing", "newsletter.sms_send_queue") in before
    assert ("migration_missing", "newsletter") in before
    await migrate(empty_database)
    assert codes(await look(empty_database)) == set()


async def test_the_muddle_is_found_before_and_mended_by_migrate(empty_database: str) -> None:
    await host.legacy(empty_database)
    await host.run(empty_database, "neighbours.sql")
    before = codes(await look(empty_database))
    assert before == {
        ("migration_missing", "newsletter"),
        *(
            ("table_misplaced", f"lead.{t}")
            for t in ("campaigns", "subscribers", "campaign_events", "sms_delivery_events")
        ),
        *(
            ("table_missing", f"newsletter.{t}")
            for t in ("sms_templates", "campaign_budgets", "sms_send_queue")
        ),
        ("foreign_key_missing", "identity.station_users.user_id"),
        ("foreign_key_missing", "support.audit_logs.user_id"),
        ("foreign_key_missing", "bookings.booking_reminders.booking_id"),
        ("foreign_key_misdirected", "public.catering_payments.booking_id"),
        ("consent_contradiction", "lead.subscribers"),
        ("consent_disagreement", "lead.subscribers"),
        ("consent_of_bookings", "core.bookings"),
        ("person_without_number", "lead.subscribers"),
        ("delivery_event_without_campaign", "lead.sms_delivery_events"),
    }
    await migrate(empty_database, "repair_host")
    assert codes(await look(empty_database)) == {
        ("campaign_without_budget", "newsletter.campaigns"),
        ("foreign_key_unvalidated", "support.audit_logs"),
        ("consent_contradiction", "newsletter.subscribers"),
        ("consent_disagreement", "newsletter.subscribers"),
        ("consent_of_bookings", "core.bookings"),
        ("person_without_number", "newsletter.subscribers"),
        ("delivery_event_without_campaign", "newsletter.sms_delivery_events"),
    }


async def test_it_never_writes(empty_database: str) -> None:
    await host.legacy(empty_database)
    await host.run(empty_database, "neighbours.sql")
    async with connected(empty_database) as conn:
        before = await picture.take(conn)
        await look(empty_database)
        assert await picture.take(conn) == before


async def test_it_reads_in_a_read_only_snapshot(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str]] = []

    async def spy(conn: Connection) -> list[Finding]:
        seen.append(
            (
                await conn.fetchval("SHOW transaction_read_only"),
                await conn.fetchval("SHOW transaction_isolation"),
            )
        )
        return []

    monkeypatch.setattr(audit, "_migrations", spy)
    await look(database)
    assert seen == [("on", "repeatable read")]


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (
            "ALTER TABLE newsletter.sms_send_queue DROP CONSTRAINT sms_send_queue_campaign_id_fkey",
            ("foreign_key_missing", "newsletter.sms_send_queue.campaign_id"),
        ),
        (
            "ALTER TABLE newsletter.sms_send_queue RENAME TO queue",
            ("table_missing", "newsletter.sms_send_queue"),
        ),
        (
            "ALTER TABLE newsletter.subscribers DROP COLUMN timezone",
            ("columns_missing", "newsletter.subscribers"),
        ),
        (
            "CREATE SCHEMA lead; CREATE TABLE lead.campaigns ()",
            ("table_doubled", "newsletter.campaigns"),
        ),
        (
            "ALTER TYPE public.campaign_status RENAME VALUE 'SENDING' TO 'sending'",
            ("enum_labels", "newsletter.campaigns.status"),
        ),
        (
            "CREATE TABLE t (c uuid); ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (c) REFERENCES newsletter.campaigns NOT VALID",
            ("foreign_key_unvalidated", "t"),
        ),
        (
            "CREATE SCHEMA newsletter_set_aside; CREATE TABLE newsletter_set_aside.s (id int PRIMARY KEY); CREATE TABLE t (c int REFERENCES newsletter_set_aside.s)",
            ("foreign_key_to_set_aside", "t"),
        ),
        (
            "CREATE TABLE alembic_version (version_num varchar(32)); INSERT INTO alembic_version VALUES ('010'), ('016')",
            ("alembic_heads", "alembic_version"),
        ),
        (
            "CREATE TABLE businesses (); CREATE SCHEMA lead; CREATE TABLE lead.businesses ()",
            ("businesses_doubled", "businesses"),
        ),
        (
            "DELETE FROM newsletter.dispatcher_migrations WHERE number = 10",
            ("migration_missing", "newsletter"),
        ),
        (
            "UPDATE newsletter.dispatcher_migrations SET checksum = 'x' WHERE number = 3",
            ("migration_history", "newsletter"),
        ),
    ],
)
async def test_what_is_wrong_with_the_structure_is_found(
    database: str, owner: Connection, made: str, found: tuple[str, str]
) -> None:
    await owner.execute(made)
    assert found in codes(await look(database))


async def test_waiting_rows_are_looked_at_the_finished_are_not(
    database: str, owner: Connection
) -> None:
    spring = await campaign(owner, budget=100)
    ada = await person(owner)
    for status in ("sent", "failed"):
        await text(owner, campaign=spring, phone="call me", status=status)
    await text(owner, campaign=spring, person=ada, content="one")
    assert codes(await look(database)) == set()
    await text(owner, campaign=spring, phone="call me")
    await text(owner, campaign=spring, phone="(916) 555-0100", content="one")
    findings = await look(database)
    assert codes(findings) == {
        ("text_without_number", "newsletter.sms_send_queue"),
        ("text_pending_twice", "newsletter.sms_send_queue"),
    }
    assert all("1 " in f.problem for f in findings if f.severity is Severity.WARNING)


async def test_the_same_text_for_another_campaign_or_person_is_no_double(
    database: str, owner: Connection
) -> None:
    spring, autumn = await campaign(owner, budget=100), await campaign(owner, budget=100)
    await text(owner, campaign=spring)
    await text(owner, campaign=autumn)
    await text(owner, campaign=spring, phone="+19165550101")
    await text(owner, campaign=spring, content="Other")
    assert codes(await look(database)) == set()


@pytest.mark.parametrize(
    ("columns", "stuck"),
    [
        ({}, True),
        ({"claimed_by": 1}, False),
        ({"unknown_at": True}, False),
    ],
)
async def test_a_row_in_sending_that_nobody_holds_is_stuck(
    database: str, owner: Connection, columns: dict[str, object], *, stuck: bool
) -> None:
    await text(owner, status="sending", **columns)  # type: ignore[arg-type]  # a row of the table above
    assert (
        ("text_stuck_in_sending", "newsletter.sms_send_queue") in codes(await look(database))
    ) is stuck


async def test_rows_of_the_audits_tables_are_looked_at_before_the_migration(
    empty_database: str,
) -> None:
    await host.legacy(empty_database, schema="newsletter")
    await host.run(empty_database, "audit_tables.sql")
    await host.run(empty_database, "audit_rows.sql")
    found = codes(await look(empty_database))
    assert {c for c, o in found if o == "newsletter.sms_send_queue"} == {
        "text_without_number",
        "text_pending_twice",
        "text_stuck_in_sending",
    }
    assert ("campaign_without_budget", "newsletter.campaigns") in found


async def test_a_double_is_found_beside_another_countrys_number(
    database: str, owner: Connection
) -> None:
    for phone in ("+449165550100", "+19165550100", "9165550100"):
        await text(owner, phone=phone)
    (finding,) = (f for f in await look(database) if f.code == "text_pending_twice")
    assert finding.problem.startswith("1 texts")


async def test_two_numbers_with_the_same_end_are_no_double(
    database: str, owner: Connection
) -> None:
    for phone in ("+449165550100", "+19165550100"):
        await text(owner, phone=phone)
    assert "text_pending_twice" not in {f.code for f in await look(database)}


async def test_people_of_one_number_who_agree_are_no_finding(
    database: str, owner: Connection
) -> None:
    for phone in ("+19165550100", "(916) 555-0100"):
        await person(owner, phone=phone)
    await person(owner, phone="+449165550100", subscribed=False)
    assert codes(await look(database)) == {("person_without_number", "newsletter.subscribers")}


async def test_what_other_applications_may_lack_is_only_told(
    database: str, owner: Connection
) -> None:
    missing = {f.object for f in await look(database) if f.code == "neighbour_missing"}
    assert {
        "public.catering_payments",
        "core.bookings",
        "communications.call_recordings",
    } <= missing
    await owner.execute(
        "CREATE SCHEMA communications; CREATE TABLE communications.call_recordings ()"
    )
    assert "communications.call_recordings" not in {f.object for f in await look(database)}


async def test_a_campaign_that_nobody_here_sends_is_told(
    database: str, owner: Connection
) -> None:
    await campaign(owner, budget=1)
    await owner.execute("UPDATE newsletter.campaigns SET channel = 'EMAIL'")
    assert "campaign_not_sms" in {f.code for f in await look(database)}


async def test_one_table_that_may_not_be_read_does_not_blind_the_audit(database: str) -> None:
    await host.run(database, "neighbours.sql")
    found = await look(database.replace("owner@", "app_daemon@"))
    assert ("table_unreadable", "core.bookings") in {(f.code, f.object) for f in found}


async def test_a_remedy_can_be_pasted(database: str, owner: Connection) -> None:
    await owner.execute(
        'CREATE TABLE "My Table" (c uuid); ALTER TABLE "My Table" ADD CONSTRAINT "My Key" FOREIGN KEY (c)'
        " REFERENCES newsletter.campaigns NOT VALID"
    )
    (remedy,) = (f.remedy for f in await look(database) if f.code == "foreign_key_unvalidated")
    await owner.execute(remedy.partition(", then ")[2])
    assert codes(await look(database)) == set()


async def test_a_campaign_without_limit_is_told_but_no_fault(
    database: str, owner: Connection
) -> None:
    await campaign(owner, budget=0)
    assert codes(await look(database)) == set()
    assert "campaign_unlimited" in {f.code for f in await look(database)}


async def test_every_finding_says_what_mends_it(empty_database: str) -> None:
    await host.legacy(empty_database)
    await host.run(empty_database, "neighbours.sql")
    for finding in await look(empty_database):
        assert finding.remedy
        assert "{" not in finding.problem + finding.remedy
        assert finding.problem.endswith(".")


async def test_the_listing_shows_every_key_once_with_its_columns(
    database: str, owner: Connection
) -> None:
    await owner.execute(
        "CREATE TABLE pair (a int, b int, PRIMARY KEY (a, b)); CREATE TABLE child (x int, y int,"
        " CONSTRAINT two FOREIGN KEY (y, x) REFERENCES pair (a, b))"
    )
    async with connection(database) as conn:
        keys = {k.name: k for k in await audit.foreign_keys(conn)}
    assert (keys["two"].columns, keys["two"].target_columns) == (("y", "x"), ("a", "b"))
    assert keys["sms_send_queue_campaign_id_fkey"].target == "newsletter.campaigns"
    assert len(keys) == 8


async def test_every_query_fits_the_migrated_schema(owner: Connection) -> None:
    for code, query in audit.SQL.items():
        if code in CHECKS:
            columns = [a.name for a in (await owner.prepare(query)).get_attributes()]
            assert columns == ["object", "n", "examples"]
        elif code != "settings":
            await owner.prepare(query)


async def test_every_check_has_a_query_and_every_query_is_used(owner: Connection) -> None:
    dynamic = {"alembic_heads", "consent_of_bookings"}
    assert set(CHECKS) - dynamic <= set(audit.SQL)
    for name, query in migrations.SQL.items():
        if name in {"is_recorded", "applied", "record"}:
            await owner.prepare(query)
