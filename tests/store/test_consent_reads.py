"""RingCentral's list of opt-outs is compared with ours; what it alone knows becomes ours."""

from datetime import UTC, datetime, timedelta

import pytest
from support.claiming import LOGIN
from support.queue import person

from dispatcher.core.consents import Consent
from dispatcher.store import consent, consent_reads, leases
from dispatcher.store.consent import OptOut
from dispatcher.store.database import Connection
from dispatcher.store.leases import DeposedError, Lead

AT = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NEW, KNOWN, BACK, AGAIN = (f"+1916555{n:04}" for n in range(100, 104))


def said(phone: str, at: datetime, source: str = "Recipient") -> Consent:
    return Consent(phone, at, source)


@pytest.fixture
async def lead(daemon: Connection) -> Lead:
    made = await leases.lead(daemon, LOGIN, 1, timedelta(minutes=1))
    assert made
    return made


async def test_only_what_is_new_is_news(owner: Connection, daemon: Connection) -> None:
    """One who wrote START to us since is not opted out, though another pair stays so there."""
    for phone in (KNOWN, BACK, AGAIN):
        async with owner.transaction():
            await consent.opt_out(owner, OptOut(phone, AT, "stop"))
    for phone in (BACK, AGAIN):
        async with owner.transaction():
            await consent.opt_in(owner, phone, AT + HOUR)
    found = [
        said(NEW, AT),
        said(KNOWN, AT + HOUR),
        said(BACK, AT + HOUR / 2),
        said(AGAIN, AT + 2 * HOUR),
        said("+445550100", AT),
        said("88022", AT),
    ]
    news = await consent_reads.news(daemon, found)
    assert news == [OptOut(NEW, AT, "ringcentral"), OptOut(AGAIN, AT + 2 * HOUR, "ringcentral")]


async def test_a_clock_that_runs_ahead_makes_no_opt_out_that_outlives_every_start(
    owner: Connection, daemon: Connection
) -> None:
    (news,) = await consent_reads.news(daemon, [said(NEW, datetime(2099, 1, 1, tzinfo=UTC))])
    assert news.at <= await owner.fetchval("SELECT now()")


async def test_what_is_adopted_and_what_is_ours_alone_is_counted(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    await person(owner, phone=NEW)
    async with owner.transaction():
        await consent.opt_out(owner, OptOut(KNOWN, AT, "stop"))
    assert await consent_reads.due(daemon, LOGIN, HOUR)
    assert (await consent_reads.adopt(daemon, lead, OptOut(NEW, AT, "ringcentral"))).new
    assert await consent_reads.note(daemon, lead, {NEW}, 1) == 1
    row = await owner.fetchrow("SELECT * FROM newsletter.sms_consent_reads")
    assert row
    assert (row["opted_out"], row["adopted"], row["only_ours"]) == (1, 1, 1)
    assert not await owner.fetchval("SELECT sms_subscribed FROM newsletter.subscribers")
    assert not await consent_reads.due(daemon, LOGIN, HOUR)


async def test_who_does_not_lead_writes_nothing(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    await owner.execute("UPDATE newsletter.leases SET fence = fence + 1")
    with pytest.raises(DeposedError):
        await consent_reads.adopt(daemon, lead, OptOut(NEW, AT, "ringcentral"))
    with pytest.raises(DeposedError):
        await consent_reads.note(daemon, lead, [], 0)
    assert await owner.fetchval("SELECT count(*) FROM newsletter.sms_suppressions") == 0
