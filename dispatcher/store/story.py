"""Reads all that is known of one number, as of one moment."""

import json
from typing import Any

from dispatcher.core import texthash
from dispatcher.core.errors import DispatcherError
from dispatcher.core.story import Event, Person, Story, Suppression, Text, Written
from dispatcher.store import sql
from dispatcher.store.database import Connection

SQL = sql.load("story.sql")


class NoNumberError(DispatcherError):
    """What was named is no number that can be texted."""


async def read(conn: Connection, typed: str) -> Story:
    """Return the story of the number that somebody *typed* in any spelling."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        row = await conn.fetchrow(SQL["spell"], typed)
        assert row  # noqa: S101  # a SELECT without FROM
        phone = row["phone"]
        if phone is None:
            raise NoNumberError(
                "That is no number that can be texted: name one of North America, with its "
                "area code."
            )
        return Story(
            phone,
            row["now"],
            [Person(**r) for r in await conn.fetch(SQL["people"], phone)],
            [Suppression(**r) for r in await conn.fetch(SQL["suppressions"], phone)],
            [_event(dict(r)) for r in await conn.fetch(SQL["events"], phone)],
            [Written(**r) for r in await conn.fetch(SQL["written"], phone)],
            [_text(dict(r)) for r in await conn.fetch(SQL["texts"], phone)],
        )


def _event(row: dict[str, Any]) -> Event:
    return Event(**row | {"proof": json.loads(row["proof"])})


def _text(row: dict[str, Any]) -> Text:
    known = row.pop("text_hash")
    changed = (
        known is not None and row["text"] is not None and texthash.of(row["text"]) != known
    )
    return Text(**row | {"text": None if changed else row["text"]})
