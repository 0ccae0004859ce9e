"""A picture of a database: every table with its shape and the checksum of its rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dispatcher.store.database import Connection


@dataclass(frozen=True)
class TablePicture:
    """One table. Names of schemas are left out of *shape*, so that a moved table looks alike."""

    columns: Mapping[str, str]
    shape: Collection[str]
    rows: int
    checksum: str


async def take(
    conn: Connection, *, only: Mapping[str, Collection[str]] | None = None
) -> dict[str, TablePicture]:
    """Return the picture of all tables by `schema.table`.

    *only* names columns by table name: the rows' checksum is then taken over those alone.
    """
    tables = await conn.fetch(
        "SELECT n.nspname AS schema, c.relname AS name, c.oid FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v')"
        " AND n.nspname !~ '^(pg_|information_schema)' ORDER BY 1, 2"
    )
    return {
        f"{t['schema']}.{t['name']}": await _table(conn, t["oid"], (only or {}).get(t["name"]))
        for t in tables
    }


async def take_rest(conn: Connection) -> list[str]:
    """Return what is no table: schemas, enum labels and functions, one line each."""
    lines = await conn.fetch(
        "SELECT 'schema ' || nspname AS line FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'"
        " UNION ALL SELECT 'label ' || enumtypid::regtype || ' ' || enumsortorder || ' ' || enumlabel FROM pg_enum"
        " UNION ALL SELECT 'function ' || p.oid::regprocedure || ' ' || md5(p.prosrc) FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname !~ '^(pg_|information_schema)'"
    )
    return sorted(r["line"] for r in lines)


async def _table(conn: Connection, oid: int, only: Collection[str] | None) -> TablePicture:
    columns = {
        r["name"]: r["shape"]
        for r in await conn.fetch(
            "SELECT attname AS name, format_type(atttypid, atttypmod) || CASE WHEN attnotnull"
            " THEN ' not null' ELSE '' END || coalesce(' default ' || (SELECT pg_get_expr(adbin, adrelid)"
            " FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum), '') AS shape"
            " FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped",
            oid,
        )
    }
    shape = await conn.fetch(
        "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = $1"
        " UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = $1"
        " UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal"
        " UNION ALL SELECT pg_get_viewdef($1) WHERE (SELECT relkind = 'v' FROM pg_class WHERE oid = $1)",
        oid,
    )
    chosen = ", ".join(f't."{c}"' for c in sorted(set(only or columns) & set(columns)))
    place = await conn.fetchval("SELECT $1::oid::regclass::text", oid)
    counted = await conn.fetchrow(
        f"SELECT count(*), md5(coalesce(string_agg(r, E'\\n' ORDER BY r), ''))"
        f" FROM (SELECT ROW({chosen})::text AS r FROM {place} t) x"
    )
    assert counted
    return TablePicture(columns, sorted(_placeless(s[0]) for s in shape), *counted)


def _placeless(definition: str) -> str:
    for schema in ("lead", "newsletter", "newsletter_set_aside", "public"):
        definition = definition.replace(f"{schema}.", "")
    return definition
