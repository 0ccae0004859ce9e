"""docs/schema.md says what the database says."""

from support import schema_doc

from dispatcher.store.database import Connection


async def test_the_page_is_what_the_database_says(owner: Connection) -> None:
    written = schema_doc.PAGE.read_text("utf-8")
    assert written == await schema_doc.page(owner), "run `make docs`"
