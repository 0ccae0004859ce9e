"""Runs `migrate` as the command does, inside the test's own loop."""

from typing import Any

from dispatcher.store import migrations
from dispatcher.store.database import connection

ROLES = {"daemon_role": "app_daemon", "host_role": "app_host"}


async def migrate(dsn: str, *extras: str, **options: Any) -> list[str]:
    """Apply what is missing and the option files *extras*; return what was said."""
    said: list[str] = []
    asked = migrations.Options(extras=extras, roles=ROLES, **options)
    async with connection(dsn, notice=said.append) as conn:
        await migrations.migrate(conn, asked, lambda label: said.append(f"applied {label}"))
    return said
