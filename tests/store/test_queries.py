"""Every named query fits the migrated schema and the rights of the daemon's role, and is used."""

import re
from pathlib import Path

import asyncpg

from dispatcher.store import sql
from dispatcher.store.database import Connection

STORE = Path(sql.__file__).parent
QUERIES = [
    (file.name, name) for file in sorted(STORE.glob("*.sql")) for name in sql.load(file.name)
]
NOT_THE_DAEMONS = {"migrations.sql"}
THE_HOSTS = {"campaigns.sql", "importing.sql", "people.sql", "proving.sql"}  # rows of its own
NO_STATEMENT = {
    ("audit.sql", "settings"),
    ("verify.sql", "settings"),
    ("figures.sql", "settings"),
}  # several


async def test_each_can_be_prepared(
    owner: Connection, daemon: Connection, app: Connection
) -> None:
    refused: dict[tuple[str, str], str] = {}
    for file, name in QUERIES:
        text = sql.load(file)[name]
        assert text
        if (file, name) in NO_STATEMENT or file in NOT_THE_DAEMONS:
            continue
        role = app if file in THE_HOSTS else owner if file == "audit.sql" else daemon
        try:
            await role.prepare(text)
        except asyncpg.PostgresError as error:
            refused[file, name] = str(error)
    assert refused == {}


def test_every_query_is_used() -> None:
    code = "".join(path.read_text("utf-8") for path in STORE.glob("*.py"))
    used = set(re.findall(r'SQL\["(\w+)"\]', code))
    unused = {name for file, name in QUERIES if file != "audit.sql"} - used
    assert unused == set()
