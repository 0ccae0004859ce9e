"""Whose stored time zone a text is judged by."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from support.queue import person, text

from dispatcher.core.guard import Memory
from dispatcher.store.database import Connection
from dispatcher.store.facts import read_facts

PHONE, OTHER = "+12125550100", "+12125550101"
NO_MEMORY = Memory(timedelta(0), 0)
HONOLULU, BOISE, GUAM = "Pacific/Honolulu", "America/Boise", "Pacific/Guam"


async def stored(owner: Connection, zone: str, phone: str, *, deleted: bool = False) -> None:
    who = await person(owner, phone=phone)
    statement = "UPDATE newsletter.subscribers SET timezone = $2, is_deleted = $3 WHERE id = $1"
    await owner.execute(statement, who, zone, deleted)


@pytest.mark.parametrize(
    ("theirs", "zone"),
    [([], None), ([HONOLULU], HONOLULU), ([HONOLULU, BOISE, HONOLULU], f"{BOISE}|{HONOLULU}")],
)
async def test_a_text_without_a_person_keeps_the_clock_of_all_with_its_number(
    owner: Connection, daemon: Connection, theirs: Sequence[str], zone: str | None
) -> None:
    for each in theirs:
        await stored(owner, each, "(212) 555-0100")
    await stored(owner, GUAM, PHONE, deleted=True)
    await stored(owner, GUAM, OTHER)
    message = await text(owner, phone=PHONE)
    assert (await read_facts(daemon, [message], NO_MEMORY))[message].zone == zone


async def test_a_text_with_a_person_keeps_theirs(owner: Connection, daemon: Connection) -> None:
    await stored(owner, HONOLULU, PHONE)
    message = await text(owner, person=await person(owner, phone=PHONE), phone=PHONE)
    assert (await read_facts(daemon, [message], NO_MEMORY))[message].zone is None
