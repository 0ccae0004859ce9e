"""What RingCentral calls us with is on the disk, and what it says of the subscription."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from dispatcher.core.notice import Notice, What
from dispatcher.core.raw import raw
from dispatcher.store import leases, login, webhooks
from dispatcher.store.database import Connection
from dispatcher.store.leases import DeposedError, Lead
from dispatcher.store.webhooks import MISSING, OFF, Now

LOGIN = "client-1"
HERE = Now(
    "one",
    "62983",
    "https://texts.example/hook",
    b"mark",
    "Active",
    timedelta(days=7),
    timedelta(minutes=30),
)


def notice(what: What = What.CHANGED, number: int | None = None, **changed: str) -> Notice:
    given: dict[str, Any] = {"subscription": "one", "owner": "62983", **changed}
    return Notice(
        what=what, raw=raw({"id": number, "direction": "Inbound"}) if number else None, **given
    )


@pytest.fixture
async def lead(daemon: Connection) -> Lead:
    """The lead, with a subscription written down."""
    lead = await leases.lead(daemon, LOGIN, 1, timedelta(minutes=1))
    assert lead
    await webhooks.note(daemon, lead, HERE, fresh=True)
    return lead


async def kept(owner: Connection) -> list[str]:
    rows = await owner.fetch("SELECT provider_id FROM newsletter.sms_receipts ORDER BY 1")
    return [row[0] for row in rows]


async def test_only_our_own_is_believed(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    assert lead
    batch = [
        notice(What.INBOUND, 1),
        notice(What.INBOUND, 2, subscription="two"),
        notice(What.INBOUND, 3, owner="62984"),
        notice(What.INBOUND, 1),
        notice(What.OTHER),
    ]
    assert await webhooks.hear(daemon, LOGIN, batch) == [True, False, False, True, True]
    assert await kept(owner) == ["1"]
    assert await webhooks.hear(daemon, "another login", batch) == [False] * 5


@pytest.mark.parametrize("status", [MISSING, OFF])
async def test_where_there_is_none_nobody_is_believed(
    daemon: Connection, lead: Lead, status: str
) -> None:
    gone = Now(None, None, HERE.address, b"mark", status, None, HERE.silent_after)
    await webhooks.note(daemon, lead, gone, fresh=False)
    told = [notice(), notice(subscription="None", owner="None")]
    assert await webhooks.hear(daemon, LOGIN, told) == [False, False]


async def test_an_owner_that_ringcentral_did_not_name(daemon: Connection, lead: Lead) -> None:
    now = Now("one", None, HERE.address, b"mark", "Active", HERE.lasts, HERE.silent_after)
    await webhooks.note(daemon, lead, now, fresh=True)
    assert await webhooks.hear(daemon, LOGIN, [notice(owner="whoever")]) == [True]


async def test_text_and_hint_come_with_one_commit(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    assert lead
    await owner.execute("ALTER TABLE newsletter.sms_subscriptions ADD CHECK (heard_at IS NULL)")
    with pytest.raises(asyncpg.CheckViolationError):
        await webhooks.hear(daemon, LOGIN, [notice(What.INBOUND, 1)])
    assert await kept(owner) == []


async def test_each_hint_goes_where_it_belongs(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    assert lead
    heard: list[str] = []
    for name in ("changes", "consents", "subscription", "receipts"):
        await owner.add_listener(f"sms_dispatcher_{name}", lambda *said: heard.append(said[2]))
    expected = {
        What.CHANGED: ["changes"],
        What.INBOUND: ["changes", "receipts"],
        What.CONSENTS: ["consents"],
        What.REMINDER: ["subscription"],
        What.OTHER: [],
    }
    for number, (what, names) in enumerate(expected.items(), start=1):
        one = notice(what, number if what is What.INBOUND else None)
        await webhooks.hear(daemon, LOGIN, [one, one])
        await owner.execute("SELECT")
        assert sorted(heard) == [f"sms_dispatcher_{name}" for name in names]
        heard.clear()


async def test_that_it_was_heard_is_written_seldom(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    assert lead
    heard = "SELECT heard_at FROM newsletter.sms_subscriptions"
    await webhooks.hear(daemon, LOGIN, [notice()])
    first = await owner.fetchval(heard)
    await webhooks.hear(daemon, LOGIN, [notice()])
    assert first == await owner.fetchval(heard) is not None
    await owner.execute(
        "UPDATE newsletter.sms_subscriptions SET heard_at = now() - interval '11 s'"
    )
    await webhooks.hear(daemon, LOGIN, [notice()])
    assert await owner.fetchval(f"{heard} WHERE heard_at > now() - interval '5 s'")


async def test_who_leads_no_more_writes_nothing(daemon: Connection, lead: Lead) -> None:
    with pytest.raises(DeposedError):
        await webhooks.note(daemon, Lead(LOGIN, lead.fence + 1), HERE, fresh=False)


async def test_another_one_has_told_us_nothing_yet(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    await webhooks.hear(daemon, LOGIN, [notice()])
    await webhooks.note(daemon, lead, HERE, fresh=False)
    assert await owner.fetchval("SELECT heard_at IS NOT NULL FROM newsletter.sms_subscriptions")
    other = Now("two", "62983", HERE.address, b"mark", "Active", HERE.lasts, HERE.silent_after)
    await webhooks.note(daemon, lead, other, fresh=True)
    assert await owner.fetchval("SELECT heard_at IS NULL FROM newsletter.sms_subscriptions")


class TestLine:
    """Standing in line for a token that texts would take."""

    LONGEST = timedelta(seconds=30)

    @pytest.fixture(autouse=True)
    async def bucket(self, daemon: Connection) -> None:
        await login.make_bucket(daemon, LOGIN, "medium", capacity=1, per_second=0.1)

    async def stand(self, conn: Connection) -> float | None:
        return await login.stand_in_line(conn, LOGIN, "medium", self.LONGEST)

    async def test_the_next_token_is_ours(self, daemon: Connection) -> None:
        assert await self.stand(daemon) == 0
        second, third = await self.stand(daemon), await self.stand(daemon)
        assert second == pytest.approx(10, abs=1)
        assert third == pytest.approx(20, abs=1)

    async def test_nobody_else_finds_one_meanwhile(self, daemon: Connection) -> None:
        await self.stand(daemon)
        await self.stand(daemon)
        assert await login.take_token(daemon, LOGIN, "medium") == pytest.approx(20, abs=1)

    async def test_the_line_has_an_end(self, daemon: Connection) -> None:
        stood = [await self.stand(daemon) for _ in range(6)]
        assert stood[4:] == [None, None]
        assert await login.take_token(daemon, LOGIN, "medium") == pytest.approx(40, abs=1)

    async def test_there_is_none_at_a_stopped_one(self, daemon: Connection) -> None:
        await login.throttle(daemon, LOGIN, "medium", timedelta(seconds=5))
        assert await self.stand(daemon) is None
        assert await login.stand_in_line(daemon, LOGIN, "heavy", self.LONGEST) is None

    async def test_there_is_none_while_the_login_waits_for_a_look(
        self, daemon: Connection
    ) -> None:
        await login.stop(daemon, LOGIN, timedelta(0))
        assert await self.stand(daemon) is None
