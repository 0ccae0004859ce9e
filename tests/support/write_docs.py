"""`make docs`: writes the generated pages of docs/, from a migrated database and the program."""

import asyncio

from dispatcher.edge import postgres
from dispatcher.edge.postgres_binaries import find
from support import config_doc, law_doc, schema_doc, telemetry_doc
from support.host import connected
from support.migrate import migrate


async def main() -> None:
    law_doc.PAGE.write_text(law_doc.page(), "utf-8")
    config_doc.PAGE.write_text(config_doc.page(), "utf-8")
    for path, text in telemetry_doc.pages().items():
        path.write_text(text, "utf-8")
    with postgres.start(find()) as server:
        async with connected(server.dsn()) as conn:
            await conn.execute("CREATE ROLE app_host; CREATE ROLE app_daemon")
            await migrate(server.dsn(), "grant_daemon", "grant_host")
            schema_doc.PAGE.write_text(await schema_doc.page(conn), "utf-8")


if __name__ == "__main__":
    asyncio.run(main())
