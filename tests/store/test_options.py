"""What `migrate` does beside the files: old names, other applications' keys, and rights."""

import asyncpg
import pytest
from support import host, picture
from support.host import connected
from support.migrate import migrate
from support.queue import text

from dispatcher.core.migration import MigrationError
from dispatcher.store import migrations
from dispatcher.store.database import Connection, connection

KEYS = (
    "SELECT conrelid::regclass::text || ' -> ' || confrelid::regclass::text AS key, convalidated"
    " FROM pg_constraint WHERE contype = 'f' AND connamespace <> 'newsletter'::regnamespace"
)


async def keys(dsn: str) -> dict[str, bool]:
    async with connected(dsn) as conn:
        return {r["key"]: r["convalidated"] for r in await conn.fetch(KEYS)}


async def test_the_old_names_stay_readable_and_writable(empty_database: str) -> None:
    await host.legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute(
            "GRANT USAGE ON SCHEMA lead TO app_host; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL"
            " TABLES IN SCHEMA lead TO app_host"
        )
        columns = {
            k.partition(".")[2]: list(v.columns) for k, v in (await picture.take(conn)).items()
        }
    await migrate(empty_database, "compat_views")
    async with connected(empty_database.replace("owner@", "app_host@")) as app:
        for table, names in columns.items():
            row = await app.fetchrow(f"SELECT * FROM lead.{table} LIMIT 1")
            assert row
            assert list(row.keys()) == names
        made = await app.fetchrow(
            "INSERT INTO lead.campaigns (name, channel, content) VALUES ('n', 'SMS', 'x') RETURNING *"
        )
        assert made
        assert made["status"] == "DRAFT"
        assert (
            await app.execute("UPDATE lead.campaigns SET name = 'm' WHERE id = $1", made["id"])
            == "UPDATE 1"
        )
        assert (
            await app.execute("DELETE FROM lead.campaigns WHERE id = $1", made["id"])
            == "DELETE 1"
        )


async def test_a_view_lends_nobody_the_rights_of_its_owner(
    database: str, owner: Connection
) -> None:
    await migrate(database, "compat_views")
    await owner.execute(
        "GRANT USAGE ON SCHEMA lead TO app_daemon; GRANT DELETE, SELECT ON lead.subscribers TO app_daemon"
    )
    async with connected(database.replace("owner@", "app_daemon@")) as daemon:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await daemon.execute("DELETE FROM lead.subscribers")


async def test_the_views_are_made_once_and_granted_later_too(database: str) -> None:
    assert len(await migrate(database, "compat_views")) == 4
    assert await migrate(database, "compat_views") == []
    await migrate(database, "grant_host")
    async with connected(database.replace("owner@", "app_host@")) as app:
        await app.execute("INSERT INTO lead.subscribers (phone) VALUES ('+19165550100')")


async def test_the_audits_keys_are_mended_and_orphans_reported(database: str) -> None:
    await host.run(database, "neighbours.sql")
    said = await migrate(database, "repair_host")
    assert await keys(database) == {
        "identity.station_users -> identity.users": True,
        "support.audit_logs -> identity.users": False,
        "bookings.booking_reminders -> core.bookings": True,
        "catering_payments -> core.bookings": True,
        "payment_notifications -> core.bookings": True,
    }
    (orphans,) = (line for line in said if line.startswith("5 rows of support.audit_logs"))
    assert orphans.count("-") >= 12, "a few ids are shown"


async def test_the_second_repair_does_nothing_but_report(database: str) -> None:
    await host.run(database, "neighbours.sql")
    await migrate(database, "repair_host")
    async with connected(database) as conn:
        before = await picture.take(conn)
        said = await migrate(database, "repair_host")
        assert await picture.take(conn) == before
    assert [line.partition(" have")[0] for line in said] == ["5 rows of support.audit_logs"]


async def test_a_key_is_validated_once_its_orphans_are_gone(
    database: str, owner: Connection
) -> None:
    await host.run(database, "neighbours.sql")
    await migrate(database, "repair_host")
    await owner.execute("UPDATE support.audit_logs SET user_id = NULL WHERE id > 995")
    await migrate(database, "repair_host")
    assert all((await keys(database)).values())


async def test_a_key_that_cannot_be_is_left_alone(database: str, owner: Connection) -> None:
    await owner.execute(
        "CREATE SCHEMA identity; CREATE TABLE identity.users (id int PRIMARY KEY);"
        "CREATE TABLE identity.station_users (user_id uuid)"
    )
    said = await migrate(database, "repair_host")
    assert said[0].startswith("identity.station_users.user_id was left alone")
    assert await keys(database) == {}


async def test_without_neighbours_there_is_nothing_to_mend(database: str) -> None:
    assert await migrate(database, "repair_host") == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM newsletter.subscribers",
        "DELETE FROM newsletter.campaigns",
        "DELETE FROM newsletter.sms_attempts",
        "DELETE FROM newsletter.sms_send_queue",
        "UPDATE newsletter.sms_send_queue SET message_content = 'x'",
        "UPDATE newsletter.sms_send_queue SET scheduled_at = now()",
        "UPDATE newsletter.campaign_budgets SET budget_cents = 0",
        "UPDATE newsletter.subscribers SET phone = 'x'",
        "UPDATE newsletter.sms_attempts SET cents_reserved = 0",
        "INSERT INTO newsletter.subscribers (phone) VALUES ('x')",
        "SELECT email FROM newsletter.subscribers",
        "SELECT FROM newsletter.sms_templates",
        "INSERT INTO newsletter.dispatcher_migrations VALUES (1, 'a', 'b')",
        "CREATE TABLE newsletter.mine ()",
    ],
)
async def test_the_daemon_may_not(daemon: Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await daemon.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE newsletter.sms_send_queue SET fence = fence + 1",
        "UPDATE newsletter.campaign_budgets SET spent_exact = 0",
        "INSERT INTO newsletter.sms_attempts DEFAULT VALUES",
        "DELETE FROM newsletter.sms_suppressions",
        "UPDATE newsletter.alerts SET until = now()",
        "UPDATE newsletter.sms_delivery_events SET attempt_id = 5",
        "INSERT INTO newsletter.campaign_events (attempt_id, campaign_id, event_type) VALUES (1, gen_random_uuid(), 'SENT')",
        "UPDATE newsletter.sms_send_queue SET sender = '+19165550199'",
    ],
)
async def test_the_host_may_not(app: Connection, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT FROM newsletter.sms_send_queue FOR NO KEY UPDATE SKIP LOCKED",
        "UPDATE newsletter.sms_send_queue SET status = 'sending', fence = fence + 1, claimed_by = 1, lease_until = now()",
        "SELECT FROM newsletter.campaign_budgets FOR NO KEY UPDATE",
        "UPDATE newsletter.campaign_budgets SET reserved_exact = reserved_exact",
        "UPDATE newsletter.subscribers SET sms_subscribed = false, sms_unsubscribed_at = now()",
        "UPDATE newsletter.campaigns SET status = 'SENDING', sent_at = now()",
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source) VALUES ('+19165550100', 'opted_out', 'test')",
        "SELECT * FROM newsletter.sms_messages",
    ],
)
async def test_the_daemon_may(daemon: Connection, statement: str) -> None:
    await daemon.execute(statement)


async def test_a_role_that_does_not_exist_is_named(database: str) -> None:
    asked = migrations.Options(extras=("grant_daemon",), roles={"daemon_role": 'a "b'})
    async with connection(database) as conn:
        with pytest.raises(MigrationError, match='role "a "b" does not exist'):
            await migrations.migrate(conn, asked, lambda _: None)


async def test_nobody_but_the_daemon_writes_compliance(app: Connection) -> None:
    """It is the one category that needs no consent."""
    with pytest.raises(asyncpg.CheckViolationError):
        await app.execute(
            "INSERT INTO newsletter.sms_send_queue (phone_number, message_content, category) VALUES ('+19165550100', 'x', 'compliance')"
        )


async def test_a_row_that_was_claimed_once_becomes_no_answer(
    app: Connection, owner: Connection
) -> None:
    """It has a sender by then; an answer also names the text that it answers."""
    await text(owner)
    await owner.execute("UPDATE newsletter.sms_send_queue SET sender = '+16505550100'")
    with pytest.raises(asyncpg.CheckViolationError):
        await app.execute("UPDATE newsletter.sms_send_queue SET category = 'compliance'")


@pytest.mark.parametrize("extra", ["grant_daemon", "grant_host"])
async def test_public_is_not_a_role(database: str, extra: str) -> None:
    asked = migrations.Options(
        extras=(extra,), roles={"daemon_role": "public", "host_role": "public"}
    )
    async with connection(database) as conn:
        with pytest.raises(MigrationError, match="public is everybody"):
            await migrations.migrate(conn, asked, lambda _: None)


async def test_a_partitioned_table_gets_its_key_once_its_orphans_are_gone(
    database: str, owner: Connection
) -> None:
    await owner.execute(
        "CREATE SCHEMA identity; CREATE SCHEMA support; CREATE TABLE identity.users (id uuid PRIMARY KEY);"
        "CREATE TABLE support.audit_logs (user_id uuid, at date) PARTITION BY RANGE (at);"
        "CREATE TABLE support.logs_25 PARTITION OF support.audit_logs DEFAULT;"
        "INSERT INTO support.audit_logs VALUES (gen_random_uuid(), '2025-01-01')"
    )
    said = await migrate(database, "repair_host")
    assert said[0].startswith("1 rows of support.audit_logs")
    assert await keys(database) == {}
    await owner.execute("DELETE FROM support.audit_logs")
    await migrate(database, "repair_host")
    assert (await keys(database))["support.audit_logs -> identity.users"]


async def test_a_key_gets_another_name_where_the_audits_is_taken(
    database: str, owner: Connection
) -> None:
    await owner.execute(
        "CREATE SCHEMA identity; CREATE TABLE identity.users (id uuid PRIMARY KEY);"
        "CREATE TABLE identity.station_users (user_id uuid CONSTRAINT fk_station_users_user_id CHECK (user_id IS NOT NULL))"
    )
    await migrate(database, "repair_host")
    assert await keys(database) == {"identity.station_users -> identity.users": True}


async def test_a_key_does_not_empty_a_column_that_must_not_be_empty(
    database: str, owner: Connection
) -> None:
    await owner.execute(
        "CREATE SCHEMA identity; CREATE SCHEMA support; CREATE TABLE identity.users (id uuid PRIMARY KEY);"
        "CREATE TABLE support.audit_logs (user_id uuid NOT NULL)"
    )
    await migrate(database, "repair_host")
    deletion = "SELECT confdeltype FROM pg_constraint WHERE conrelid = 'support.audit_logs'::regclass AND contype = 'f'"
    assert await owner.fetchval(deletion) == b"a"
