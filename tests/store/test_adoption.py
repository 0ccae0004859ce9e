"""Every state that a host's database may be in ends in one home, and no row changes or vanishes."""

from collections.abc import Mapping

import asyncpg
import pytest
from support import host, picture
from support.host import connected
from support.host_models import LEGACY
from support.migrate import migrate
from support.picture import TablePicture

from dispatcher.core.host import COLUMNS
from dispatcher.core.migration import MigrationError
from dispatcher.edge.postgres import PrivateServer

AUDIT_TABLES = ("sms_templates", "campaign_budgets", "sms_send_queue")

OLDER = """
    CREATE TYPE campaign_channel_old AS ENUM ('email', 'sms', 'both');
    CREATE TABLE newsletter.campaigns (id serial PRIMARY KEY, channel campaign_channel_old);
    CREATE TABLE newsletter.subscribers (id uuid PRIMARY KEY, phone_encrypted bytea, sms_consent boolean);
    CREATE INDEX ix_older ON newsletter.subscribers (sms_consent);
    CREATE TABLE newsletter.campaign_events (id uuid PRIMARY KEY, campaign_id int REFERENCES newsletter.campaigns);
"""


async def columns_of(dsn: str, schema: str) -> dict[str, list[str]]:
    """The columns that a schema's tables have now: what must not change by a migration."""
    async with connected(dsn) as conn:
        return {
            name.partition(".")[2]: list(table.columns)
            for name, table in (await picture.take(conn)).items()
            if name.startswith(f"{schema}.")
        }


async def photograph(dsn: str, only: Mapping[str, list[str]]) -> dict[str, TablePicture]:
    async with connected(dsn) as conn:
        return await picture.take(conn, only=only)


def assert_kept(before: TablePicture, after: TablePicture) -> None:
    """Rows to the letter; columns, keys and indexes at least as they were (ours may be beside them)."""
    assert (after.rows, after.checksum) == (before.rows, before.checksum)
    assert set(before.shape) <= set(after.shape)
    for name, shape in before.columns.items():
        assert after.columns[name].startswith(shape), name


async def assert_refused(dsn: str, *said: str) -> None:
    """The run is refused in one sentence that says all of *said*, and nothing changed at all."""
    async with connected(dsn) as conn:
        before = await picture.take(conn), await picture.take_rest(conn)
    with pytest.raises(MigrationError) as refused:
        await migrate(dsn)
    for words in said:
        assert words in str(refused.value)
    assert "\n" not in str(refused.value)
    async with connected(dsn) as conn:
        assert (await picture.take(conn), await picture.take_rest(conn)) == before


async def test_an_empty_database_gets_all_tables(empty_database: str) -> None:
    said = await migrate(empty_database)
    assert said[0] == "applied 0001_adopt"
    after = await photograph(empty_database, {})
    assert {f"newsletter.{t}" for t in COLUMNS} <= set(after)
    assert not any(name.startswith("newsletter_set_aside.") for name in after)


async def test_tables_of_lead_are_moved_whole(empty_database: str) -> None:
    await host.legacy(empty_database)
    only = await columns_of(empty_database, "lead")
    before = await photograph(empty_database, only)
    said = await migrate(empty_database)
    after = await photograph(empty_database, only)
    for table in LEGACY:
        assert f"lead.{table}" not in after
        assert before[f"lead.{table}"].rows >= 40
        assert_kept(before[f"lead.{table}"], after[f"newsletter.{table}"])
        assert f"moved lead.{table} to newsletter.{table}" in said
    assert after["newsletter.subscribers"].rows == host.PEOPLE


async def test_a_moved_table_takes_what_other_tables_of_lead_point_at(
    empty_database: str,
) -> None:
    """Lead holds other tables too: they stay, and their keys follow the moved ones."""
    await host.legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute(
            "CREATE TABLE lead.leads (id int PRIMARY KEY, subscriber_id uuid REFERENCES lead.subscribers);"
            "INSERT INTO lead.leads SELECT 1, id FROM lead.subscribers LIMIT 1;"
            "CREATE VIEW lead.consenting AS SELECT id FROM lead.subscribers WHERE sms_subscribed"
        )
    await migrate(empty_database)
    async with connected(empty_database) as conn:
        target = "SELECT confrelid::regclass::text FROM pg_constraint WHERE conrelid = 'lead.leads'::regclass AND contype = 'f'"
        assert await conn.fetchval(target) == "newsletter.subscribers"
        assert await conn.fetchval("SELECT count(*) FROM lead.consenting") > 0


async def test_missing_defaults_are_added_and_the_hosts_stay(empty_database: str) -> None:
    await host.legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute("ALTER TABLE lead.subscribers ALTER language SET DEFAULT 'es'")
    await migrate(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute("SET timezone = 'Pacific/Auckland'")
        row = await conn.fetchrow(
            "INSERT INTO newsletter.subscribers (phone) VALUES ('+19165550100') RETURNING *,"
            " abs(extract(epoch FROM created_at - now() AT TIME ZONE 'UTC')) < 5 AS utc"
        )
        assert row
        assert (row["language"], row["sms_subscribed"], row["utc"]) == ("es", False, True)
        campaign = await conn.fetchrow(
            "INSERT INTO newsletter.campaigns (name, channel, content) VALUES ('c', 'SMS', 'x') RETURNING *"
        )
        assert campaign
        assert (campaign["status"], campaign["is_deleted"]) == ("DRAFT", False)


async def test_some_in_lead_some_already_moved(empty_database: str) -> None:
    await host.legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute(
            "CREATE SCHEMA newsletter; ALTER TABLE lead.campaigns SET SCHEMA newsletter;"
            "ALTER TABLE lead.campaign_events SET SCHEMA newsletter"
        )
    only = await columns_of(empty_database, "lead") | await columns_of(
        empty_database, "newsletter"
    )
    before = await photograph(empty_database, only)
    said = await migrate(empty_database)
    after = await photograph(empty_database, only)
    for name, table in before.items():
        assert_kept(table, after["newsletter." + name.partition(".")[2]])
    assert "moved lead.subscribers to newsletter.subscribers" in said
    assert "moved lead.campaigns to newsletter.campaigns" not in said


async def test_older_empty_tables_are_set_aside_with_their_indexes(empty_database: str) -> None:
    await host.legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute("CREATE SCHEMA newsletter;" + OLDER)
    only = await columns_of(empty_database, "lead")
    before = await photograph(empty_database, {})
    rows = await photograph(empty_database, only)
    await migrate(empty_database)
    after = await photograph(empty_database, {})
    for table in ("campaigns", "subscribers", "campaign_events"):
        older, aside = before[f"newsletter.{table}"], after[f"newsletter_set_aside.{table}"]
        assert set(aside.shape) == set(older.shape)
        assert list(aside.columns) == list(older.columns)
    moved = await photograph(empty_database, only)
    for table in LEGACY:
        assert_kept(rows[f"lead.{table}"], moved[f"newsletter.{table}"])


async def test_an_older_enum_of_the_same_name_goes_with_its_tables(empty_database: str) -> None:
    async with connected(empty_database) as conn:
        await conn.execute(
            "CREATE SCHEMA newsletter; CREATE TYPE campaign_channel AS ENUM ('email', 'sms', 'both');"
            "CREATE TABLE newsletter.campaigns (id int PRIMARY KEY, channel campaign_channel DEFAULT 'both')"
        )
    said = await migrate(empty_database)
    assert "set aside the type public.campaign_channel, which only older tables used" in said
    async with connected(empty_database) as conn:
        labels = "SELECT array_agg(enumlabel::text) FROM pg_enum WHERE enumtypid = 'public.campaign_channel'::regtype"
        assert await conn.fetchval(labels) == ["EMAIL", "SMS", "PUSH", "WHATSAPP"]


async def test_older_tables_with_rows_are_refused_by_name(empty_database: str) -> None:
    await host.legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute(
            "CREATE SCHEMA newsletter;" + OLDER + "INSERT INTO newsletter.campaigns (channel)"
            " SELECT 'both' FROM generate_series(1, 1000);"
            "INSERT INTO newsletter.campaign_events SELECT gen_random_uuid(), 1"
        )
    await assert_refused(
        empty_database,
        "newsletter.campaigns (1000 rows) beside lead.campaigns (40 rows)",
        "newsletter.campaign_events (1 rows)",
        "ALTER TABLE",
    )


async def test_an_older_table_with_rows_is_refused_without_lead_too(
    empty_database: str,
) -> None:
    async with connected(empty_database) as conn:
        await conn.execute(
            "CREATE SCHEMA newsletter; CREATE TABLE newsletter.campaigns (id int);"
            "INSERT INTO newsletter.campaigns SELECT generate_series(1, 1000)"
        )
    await assert_refused(empty_database, "newsletter.campaigns (1000 rows, an older shape)")


async def test_a_renamed_older_table_does_not_keep_the_index_names(empty_database: str) -> None:
    await host.legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute(
            "CREATE SCHEMA newsletter; CREATE TABLE newsletter.campaigns (id uuid PRIMARY KEY);"
            "ALTER TABLE newsletter.campaigns RENAME TO campaigns_2024"
        )
    await migrate(empty_database)
    async with connected(empty_database) as conn:
        key = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = $1::text::regclass AND indisprimary"
        assert await conn.fetchval(key, "newsletter.campaigns") == "newsletter.campaigns_pkey"
        assert (
            await conn.fetchval(key, "newsletter.campaigns_2024")
            == "newsletter.campaigns_pkey_set_aside"
        )


@pytest.mark.parametrize(
    ("obstacle", "said"),
    [
        (
            "CREATE VIEW newsletter.campaigns AS SELECT * FROM lead.campaigns",
            "not a table but in the place of one: newsletter.campaigns",
        ),
        (
            "ALTER TABLE lead.subscribers DROP COLUMN timezone",
            "lead.subscribers has no timezone",
        ),
        (
            "CREATE TABLE newsletter.campaigns (); CREATE SCHEMA newsletter_set_aside; CREATE TABLE newsletter_set_aside.campaigns ()",
            "newsletter_set_aside.campaigns",
        ),
        (
            "CREATE TABLE newsletter.alerts (id int)",
            '0007_ledger failed: relation "alerts" already exists',
        ),
        ("ALTER TABLE lead.campaigns ADD COLUMN category text", "lead.campaigns.category"),
        (
            "DROP TABLE lead.campaign_events; CREATE TABLE lead.campaign_events (id uuid, campaign_id uuid, subscriber_id uuid, event_type text, occurred_at timestamptz, extra_data jsonb) PARTITION BY RANGE (occurred_at)",
            "partitioned tables cannot be adopted: lead.campaign_events",
        ),
        (
            "CREATE TABLE lead.campaign_budgets (campaign_id uuid, budget_cents int, spent_cents int); INSERT INTO lead.campaign_budgets SELECT id, 100, 0 FROM lead.campaigns, generate_series(1, 2)",
            "newsletter.campaign_budgets has no key, and 40 rows",
        ),
    ],
)
async def test_what_cannot_be_adopted_is_refused(
    empty_database: str, obstacle: str, said: str
) -> None:
    await host.legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute("CREATE SCHEMA newsletter;" + obstacle)
    await assert_refused(empty_database, said)


async def test_the_audits_tables_as_written_are_kept(empty_database: str) -> None:
    """Rows in every status, the enum in public; the one check that refused the truth is replaced."""
    await host.legacy(empty_database, schema="newsletter")
    await host.run(empty_database, "audit_tables.sql")
    await host.run(empty_database, "audit_rows.sql")
    only = await columns_of(empty_database, "newsletter")
    before = await photograph(empty_database, only)
    await migrate(empty_database)
    after = await photograph(empty_database, only)
    assert before["newsletter.sms_send_queue"].rows > 1_000
    for table in AUDIT_TABLES + LEGACY:
        was, now = before[f"newsletter.{table}"], after[f"newsletter.{table}"]
        assert (now.rows, now.checksum) == (was.rows, was.checksum)
        gone = set(was.shape) - set(now.shape)
        assert all("spent_cents <= budget_cents" in shape for shape in gone)
    async with connected(empty_database) as conn:
        budget = await conn.fetchrow(
            "SELECT * FROM newsletter.campaign_budgets WHERE spent_cents = 120"
        )
        assert budget
        assert (budget["spent_exact"], budget["reserved_exact"], budget["overspent_exact"]) == (
            120,
            0,
            0,
        )


async def test_the_audits_tables_made_over_older_ones_point_to_the_right_place(
    empty_database: str,
) -> None:
    await host.legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute(
            "CREATE SCHEMA newsletter; CREATE TABLE newsletter.campaigns (id uuid PRIMARY KEY);"
            "CREATE TABLE newsletter.subscribers (id uuid PRIMARY KEY)"
        )
    await host.run(empty_database, "audit_tables.sql")
    await migrate(empty_database)
    async with connected(empty_database) as conn:
        keys = await conn.fetch(
            "SELECT confrelid::regclass::text AS target FROM pg_constraint WHERE contype = 'f'"
            " AND conrelid = 'newsletter.sms_send_queue'::regclass ORDER BY 1"
        )
    assert [k["target"] for k in keys] == ["newsletter.campaigns", "newsletter.subscribers"]


async def test_an_earlier_draft_of_the_audits_tables_is_completed(empty_database: str) -> None:
    """Section H of the audit shows them in lead, with fewer columns, and a budget without a check."""
    await host.legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute(
            "CREATE TABLE lead.sms_templates (id uuid PRIMARY KEY, name varchar(100), content text, category varchar(50));"
            "CREATE TABLE lead.campaign_budgets (campaign_id uuid REFERENCES lead.campaigns(id),"
            " budget_cents integer, spent_cents integer DEFAULT 0, exceeded_at timestamptz);"
            "INSERT INTO lead.campaign_budgets SELECT id, 100, 250 FROM lead.campaigns ORDER BY id LIMIT 1;"
            "INSERT INTO lead.campaign_budgets SELECT id, -5, 0 FROM lead.campaigns ORDER BY id DESC LIMIT 1"
        )
    await migrate(empty_database)
    async with connected(empty_database) as conn:
        budget = await conn.fetchrow(
            "SELECT * FROM newsletter.campaign_budgets WHERE budget_cents = 100"
        )
        assert budget
        assert (budget["spent_cents"], budget["spent_exact"], budget["overspent_exact"]) == (
            250,
            250,
            150,
        )
        assert await conn.fetchval(
            "INSERT INTO newsletter.sms_templates (id, name, content, category) VALUES"
            " (gen_random_uuid(), 'a', 'b', 'reminder') RETURNING is_active"
        )


async def test_lower_case_labels_wait_for_the_operator(empty_database: str) -> None:
    """Renamed back, every row of every table reads as it did before the labels were in lower case."""
    await host.legacy(empty_database)
    only = await columns_of(empty_database, "lead")
    before = await photograph(empty_database, only)
    async with connected(empty_database) as conn:
        await conn.execute(
            "DO $$ DECLARE l record; BEGIN FOR l IN SELECT enumtypid::regtype AS t, enumlabel FROM pg_enum LOOP"
            " EXECUTE format('ALTER TYPE %s RENAME VALUE %L TO %L', l.t, l.enumlabel, lower(l.enumlabel));"
            " END LOOP; END $$"
        )
    await assert_refused(
        empty_database, "in another case", "campaign_status", "--rename-enum-labels"
    )
    await migrate(empty_database, rename_enum_labels=True)
    after = await photograph(empty_database, only)
    for table in LEGACY:
        assert_kept(before[f"lead.{table}"], after[f"newsletter.{table}"])


async def test_a_missing_label_is_refused_with_the_command_that_adds_it(
    empty_database: str,
) -> None:
    async with connected(empty_database) as conn:
        await conn.execute(
            "CREATE TYPE campaign_status AS ENUM ('DRAFT', 'SENDING'); CREATE TABLE other (s campaign_status)"
        )
    await assert_refused(
        empty_database, "ALTER TYPE public.campaign_status ADD VALUE 'PAUSED';"
    )


async def test_everything_done_already_is_nothing_to_do(empty_database: str) -> None:
    await host.legacy(empty_database)
    await migrate(empty_database)
    async with connected(empty_database) as conn:
        before = await picture.take(conn)
    assert await migrate(empty_database) == []
    async with connected(empty_database) as conn:
        assert await picture.take(conn) == before


async def test_the_hosts_own_columns_take_what_they_took(empty_database: str) -> None:
    """Any number, an empty text, every status, no attempts: nothing of ours looks at them."""
    await migrate(empty_database)
    async with connected(empty_database) as conn:
        for status in ("pending", "sending", "sent", "failed"):
            await conn.execute(
                "INSERT INTO newsletter.sms_send_queue (phone_number, message_content, status, attempts)"
                " VALUES ('anything', '', $1::text::public.sms_queue_status, NULL)",
                status,
            )
        with pytest.raises(asyncpg.CheckViolationError):
            await conn.execute(
                "INSERT INTO newsletter.sms_send_queue (phone_number, message_content, category)"
                " VALUES ('x', 'y', 'promo')"
            )


async def test_the_tables_may_belong_to_another_than_who_migrates(
    empty_database: str, server: PrivateServer
) -> None:
    """A superuser migrates what the application's role owns: both its names go on working."""
    await host.legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute(
            "GRANT USAGE ON SCHEMA lead TO app_host; GRANT SELECT ON lead.campaigns TO app_host"
        )
    superuser = server.dsn(empty_database.rpartition("/")[2])
    await migrate(superuser, "compat_views", "grant_daemon")
    campaign = "SELECT id FROM newsletter.campaigns LIMIT 1"
    async with connected(empty_database) as owner:
        key = await owner.fetchval(campaign)
        await owner.execute(
            "INSERT INTO lead.campaign_events (campaign_id, event_type) VALUES ($1, 'CLICKED')",
            key,
        )
        await owner.execute(
            "DELETE FROM lead.subscribers WHERE id IN (SELECT id FROM lead.subscribers LIMIT 10)"
        )
    async with connected(empty_database.replace("owner@", "app_daemon@")) as daemon:
        await daemon.execute(
            "INSERT INTO newsletter.campaign_events (campaign_id, event_type) VALUES ($1, 'SENT')",
            key,
        )
    async with connected(empty_database.replace("owner@", "app_host@")) as app:
        assert await app.fetchval(campaign)
        assert await app.fetchval("SELECT id FROM lead.campaigns LIMIT 1")


async def test_a_type_that_a_function_of_the_hosts_uses_stays(empty_database: str) -> None:
    async with connected(empty_database) as conn:
        await conn.execute(
            "CREATE TYPE campaign_channel AS ENUM ('post', 'both');"
            "CREATE FUNCTION mine(campaign_channel) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$"
        )
    await assert_refused(empty_database, "ALTER TYPE public.campaign_channel ADD VALUE 'SMS';")


async def test_rows_that_contradict_a_key_are_kept_and_told(empty_database: str) -> None:
    await host.legacy(empty_database)
    async with connected(empty_database) as conn:
        await conn.execute(
            "ALTER TABLE lead.campaign_events DROP CONSTRAINT campaign_events_campaign_id_fkey;"
            "UPDATE lead.campaign_events SET campaign_id = gen_random_uuid()"
        )
    said = await migrate(empty_database)
    assert any(
        line.startswith("rows of newsletter.campaign_events contradict its key on campaign_id")
        for line in said
    )
    async with connected(empty_database) as conn:
        assert await conn.fetchval("SELECT count(*) FROM newsletter.campaign_events") == 1_000
