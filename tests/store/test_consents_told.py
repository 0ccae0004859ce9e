"""What RingCentral's list is to be told: of each change, of what holds then, and never lost."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from support.claiming import LOGIN
from support.daemon import until
from support.host import connected
from support.queue import person

from dispatcher.core.consents import API, Consent, Standing, Word, to_tell
from dispatcher.store import consent, consent_reads, consents_told, leases
from dispatcher.store.consent import OptOut
from dispatcher.store.consents_told import Due, Told
from dispatcher.store.database import Connection
from dispatcher.store.leases import DeposedError, Lead

PHONE, OTHER = "+19165550100", "+19165550101"
OURS = "+16505550100"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MOST = 1000
ROW = "SELECT * FROM newsletter.sms_consents_told WHERE phone = $1"


@pytest.fixture
async def lead(daemon: Connection) -> Lead:
    made = await leases.lead(daemon, LOGIN, 1, MINUTE)
    assert made
    return made


@pytest.fixture(autouse=True)
async def number(owner: Connection) -> None:
    """One number of ours, for which there is nothing earlier to tell."""
    await sender(owner, LOGIN, OURS)
    await owner.execute("UPDATE newsletter.sms_senders SET told_at = now()")


async def sender(owner: Connection, login: str, number: str) -> None:
    await owner.execute(
        "INSERT INTO newsletter.sms_senders (login, number, enabled, minute_tokens, day)"
        " VALUES ($1, $2, true, 1, current_date)",
        login,
        number,
    )


async def stop(conn: Connection, phone: str = PHONE, ago: timedelta = HOUR) -> None:
    async with conn.transaction():
        at = await conn.fetchval("SELECT now() - $1::interval", ago)
        await consent.opt_out(conn, OptOut(phone, at, "stop"))


async def start(conn: Connection, phone: str = PHONE, ago: timedelta = MINUTE) -> None:
    async with conn.transaction():
        await consent.opt_in(
            conn, phone, await conn.fetchval("SELECT now() - $1::interval", ago)
        )


async def tell(daemon: Connection, lead: Lead) -> list[tuple[str, Word | None]]:
    """Tell all that is to be told, and return it."""
    some = await consents_told.take(daemon, lead, MOST)
    told = [Told(s.phone, s.changes, to_tell(s)) for s in some]
    await consents_told.note(daemon, lead, told)
    return sorted((t.phone, t.word) for t in told)


async def unsubscribe(conn: Connection, someone: UUID, *, wants: bool) -> None:
    """Do as the application does."""
    await conn.execute(
        "UPDATE newsletter.subscribers SET sms_subscribed = $2,"
        " sms_unsubscribed_at = CASE WHEN NOT $2 THEN now() END WHERE id = $1",
        someone,
        wants,
    )


async def test_an_opt_out_is_told_once_and_a_start_after_it(
    daemon: Connection, lead: Lead
) -> None:
    await stop(daemon)
    assert await consents_told.due(daemon, LOGIN) == Due(new_numbers=False, stale=True)
    assert await tell(daemon, lead) == [(PHONE, Word.OPT_OUT)]
    assert await consents_told.due(daemon, LOGIN) == Due(new_numbers=False, stale=False)
    assert await tell(daemon, lead) == []
    await start(daemon)
    assert await tell(daemon, lead) == [(PHONE, Word.OPT_IN)]
    assert await tell(daemon, lead) == []


async def test_what_the_application_writes_is_told(
    app: Connection, owner: Connection, daemon: Connection, lead: Lead
) -> None:
    someone = await person(owner, phone="(916) 555-0100")
    await unsubscribe(app, someone, wants=False)
    assert await tell(daemon, lead) == [(PHONE, Word.OPT_OUT)]
    await unsubscribe(app, someone, wants=True)
    assert await tell(daemon, lead) == [(PHONE, Word.OPT_IN)]


async def test_one_of_two_people_is_enough(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    """The guard holds the number for opted out, so RingCentral is told that it is."""
    await person(owner, phone=PHONE)
    await unsubscribe(owner, await person(owner, phone=PHONE), wants=False)
    await owner.execute("INSERT INTO newsletter.subscribers (phone) VALUES ($1)", PHONE)
    assert await tell(daemon, lead) == [(PHONE, Word.OPT_OUT)]


async def test_who_was_never_opted_out_there_is_not_opted_in_there(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    """It might undo a STOP that we have yet to hear of."""
    someone = await person(owner)
    await owner.execute("UPDATE newsletter.subscribers SET sms_subscribed = false")
    assert await tell(daemon, lead) == [(PHONE, None)], "not subscribed is no opt-out"
    await unsubscribe(owner, someone, wants=False)
    await unsubscribe(owner, someone, wants=True)
    assert await tell(daemon, lead) == [(PHONE, None)], "over before it was told"
    assert await consents_told.due(daemon, LOGIN) == Due(new_numbers=False, stale=False)


async def test_a_start_before_we_told_of_the_stop_is_told(
    daemon: Connection, lead: Lead
) -> None:
    """Theirs was heard at one number of ours; the others may know of an older STOP."""
    await stop(daemon)
    await start(daemon)
    assert await tell(daemon, lead) == [(PHONE, Word.OPT_IN)]


async def test_who_opts_out_for_another_reason_is_not_told(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    await owner.execute(
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source) VALUES ($1, 'landline', 'x')",
        PHONE,
    )
    assert await tell(daemon, lead) == []


async def test_a_change_during_the_request_is_told_next(daemon: Connection, lead: Lead) -> None:
    await stop(daemon)
    (seen,) = await consents_told.take(daemon, lead, MOST)
    await start(daemon)
    await consents_told.note(daemon, lead, [Told(PHONE, seen.changes, Word.OPT_OUT)])
    assert await tell(daemon, lead) == [(PHONE, Word.OPT_IN)]


async def test_what_was_told_before_a_death_may_be_known(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    """Between the request and its commit the application takes the person back."""
    someone = await person(owner)
    await unsubscribe(owner, someone, wants=False)
    assert await consents_told.take(daemon, lead, MOST)
    await unsubscribe(owner, someone, wants=True)
    assert await tell(daemon, lead) == [(PHONE, Word.OPT_IN)]


async def test_a_refused_number_is_told_again_a_day_later(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    await stop(daemon)
    (seen,) = await consents_told.take(daemon, lead, MOST)
    refused = Told(PHONE, seen.changes, Word.OPT_OUT, "CMN-101")
    await consents_told.note(daemon, lead, [refused])
    row = await owner.fetchrow(ROW, PHONE)
    assert row
    assert (row["refusal"], row["told_at"]) == ("CMN-101", None)
    assert await tell(daemon, lead) == []
    await owner.execute(
        "UPDATE newsletter.sms_consents_told SET due_at = due_at - interval '1 day'"
    )
    assert await tell(daemon, lead) == [(PHONE, Word.OPT_OUT)]
    assert await owner.fetchval("SELECT refusal FROM newsletter.sms_consents_told") is None


async def test_a_refused_number_that_changes_is_told_at_once(
    daemon: Connection, lead: Lead
) -> None:
    await stop(daemon)
    (seen,) = await consents_told.take(daemon, lead, MOST)
    await start(daemon)
    refused = Told(PHONE, seen.changes, Word.OPT_OUT, "CMN-101")
    await consents_told.note(daemon, lead, [refused])
    assert await tell(daemon, lead) == [(PHONE, Word.OPT_IN)]


async def test_the_latest_change_is_told_first(daemon: Connection, lead: Lead) -> None:
    await stop(daemon, OTHER)
    await stop(daemon, PHONE)
    (first,) = await consents_told.take(daemon, lead, 1)
    assert first.phone == PHONE


async def test_nobody_waits_for_a_long_transaction_of_the_application(
    database: str, owner: Connection, daemon: Connection, lead: Lead
) -> None:
    """What it holds is told after it; all else at once."""
    someone = await person(owner)
    await unsubscribe(owner, someone, wants=False)
    await stop(daemon, OTHER)
    (row,) = [s for s in await consents_told.take(daemon, lead, MOST) if s.phone == PHONE]
    async with connected(database) as import_, import_.transaction():
        await unsubscribe(import_, someone, wants=True)
        await daemon.execute("SET lock_timeout = '1s'")
        assert await tell(daemon, lead) == [(OTHER, Word.OPT_OUT)]
        await consents_told.note(daemon, lead, [Told(PHONE, row.changes, Word.OPT_OUT)])
    assert await tell(daemon, lead) == [(PHONE, Word.OPT_IN)]


async def test_a_number_of_ours_that_is_new_hears_of_all_earlier_opt_outs(
    owner: Connection, daemon: Connection, lead: Lead, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consents_told, "AT_ONCE", 2)
    phones = [f"+1916555{n:04}" for n in range(100, 105)]
    for phone in phones:
        await stop(daemon, phone)
    await start(daemon, phones[4])
    await tell(daemon, lead)
    await sender(owner, LOGIN, "+16505550101")
    assert (await consents_told.due(daemon, LOGIN)).new_numbers
    numbers = await consents_told.new_numbers(daemon, LOGIN)
    assert numbers == ["+16505550101"]
    last: str | None = ""
    while last is not None:
        last = await consents_told.note_earlier(daemon, lead, last)
    await consents_told.noted_earlier(daemon, lead, numbers)
    assert await tell(daemon, lead) == [
        *((phone, Word.OPT_OUT) for phone in phones[:4]),
        (phones[4], None),
    ]
    assert await consents_told.due(daemon, LOGIN) == Due(new_numbers=False, stale=False)


async def test_each_login_tells_for_its_own_numbers(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    await sender(owner, "second", "+16505550102")
    await stop(daemon)
    second = await leases.lead(daemon, "second", 1, MINUTE)
    assert second
    assert await tell(daemon, lead) == [(PHONE, Word.OPT_OUT)]
    assert await tell(daemon, second) == [(PHONE, Word.OPT_OUT)]


async def test_who_does_not_lead_takes_and_notes_nothing(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    await stop(daemon)
    await owner.execute("UPDATE newsletter.leases SET fence = fence + 1")
    with pytest.raises(DeposedError):
        await consents_told.take(daemon, lead, MOST)
    with pytest.raises(DeposedError):
        await consents_told.note(daemon, lead, [Told(PHONE, 9, Word.OPT_OUT)])
    with pytest.raises(DeposedError):
        await consents_told.note_earlier(daemon, lead, "")
    with pytest.raises(DeposedError):
        await consents_told.noted_earlier(daemon, lead, [OURS])
    row = await owner.fetchrow(ROW, PHONE)
    assert row
    assert (row["told"], row["told_changes"]) == (None, 0)


async def test_our_own_words_are_no_news(daemon: Connection, lead: Lead) -> None:
    """A START came between our opt-out and our request: it stays in force."""
    await stop(daemon)
    assert await consents_told.take(daemon, lead, MOST)
    await start(daemon)
    now = await daemon.fetchval("SELECT now()")
    for source, news in ((API, []), ("Recipient", [PHONE]), ("Carrier", [PHONE])):
        found = await consent_reads.news(daemon, [Consent(PHONE, now, source)])
        assert [one.phone for one in found] == news, source
    both = [Consent(PHONE, now, API), Consent(PHONE, now - HOUR / 2, "Upstream")]
    (one,) = await consent_reads.news(daemon, [both[0], Consent(PHONE, now, "Upstream")])
    assert one.phone == PHONE
    assert await consent_reads.news(daemon, both) == [], "the START came after that"


async def test_another_programs_word_on_a_number_that_we_never_told_of_is_news(
    daemon: Connection,
) -> None:
    at = await daemon.fetchval("SELECT now()")
    (one,) = await consent_reads.news(daemon, [Consent(PHONE, at, API)])
    assert one.phone == PHONE


async def test_another_programs_word_after_it_took_our_opt_in_is_news(
    owner: Connection, daemon: Connection, lead: Lead
) -> None:
    """It can't be our own: since then we have told of no opt-out."""
    await stop(daemon)
    await consents_told.take(daemon, lead, MOST)
    await start(daemon)
    (back,) = await consents_told.take(daemon, lead, MOST)
    await consents_told.note(daemon, lead, [Told(PHONE, back.changes, Word.OPT_IN)])
    now = await owner.fetchval("SELECT told_at FROM newsletter.sms_consents_told")
    for at, news in ((now + 2 * MINUTE, [PHONE]), (now + MINUTE / 2, []), (now - HOUR, [])):
        found = await consent_reads.news(daemon, [Consent(PHONE, at, API)])
        assert [one.phone for one in found] == news, at
    await stop(daemon, ago=timedelta(0))
    await consents_told.take(daemon, lead, MOST)
    await start(daemon, ago=timedelta(0))
    found = await consent_reads.news(daemon, [Consent(PHONE, now + HOUR, API)])
    assert found == [], "it may be ours again"


async def test_an_import_wakes_who_tells_once(
    database: str, owner: Connection, app: Connection
) -> None:
    heard: list[str] = []
    async with connected(database) as ear:
        await ear.add_listener("sms_dispatcher_told", lambda *_: heard.append("told"))
        await app.execute(
            "INSERT INTO newsletter.subscribers (phone, sms_unsubscribed_at)"
            " SELECT '+1916555' || lpad(n::text, 4, '0'), now() FROM generate_series(100, 199) n"
        )
        await person(owner, phone="+19165550300")  # nobody who opted out: no hint
        await ear.execute("SELECT 1")
        await ear.execute("SELECT 1")
    assert heard == ["told"]
    count = await owner.fetchval(
        "SELECT count(*) FROM newsletter.sms_consents_told WHERE changes > told_changes"
    )
    assert count == 100


async def test_imports_take_numbers_in_one_order(
    database: str, owner: Connection, app: Connection
) -> None:
    """Or two of them would wait for each other: the first number goes before the second."""
    for phone in (PHONE, OTHER):
        await stop(owner, phone)
    add = (
        "INSERT INTO newsletter.subscribers (phone, sms_unsubscribed_at)"
        " SELECT phone, now() FROM unnest($1::text[]) AS t(phone)"
    )
    async with connected(database) as holder:
        async with holder.transaction():
            await holder.execute(f"{ROW} FOR NO KEY UPDATE", PHONE)
            adding = asyncio.create_task(app.execute(add, [OTHER, PHONE]))
            await until(owner, "EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            free = await owner.fetch(
                "SELECT phone FROM newsletter.sms_consents_told FOR NO KEY UPDATE SKIP LOCKED"
            )
        await adding
    assert [r["phone"] for r in free] == [OTHER]


@pytest.mark.parametrize(
    ("stands", "word"),
    [
        ((None, True, False), Word.OPT_OUT),
        (("opt_out", True, False), Word.OPT_OUT),
        (("opt_in", True, False), Word.OPT_OUT),
        (("opt_out", False, False), Word.OPT_IN),
        (("opt_out", False, True), Word.OPT_IN),
        ((None, False, True), Word.OPT_IN),
        ((None, False, False), None),
        (("opt_in", False, True), None),
    ],
)
def test_what_is_told(stands: tuple[str | None, bool, bool], word: Word | None) -> None:
    told, opted_out, lifted = stands
    assert to_tell(Standing(PHONE, 1, told, opted_out, lifted)) == word
