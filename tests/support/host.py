"""Puts a database into the states that a host's may be in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from dispatcher.store.database import Connection
from support.host_models import LEGACY, Base

HERE = Path(__file__).parent

PEOPLE = 1_000


@asynccontextmanager
async def connected(dsn: str, **settings: str) -> AsyncIterator[Connection]:
    conn = await asyncpg.connect(dsn, statement_cache_size=0, server_settings=settings)
    try:
        yield conn
    finally:
        await conn.close()


@asynccontextmanager
async def engine(dsn: str) -> AsyncIterator[AsyncEngine]:
    """Yield the host application's own way into the database."""
    engine = create_async_engine(dsn.replace("postgresql://", "postgresql+asyncpg://"))
    try:
        yield engine
    finally:
        await engine.dispose()


async def legacy(dsn: str, *, schema: str = "lead") -> None:
    """Make the host's tables as its ORM made them, with PEOPLE people and what befell them."""
    async with connected(dsn) as conn:
        await conn.execute("CREATE SCHEMA IF NOT EXISTS " + schema)
    async with engine(dsn) as host, host.begin() as connection:
        placed = await connection.execution_options(schema_translate_map={"lead": schema})
        tables = [Base.metadata.tables[f"lead.{name}"] for name in LEGACY]
        await placed.run_sync(Base.metadata.create_all, tables=tables)
    await run(dsn, "legacy_rows.sql", schema=schema)


async def run(dsn: str, file: str, **names: str) -> None:
    """Run one of the SQL files beside this one; *names* fill its {placeholders}."""
    statements = (HERE / file).read_text("utf-8")
    for name, value in names.items():
        statements = statements.replace("{" + name + "}", value)
    async with connected(dsn) as conn:
        await conn.execute(statements)
