"""How far RingCentral's record is read: what is stored and what is read next stand or fall together."""

from datetime import UTC, datetime, timedelta

import pytest
from support.queue import open_attempt, text
from support.told import NOON, accepted, record

from dispatcher.core.raw import Changes, SyncToken, raw
from dispatcher.store import leases, syncs
from dispatcher.store.database import Connection
from dispatcher.store.leases import DeposedError, Lead
from dispatcher.store.syncs import OVERLAP, Gap

FOLLOW = timedelta(hours=72)
NEXT = SyncToken("next", NOON)
SENT = raw(record("1", "Sent"))


@pytest.fixture
async def lead(daemon: Connection) -> Lead:
    lead = await leases.lead(daemon, "shop", 1, timedelta(minutes=10))
    assert lead
    return lead


async def stored(conn: Connection) -> int:
    count: int = await conn.fetchval("SELECT count(*) FROM newsletter.sms_receipts")
    return count


async def gap(conn: Connection) -> Gap | None:
    return (await syncs.standing(conn, "shop", FOLLOW)).gap


async def test_nothing_is_known_at_first(daemon: Connection, lead: Lead) -> None:
    at = await syncs.standing(daemon, "shop", FOLLOW)
    assert (at.known, at.token, at.gap) == (None, None, None)
    await syncs.open_gap(daemon, lead, None, NEXT, FOLLOW)
    assert await gap(daemon) == Gap(NOON - FOLLOW, NOON, 1)


async def test_a_token_grows_stale(owner: Connection, daemon: Connection, lead: Lead) -> None:
    now = datetime.now(UTC)  # noqa: TID251
    await syncs.open_gap(daemon, lead, None, SyncToken("next", now), FOLLOW)
    assert (await syncs.standing(daemon, "shop", FOLLOW)).token == "next"  # noqa: S105
    await owner.execute("UPDATE newsletter.sms_syncs SET token_at = now() - interval '61 min'")
    at = await syncs.standing(daemon, "shop", FOLLOW)
    assert (at.known, at.token) == ("next", None)


async def test_who_reads_with_an_old_token_stores_nothing(
    daemon: Connection, lead: Lead
) -> None:
    await syncs.open_gap(daemon, lead, None, NEXT, FOLLOW)
    found = Changes([SENT], SyncToken("third", NOON))
    with pytest.raises(DeposedError):
        await syncs.move(daemon, lead, "first", found)
    with pytest.raises(DeposedError):
        await syncs.open_gap(daemon, lead, "first", NEXT, FOLLOW)
    assert await stored(daemon) == 0
    assert await syncs.move(daemon, lead, "next", found) == 1
    assert (await syncs.standing(daemon, "shop", FOLLOW)).known == "third"


async def test_who_does_not_lead_stores_nothing(daemon: Connection, lead: Lead) -> None:
    await syncs.open_gap(daemon, lead, None, NEXT, FOLLOW)
    other = Lead("shop", lead.fence + 1)
    with pytest.raises(DeposedError):
        await syncs.move(daemon, other, "next", Changes([SENT], NEXT))
    with pytest.raises(DeposedError):
        await syncs.turn_page(daemon, other, Gap(NOON - FOLLOW, NOON, 1), [SENT], last=True)
    assert await stored(daemon) == 0


async def test_a_gap_is_read_page_by_page_and_each_page_once(
    daemon: Connection, lead: Lead
) -> None:
    await syncs.open_gap(daemon, lead, None, NEXT, FOLLOW)
    first = await gap(daemon)
    assert first
    assert await syncs.turn_page(daemon, lead, first, [SENT], last=False) == 1
    second = await gap(daemon)
    assert second == Gap(first.since, first.until, 2)
    with pytest.raises(DeposedError):  # somebody has read it meanwhile
        await syncs.turn_page(daemon, lead, first, [], last=False)
    assert await syncs.turn_page(daemon, lead, second, [SENT], last=True) == 0
    assert await gap(daemon) is None


@pytest.mark.parametrize(
    ("hours", "since"),
    [
        (2, timedelta(hours=3)),  # younger than the token: back to the token
        (20, timedelta(hours=20)),
        (100, FOLLOW - OVERLAP),
    ],
)
async def test_a_gap_goes_back_to_the_oldest_text_whose_end_is_awaited(
    owner: Connection, daemon: Connection, lead: Lead, hours: int, since: timedelta
) -> None:
    earlier = SyncToken("old", NOON - timedelta(hours=3))
    await syncs.open_gap(daemon, lead, None, earlier, FOLLOW)
    await owner.execute(
        "UPDATE newsletter.sms_syncs SET gap_since = NULL, gap_until = NULL, gap_page = NULL"
    )
    await accepted(owner, "1", settled_at=NOON - timedelta(hours=hours))
    await syncs.open_gap(daemon, lead, "old", NEXT, FOLLOW)
    assert await gap(daemon) == Gap(NOON - since - OVERLAP, NOON, 1)


async def test_a_gap_goes_back_to_a_text_of_unknown_fate(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    await syncs.open_gap(daemon, lead, None, NEXT, FOLLOW)
    await open_attempt(owner, await text(owner), outcome="ambiguous")
    await owner.execute(
        "UPDATE newsletter.sms_syncs SET gap_since = NULL, gap_until = NULL, gap_page = NULL"
    )
    await owner.execute(
        "UPDATE newsletter.sms_attempts SET opened_at = $1::timestamptz, send_by = $1::timestamptz + interval '5 s'",
        NOON - timedelta(hours=5),
    )
    await syncs.open_gap(daemon, lead, "next", NEXT, FOLLOW)
    assert await gap(daemon) == Gap(NOON - timedelta(hours=5) - OVERLAP, NOON, 1)


async def test_a_gap_in_a_gap_is_one(daemon: Connection, lead: Lead) -> None:
    await syncs.open_gap(daemon, lead, None, NEXT, FOLLOW)
    first = await gap(daemon)
    assert first
    await syncs.turn_page(daemon, lead, first, [], last=False)
    later = SyncToken("later", NOON + timedelta(hours=1))
    await syncs.open_gap(daemon, lead, "next", later, FOLLOW)
    assert await gap(daemon) == Gap(first.since, later.at, 1)


async def test_what_people_wrote_is_read_however_long_nobody_was_there(
    daemon: Connection, lead: Lead
) -> None:
    """Texts are followed for a time; a STOP that came before it counts all the same."""
    await syncs.open_gap(daemon, lead, None, NEXT, FOLLOW)
    first = await gap(daemon)
    assert first
    await syncs.turn_page(daemon, lead, first, [], last=True)
    later = SyncToken("later", NOON + timedelta(days=9))
    await syncs.open_gap(daemon, lead, "next", later, FOLLOW)
    assert await gap(daemon) == Gap(NOON - OVERLAP, later.at, 1)
