"""What people write is stored once, and does what it asks for once."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest
from support.claiming import LOGIN, OURS, TODAY, claim, share
from support.host import connected
from support.inbound import CHATTY, PHONE, entry, receive
from support.queue import campaign, open_attempt, person, text
from support.rules import RULES

from dispatcher.core.judge import Judge
from dispatcher.core.message import Category
from dispatcher.core.replies import Verdict
from dispatcher.store import login
from dispatcher.store.database import Connection

HOUR = timedelta(hours=1)

Ago = Callable[..., datetime]


@pytest.fixture
async def ago(owner: Connection) -> Ago:
    """Tell times from the database's own: `ago()` is a second before it."""
    now: datetime = await owner.fetchval("SELECT now()")
    return lambda span=timedelta(seconds=1): now - span


async def stored(conn: Connection) -> asyncpg.Record:
    """Return the only text that is stored."""
    (row,) = await conn.fetch("SELECT * FROM newsletter.sms_inbound_messages")
    return row


async def suppressed(conn: Connection, phone: str = PHONE) -> bool:
    found: bool = await conn.fetchval(
        "SELECT EXISTS (SELECT FROM newsletter.sms_suppressions WHERE phone = $1 AND lifted_at IS NULL)",
        phone,
    )
    return found


async def answers(conn: Connection) -> list[tuple[str, str, str]]:
    rows = await conn.fetch(
        "SELECT phone_number, sender, message_content FROM newsletter.sms_send_queue"
        " WHERE category = 'compliance' AND answers IS NOT NULL AND campaign_id IS NULL"
        " ORDER BY created_at"
    )
    return [tuple(r) for r in rows]


async def test_a_text_that_comes_by_webhook_and_by_sync_is_one(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    await person(owner)
    record = entry("STOP", ago())
    first = await receive(daemon, record, trusted=False)
    assert (first.verdict, first.new) == (Verdict.OPT_OUT, True)
    assert first.opted_out
    assert first.honoured_seconds is not None
    row = await stored(owner)
    assert row["read_back_at"] is None
    for _ in range(2):
        again = await receive(daemon, record)
        assert (again.new, again.opted_out) == (False, None)
    assert (await stored(owner))["read_back_at"]
    count = await owner.fetchval("SELECT sms_response_count FROM newsletter.subscribers")
    assert count == 1


async def test_two_copies_at_once_are_one(database: str, owner: Connection, ago: Ago) -> None:
    await person(owner)
    record = entry("STOP", ago())
    async with connected(database) as one, connected(database) as other:
        done = await asyncio.gather(
            receive(one, record, trusted=False), receive(other, record, trusted=True)
        )
    assert sorted(each.new for each in done) == [False, True]
    assert await owner.fetchval("SELECT sms_response_count FROM newsletter.subscribers") == 1
    assert (await stored(owner))["read_back_at"]


async def test_a_record_that_cannot_be_read_is_said_to_be_so(
    daemon: Connection, ago: Ago
) -> None:
    assert (await receive(daemon, entry("STOP", ago()) | {"to": []})).verdict is None


async def test_who_has_no_number_that_can_be_texted_is_stored_and_no_more(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    done = await receive(daemon, entry("STOP", ago(), phone="88022"), rules=CHATTY)
    assert (done.verdict, done.opted_out) == (Verdict.OPT_OUT, None)
    row = await stored(owner)
    assert (row["phone_number"], row["phone"]) == ("88022", None)


async def test_half_an_emoji_keeps_no_stop_from_being_heeded(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    await receive(daemon, entry("STOP \ud83d", ago()))
    assert await suppressed(owner)


async def test_a_start_that_only_a_webhook_claims_does_nothing(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    """Anybody might claim it; it counts once RingCentral's own record shows it."""
    await person(owner)
    await receive(daemon, entry("STOP", ago(HOUR)))
    record = entry("START", ago())
    assert not (await receive(daemon, record, trusted=False)).opted_in
    assert await suppressed(owner)
    assert (await receive(daemon, record)).opted_in
    assert not await suppressed(owner)
    assert await owner.fetchval("SELECT sms_subscribed FROM newsletter.subscribers")


async def test_what_a_webhook_claimed_is_replaced_by_the_record(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    record = entry("Hello", ago())
    await receive(daemon, record, trusted=False)
    assert not await suppressed(owner)
    done = await receive(daemon, record | {"subject": "STOP"})
    assert (done.new, done.opted_out is not None) == (False, True)
    assert await suppressed(owner)
    row = await stored(owner)
    assert (row["message_content"], row["verdict"]) == ("STOP", "opt_out")


async def test_a_clock_that_runs_ahead_makes_no_stop_that_outlives_every_start(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    await receive(daemon, entry("STOP", datetime(2099, 1, 1, tzinfo=UTC)), trusted=False)
    await receive(daemon, entry("START", ago(-HOUR)))
    assert not await suppressed(owner)


async def sent(
    conn: Connection, spring: UUID, sender: str, opened: datetime, who: UUID | None = None
) -> int:
    message = await text(conn, campaign=spring, status="sent")
    made = await open_attempt(conn, message, campaign=spring, person=who, outcome="accepted")
    await conn.execute(
        "UPDATE newsletter.sms_attempts SET sender = $2, opened_at = $3 WHERE id = $1",
        made,
        sender,
        opened,
    )
    return made


async def test_it_answers_the_latest_text_from_that_number_of_ours(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    spring, autumn, ada = await campaign(owner), await campaign(owner), await person(owner)
    await person(owner, phone="(916) 555-0100")  # two with one number: the attempt tells whose
    await sent(owner, spring, OURS, ago(4 * HOUR))
    latest = await sent(owner, spring, OURS, ago(3 * HOUR), ada)
    await sent(owner, autumn, "+16505550101", ago(HOUR))
    await receive(daemon, entry("Thanks!", ago()))
    row = await stored(owner)
    assert (row["campaign_id"], row["attempt_id"], row["subscriber_id"]) == (
        spring,
        latest,
        ada,
    )


@pytest.mark.parametrize(("days", "answered"), [(13, True), (15, False)])
async def test_else_the_latest_from_any_within_a_fortnight(
    owner: Connection, daemon: Connection, days: int, ago: Ago, *, answered: bool
) -> None:
    spring, ada = await campaign(owner), await person(owner)
    await sent(owner, spring, "+16505550101", ago(timedelta(days=days)))
    await receive(daemon, entry("Thanks!", ago()))
    row = await stored(owner)
    assert row["campaign_id"] == (spring if answered else None)
    assert row["subscriber_id"] == ada, "the only person with that number"


async def test_who_of_two_wrote_is_not_guessed(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    await person(owner)
    await person(owner)
    await receive(daemon, entry("Thanks!", ago()))
    assert (await stored(owner))["subscriber_id"] is None


async def test_what_is_unclear_waits_for_a_person(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    done = await receive(daemon, entry("Cancel?", ago()))
    assert done.verdict is Verdict.UNCLEAR
    row = await stored(owner)
    assert row["handled_at"] is None
    assert not await suppressed(owner)
    await receive(daemon, entry("Thanks!", ago()))
    handled = await owner.fetchval(
        "SELECT handled_at FROM newsletter.sms_inbound_messages WHERE verdict = 'none'"
    )
    assert handled


async def test_it_is_told_to_whoever_listens(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    heard: asyncio.Queue[object] = asyncio.Queue()

    def hear(*notice: object) -> None:
        heard.put_nowait(notice[3])

    await owner.add_listener("sms_dispatcher_inbound", hear)
    await receive(daemon, entry("Thanks!", ago()))
    assert await asyncio.wait_for(heard.get(), 10) == str((await stored(owner))["id"])


async def test_help_is_answered_from_the_number_that_was_written_to(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    """Also to somebody who opted out, and not by the number that they heard from last."""
    await share(owner)
    other = "+16505550101"
    await login.know_senders(owner, LOGIN, {OURS: True, other: True}, TODAY)
    await person(owner)
    await receive(daemon, entry("STOP", ago(HOUR)))
    await sent(owner, await campaign(owner), OURS, ago(2 * HOUR))
    assert (await receive(daemon, entry("HELP", ago(), to=other), rules=CHATTY)).answered
    assert await answers(owner) == [(PHONE, other, "Call us.")]
    (claimed,) = (await claim(daemon, 9, Judge(RULES))).claims
    assert (claimed.sender, claimed.facts.category) == (other, Category.COMPLIANCE)


async def test_an_answer_leaves_from_no_other_number(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    await share(owner)
    other = "+16505550101"
    await login.know_senders(owner, LOGIN, {OURS: True, other: False}, TODAY)
    await receive(daemon, entry("HELP", ago(), to=other), rules=CHATTY)
    assert len(await answers(owner)) == 1
    assert (await claim(daemon, 9)).claims == []


async def test_help_is_answered_once_an_hour(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    await share(owner)
    done = [(await receive(daemon, entry("HELP", ago()), rules=CHATTY)).answered] + [
        (await receive(daemon, entry(words, ago()), rules=CHATTY)).answered
        for words in ("HELP", "INFO")
    ]
    assert done == [True, False, False]
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET created_at = created_at - interval '1 hour'"
    )
    assert (await receive(daemon, entry("HELP", ago()), rules=CHATTY)).answered


@pytest.mark.parametrize("words", ["HELP", "please stop texting me"])
async def test_nothing_is_answered_to_an_old_text_to_ourselves_or_to_a_mere_claim(
    owner: Connection, daemon: Connection, words: str, ago: Ago
) -> None:
    await share(owner)
    await receive(daemon, entry(words, ago(6 * timedelta(minutes=1))), rules=CHATTY)
    await receive(daemon, entry(words, ago(), phone=OURS), rules=CHATTY)
    await receive(daemon, entry(words, ago(), to="+16505550109"), rules=CHATTY)
    claimed = entry(words, ago(), phone="+19165550102")
    await receive(daemon, claimed, trusted=False, rules=CHATTY)
    assert await answers(owner) == []
    await receive(daemon, claimed, rules=CHATTY)
    assert len(await answers(owner)) == 1


async def test_an_opt_out_that_the_record_does_not_show_is_not_confirmed(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    """It holds, for it was heeded at once; but nobody wrote what we would answer."""
    await share(owner)
    claimed = entry("stop please", ago())
    await receive(daemon, claimed, trusted=False, rules=CHATTY)
    await receive(daemon, claimed | {"subject": "Thanks!"}, rules=CHATTY)
    assert await suppressed(owner)
    assert await answers(owner) == []


async def test_without_a_text_nothing_is_answered(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    await share(owner)
    for words in ("HELP", "please stop texting me"):
        await receive(daemon, entry(words, ago()))
    assert await answers(owner) == []


async def test_an_opt_out_is_confirmed_once_and_only_if_ringcentral_does_not(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    await share(owner)
    await receive(daemon, entry("STOP", ago(), phone="+19165550101"), rules=CHATTY)
    assert await answers(owner) == [], "RingCentral knows this word and confirms it itself"
    for words in ("please stop texting me", "do not text me again"):
        await receive(daemon, entry(words, ago()), rules=CHATTY)
    assert await answers(owner) == [(PHONE, OURS, "Bye.")]
    expires, written = await owner.fetchrow(  # type: ignore[misc]  # there is one
        "SELECT q.expires_at, i.written_at FROM newsletter.sms_send_queue q"
        " JOIN newsletter.sms_inbound_messages i ON i.id = q.answers"
    )
    assert expires - written == timedelta(minutes=5)


async def test_a_confirmation_is_not_what_the_stop_cancels(
    owner: Connection, daemon: Connection, ago: Ago
) -> None:
    await share(owner)
    await person(owner)
    await receive(daemon, entry("please stop texting me", ago()), rules=CHATTY)
    await receive(daemon, entry("STOP", ago()), rules=CHATTY)
    (claimed,) = (await claim(daemon, 9, Judge(RULES))).claims
    assert claimed.facts.text == "Bye."
