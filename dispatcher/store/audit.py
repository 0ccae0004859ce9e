"""Looks at a database, in one READ ONLY snapshot, before and after it was migrated."""

import re
from collections.abc import AsyncIterator
from itertools import chain

from dispatcher.core import audit
from dispatcher.core.audit import ForeignKey, Structure
from dispatcher.core.finding import CHECKS, Count, Finding, Severity, counted
from dispatcher.core.host import (
    COLUMNS,
    HOME,
    KEYS,
    LABELS,
    NEIGHBOURS,
    OLD_HOME,
    REPAIRABLE_KEYS,
)
from dispatcher.core.migration import MigrationError, missing
from dispatcher.store import migrations, sql
from dispatcher.store.database import Connection

SQL = sql.load("audit.sql")


async def look(conn: Connection) -> list[Finding]:
    """Return everything that is wrong, the worst first."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        await conn.execute(SQL["settings"])
        findings = [f async for f in _findings(conn)]
    worst_first = [Severity.ERROR, Severity.WARNING, Severity.INFO]
    return sorted(findings, key=lambda f: (worst_first.index(f.severity), f.code, f.object))


async def foreign_keys(conn: Connection) -> list[ForeignKey]:
    """Return every foreign key of the database, by table and name."""
    async with conn.transaction(readonly=True):
        rows = await conn.fetch(SQL["foreign_keys"])
    return [
        ForeignKey(
            name=r["name"],
            table=r["table_name"],
            columns=tuple(r["columns"]),
            target=r["target"],
            target_columns=tuple(r["target_columns"]),
            validated=r["validated"],
        )
        for r in rows
    ]


async def _findings(conn: Connection) -> AsyncIterator[Finding]:
    for finding in await _migrations(conn):
        yield finding
    found = await _structure(conn)
    for finding in audit.structure(found):
        yield finding
    for code, query in await _queries(conn, found):
        for r in await conn.fetch(query):
            if r["n"]:
                yield counted(code, Count(r["object"], r["n"], r["examples"]))


async def _migrations(conn: Connection) -> list[Finding]:
    try:
        todo = missing(migrations.available(), await migrations.applied(conn))
    except MigrationError as error:
        return [audit.history_differs(error)]
    return [audit.migrations_missing(todo)] if todo else []


async def _structure(conn: Connection) -> Structure:
    named = {f"{schema}.{table}" for schema in (HOME, OLD_HOME) for table in COLUMNS}
    named |= {
        *NEIGHBOURS,
        *chain.from_iterable((k.table, k.target) for k in KEYS + REPAIRABLE_KEYS),
    }
    columns = await conn.fetch(SQL["columns"], sorted(named))
    labels = await conn.fetch(SQL["labels"], [HOME, OLD_HOME], list(LABELS))
    return Structure(
        columns={r["table_name"]: r["columns"] for r in columns},
        keys=await foreign_keys(conn),
        labels={r["column_name"]: r["labels"] for r in labels},
    )


async def _queries(conn: Connection, found: Structure) -> list[tuple[str, str]]:
    """Return the checks that this database has the tables for, with their queries."""
    spelled = str if await conn.fetchval(SQL["can_spell"]) else _spelling_inline
    fixed = [(code, _located(spelled(SQL[code]), found)) for code in CHECKS if code in SQL]
    told = [(r["code"], r["query"]) for r in await conn.fetch(SQL["statements"])]
    return [(code, query) for code, query in fixed if query] + told


def _located(query: str, found: Structure) -> str | None:
    """Return *query* with each table where it stands; None if one stands nowhere."""
    for table in set(re.findall(rf"\b{HOME}\.(\w+)\b(?!\()", query)):
        place = next((s for s in (HOME, OLD_HOME) if _usable(f"{s}.{table}", found)), None)
        if not place:
            return None
        query = re.sub(rf"\b{HOME}\.{table}\b", f"{place}.{table}", query)
    return query


def _usable(place: str, found: Structure) -> bool:
    return COLUMNS[place.partition(".")[2]] <= set(found.columns.get(place, ()))


def _spelling_inline(query: str) -> str:
    """Put the body of newsletter.e164(), which does not exist yet, where it is called."""
    source = next(m.sql for m in migrations.available() if "FUNCTION newsletter.e164" in m.sql)
    _, _, rest = source.partition("\nRETURN ")
    body, _, _ = rest.partition(";\n")

    def spell(call: re.Match[str]) -> str:
        return re.sub(r"\bphone\b", lambda _: call[1], f"({body})")

    return re.sub(r"newsletter\.e164\(([\w.]+)\)", spell, query)
