"""Puts people of a file into a campaign, batch by batch: each whole or not at all."""

from collections.abc import Collection, Sequence
from uuid import UUID

from dispatcher.core import segments
from dispatcher.core.people_file import Line
from dispatcher.core.recruiting import Known, Refusal, Verdicts, judge
from dispatcher.store import people, sql
from dispatcher.store.campaigns import CampaignError
from dispatcher.store.database import Connection
from dispatcher.store.said import said

SQL = sql.load("importing.sql")

IMPORT = "import"  # where we know a consent from

OPEN = {"DRAFT", "SCHEDULED"}
"""Statuses of a campaign that takes people: of none of them has anything been sent."""


async def take(
    conn: Connection,
    campaign: UUID,
    lines: Sequence[Line],
    regions: Collection[str],
    consent: str | None,
) -> Verdicts:
    """Give each of *lines* that may have one a text of *campaign*; say who got none, and why.

    With *consent*, how and when they agreed, people whom nobody knows are added.
    """
    async with conn.transaction():
        text = await _hold(conn, campaign)
        if consent:
            await people.hold(conn)
            await said(conn, IMPORT, why=consent)
        phones = ["" if line.broken else line.phone for line in lines]
        known = [Known(**row) for row in await conn.fetch(SQL["look"], campaign, phones)]
        done = judge(zip(lines, known, strict=True), regions, adding=bool(consent))
        texts = [(phone, person) for _, phone, person in done.taken]
        if done.new and consent:
            texts += await _add_people(conn, campaign, done, consent)
        if texts:
            numbers, ids = zip(*texts, strict=True)
            await conn.execute(SQL["add_texts"], campaign, text, ids, numbers)
    return done


async def _hold(conn: Connection, campaign: UUID) -> str:
    """Lock the campaign, which must still take people; return its text."""
    row = await conn.fetchrow(SQL["hold"], campaign)
    if not row or row["is_deleted"] or row["channel"] != "SMS":
        raise CampaignError(f"Campaign {campaign} was deleted: nothing more was imported.")
    if row["status"] not in OPEN:
        raise CampaignError(
            f"Campaign {campaign} is {row['status']}: people are imported while it is DRAFT or "
            "SCHEDULED; make another campaign for them."
        )
    text: str = row["content"]
    if segments.is_blank(text) or segments.utf16_units(text) > segments.LONGEST_UNITS:
        raise CampaignError(
            f"The text of campaign {campaign} is empty or longer than "
            f"{segments.LONGEST_UNITS} characters: nothing was imported."
        )
    return text


async def _add_people(
    conn: Connection, campaign: UUID, done: Verdicts, consent: str
) -> list[tuple[str, UUID]]:
    """Add the new people; whom the host's own rules keep out is refused."""
    added = await people.add(conn, done.new, [consent] * len(done.new), campaign)
    done.refused += [(x, Refusal.NOT_ADDED) for x, phone in done.new if phone not in added]
    done.new = [(x, phone) for x, phone in done.new if phone in added]
    return list(added.items())
