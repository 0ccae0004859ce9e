"""Every named query fits the migrated schema and the rights of the daemon's role, and is used."""

import re
from pathlib import Path

import pytest

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


@pytest.mark.parametrize(("file", "name"), QUERIES)
async def test_it_can_be_prepared(
    owner: Connection, daemon: Connection, app: Connection, file: str, name: str
) -> None:
    if (file, name) in NO_STATEMENT or file in NOT_THE_DAEMONS:
        assert sql.load(file)[name]
        return
    role = app if file in THE_HOSTS else owner if file == "audit.sql" else daemon
    await role.prepare(sql.load(file)[name])


def test_every_query_is_used() -> None:
    code = "".join(path.read_text("utf-8") for path in STORE.glob("*.py"))
    used = set(re.findall(r'SQL\["(\w+)"\]', code))
    unused = {name for file, name in QUERIES if file != "audit.sql"} - used
    assert unused == set()
