"""Writes docs/schema.md from a migrated database: its comments, and its grants for who writes what."""

from pathlib import Path

from dispatcher.core.reason import DECISIONS, FAILURES, WAITS
from dispatcher.store.database import Connection

PAGE = Path(__file__).parents[2] / "docs" / "schema.md"
HEAD = Path(__file__).with_name("schema_doc_head.md")

TABLES = """
SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS words, c.relkind = 'v' AS is_view, c.oid
  FROM pg_class c WHERE c.relnamespace = 'newsletter'::regnamespace AND c.relkind IN ('r', 'v')
 ORDER BY c.relkind, c.relname
"""
COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, col_description(a.attrelid, a.attnum) AS words,
       array_remove(ARRAY[
         CASE WHEN has_column_privilege('app_host', a.attrelid, a.attnum, 'INSERT') THEN 'host' END,
         CASE WHEN has_column_privilege('app_daemon', a.attrelid, a.attnum, 'INSERT')
                OR has_column_privilege('app_daemon', a.attrelid, a.attnum, 'UPDATE') THEN 'dispatcher' END], NULL) AS writers
  FROM pg_attribute a WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""


async def page(conn: Connection) -> str:
    """Return the whole page for the database behind *conn*."""
    parts = [HEAD.read_text("utf-8")]
    for table in await conn.fetch(TABLES):
        parts.append(f"### {table['name']}\n\n{table['words']}\n")
        rows = [
            f"| `{c['name']}` | {c['type']} | {_writers(c['writers'], is_view=table['is_view'])} | {c['words']} |"
            for c in await conn.fetch(COLUMNS, table["oid"])
        ]
        parts.append(
            "| column | type | written by | meaning |\n|---|---|---|---|\n"
            + "\n".join(rows)
            + "\n"
        )
    parts.append(
        "## Reasons\n\nThe closed list of `reason`. A `failed` row with a decision of ours counts as *cancelled*.\n\n"
        f"- Decisions: {', '.join(f'`{r}`' for r in sorted(DECISIONS))}.\n"
        f"- Failures: {', '.join(f'`{r}`' for r in sorted(FAILURES))}.\n"
        f"- Why a row waits: {', '.join(f'`{r}`' for r in sorted(WAITS))}.\n"
    )
    return "\n".join(parts)


def _writers(writers: list[str], *, is_view: bool) -> str:
    # What neither may write, a trigger or `migrate` does.
    return "" if is_view else " and ".join(writers) or "the schema itself"
