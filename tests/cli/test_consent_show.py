"""`sms-dispatcher consent show` as an operator meets it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.command import Ran, run
from support.inbound import entry, receive
from support.queue import campaign, open_attempt, person, text

from dispatcher.store.database import Connection

PHONE, OTHER = "+19165550100", "+19165550101"
AT = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(params=["app_daemon", "app_host"])
def dsn(request: pytest.FixtureRequest, database: str) -> str:
    """Either role may look."""
    return database.replace("owner@", f"{request.param}@")


async def show(dsn: str, *args: str) -> Ran:
    ran = await run("consent", "show", *args, dsn=dsn)
    assert all(len(line) <= 80 for line in ran.out.splitlines() if not args[1:])
    return ran


async def told(dsn: str, phone: str = PHONE) -> dict[str, Any]:
    ran = await show(dsn, phone, "--json")
    assert (ran.code, ran.err) == (0, "")
    return dict(json.loads(ran.out))


async def sent(owner: Connection, at: datetime, **more: Any) -> int:
    """Let a text have been sent at that time; return its attempt."""
    message = await text(owner, status="sent", content=more.get("content", "Hello"), **{
        name: value for name, value in more.items() if name in {"campaign", "person"}
    })  # fmt: skip
    attempt = await open_attempt(owner, message, outcome="accepted", **more)
    await owner.execute(
        "UPDATE newsletter.sms_attempts SET opened_at = $2::timestamptz, send_by = $2::timestamptz + interval '5 s',"
        """ verdict = '{"rule": "hours US-CA", "version": "2026-11-01"}' WHERE id = $1""",
        attempt,
        at,
    )
    return attempt


@pytest.mark.parametrize("spelled", [PHONE, "916.555.0100", "(916) 555-0100", "1 916 555 0100"])
async def test_a_number_of_which_nothing_is_known(database: str, spelled: str) -> None:
    ran = await show(database, spelled)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "+1916***0100, times in America/Los_Angeles (the area code's)\n"
        "Nothing is known of this number.\n"
    )


@pytest.mark.parametrize("typed", ["555-0100", "911", "Ada", ""])
async def test_what_is_no_number(database: str, typed: str) -> None:
    ran = await show(database, typed)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "That is no number that can be texted" in ran.err


async def test_one_persons_whole_story(dsn: str, owner: Connection) -> None:
    ada = await person(owner)
    await owner.execute("UPDATE newsletter.subscribers SET timezone = 'America/Denver'")
    await owner.execute(
        "INSERT INTO newsletter.consent_events (phone, event, at, source, words, proof, decided_by) VALUES"
        """ ($1, 'evidence', $2, 'web form', 'I agree to texts', '{"IP address": "192.0.2.7"}', 'maria')""",
        PHONE,
        AT,
    )
    spring = await campaign(owner)
    attempt = await sent(
        owner, AT + HOUR, campaign=spring, person=ada, content="Tulips are here."
    )
    await owner.execute(
        "INSERT INTO newsletter.sms_delivery_events (phone_number, status, attempt_id, error_code) VALUES ($1, 'FAILED', $2, 'SMS-CAR-413')",
        PHONE,
        attempt,
    )
    waits = await text(owner, campaign=spring, person=ada, content="Roses too.")
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET created_at = $1, rule = 'cap person', verdicts = $2 WHERE id = $3",
        AT + 1.5 * HOUR,
        '[{"version": "old"}, {"version": "2026-11-02"}]',
        waits,
    )
    await receive(owner, entry("Please stop!", AT + 2 * HOUR))
    ran = await show(dsn, "916-555-0100")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[:4] == [
        "+1916***0100, times in America/Denver (stored with the person)",
        "Consents to promotions: no, opted out.",
        "1 person has this number, 0 subscribed.",
        "Suppressed: opted_out since 2026-01-05 13:00:00 MST, without an end.",
    ]
    order = [
        "2026-01-05 11:00:00 MST  proof of a consent, known from: web form",
        "    in these words: I agree to texts",
        "    proof: IP address: 192.0.2.7",
        "    decided by maria",
        "    recorded by owner, ",
        "2026-01-05 12:00:00 MST  text sent, campaign Spring, promotion",
        "    text: Tulips are here.",
        "    came to: accepted, FAILED, code SMS-CAR-413",
        "    why: rule hours US-CA, rules of version 2026-11-01",
        "    sms-dispatcher explain ",
        "2026-01-05 12:30:00 MST  text queued, campaign Spring, promotion",
        "    text: Roses too.",
        "    came to: cancelled",
        "    why: opted_out, rule opt-out",
        "2026-01-05 13:00:00 MST  they wrote (campaign Spring): Please stop!",
        "    understood as: opt_out,",
        "2026-01-05 13:00:00 MST  opted out, known from: stop",
        "    in these words: Please stop!",
    ]
    places = [
        next((n for n, line in enumerate(lines) if line.startswith(want)), want)
        for want in order
    ]
    assert all(isinstance(place, int) for place in places), places
    assert places[0] == 5
    assert [lines.index(line) for line in order[:4]] == [5, 6, 7, 8], "the story begins"
    titles = [n for n, line in zip(places, order, strict=True) if not line.startswith(" ")]
    assert titles == sorted(titles, key=int)
    assert PHONE not in ran.out


async def test_the_same_for_a_program(dsn: str, owner: Connection) -> None:
    await person(owner)
    await sent(owner, AT)
    found = await told(dsn)
    assert (found["phone"], found["consents"], found["why"]) == (
        "+1916***0100",
        True,
        "subscribed",
    )
    assert (found["zone"], found["zone_from"]) == ("America/Los_Angeles", "the area code's")
    sent_text, agreed = found["moments"]
    assert (sent_text["what"], sent_text["local"]) == ("text", "2026-01-05T10:00:00-08:00")
    assert (agreed["what"], agreed["event"], agreed["recorded_by"]) == (
        "event",
        "opt_in",
        "owner",
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE newsletter.subscribers SET sms_unsubscribed_at = now()", "unsubscribed in the application"),
        ("UPDATE newsletter.subscribers SET sms_subscribed = false", "not subscribed"),
        ("UPDATE newsletter.subscribers SET is_deleted = true", "deleted in the application"),
        ("DELETE FROM newsletter.subscribers", "nobody with this number is known"),
        ("INSERT INTO newsletter.subscribers (phone) VALUES ('9165550100')",
         "people with this number disagree: only a text that names who agreed leaves"),
        ("INSERT INTO newsletter.sms_suppressions (phone, reason, source) VALUES ('+19165550100', 'landline', 'x')",
         "suppressed, landline"),
        ("INSERT INTO newsletter.sms_suppressions (phone, reason, source) VALUES ('+19165550100', 'a', 'x'), ('+19165550100', 'opted_out', 'x')",
         "opted out"),
    ],
)  # fmt: skip
async def test_who_does_not_consent_and_why(
    database: str, owner: Connection, change: str, why: str
) -> None:
    await person(owner)
    await owner.execute(change)
    found = await told(database)
    assert (found["consents"], found["why"]) == (False, why)


async def test_what_has_ended_keeps_nobody(database: str, owner: Connection) -> None:
    await person(owner)
    await owner.execute(
        "INSERT INTO newsletter.sms_suppressions (phone, reason, source, since, until) VALUES"
        " ('+19165550100', 'landline', 'x', '2026-01-01', '2026-01-02')"
    )
    assert [each["holds"] for each in (await told(database))["suppressions"]] == [False]
    said = (await show(database, PHONE)).out
    assert "promotions: yes, subscribed, by application of" in said
    assert "Suppressed:" not in said


async def test_proof_goes_before_a_mere_change(database: str, owner: Connection) -> None:
    await person(owner)
    await owner.execute(
        "INSERT INTO newsletter.consent_events (phone, event, at, source)"
        " VALUES ('+19165550100', 'evidence', '2026-01-05', 'paper')"
    )
    assert "subscribed, by paper of 2026-01-0" in (await show(database, PHONE)).out
    for out in ("now()", "NULL"):
        await owner.execute(f"UPDATE newsletter.subscribers SET sms_unsubscribed_at = {out}")
    assert "subscribed, by application of" in (await show(database, PHONE)).out, "it is older"


async def test_what_is_gone_is_still_told(database: str, owner: Connection) -> None:
    """The row, the campaign and the person were deleted; of a text that changed we know nothing."""
    ada, spring = await person(owner), await campaign(owner)
    await sent(owner, AT, campaign=spring, person=ada, content="Tulips")
    await sent(owner, AT + HOUR, content="Roses")
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET message_content = 'Other' WHERE message_content = 'Roses';"
        "DELETE FROM newsletter.sms_send_queue WHERE message_content = 'Tulips'; DELETE FROM newsletter.campaigns;"
        "DELETE FROM newsletter.subscribers"
    )
    found = await told(database)
    texts = [
        (each["campaign"], each["text"]) for each in found["moments"] if each["what"] == "text"
    ]
    assert texts == [(None, None)] * 2
    assert [e["event"] for e in found["moments"] if e["what"] == "event"] == [
        "opt_in",
        "removed",
    ]


async def test_a_row_is_told_beside_its_requests_only_if_they_do_not_say_all(
    database: str, owner: Connection
) -> None:
    await sent(owner, AT)
    again = await text(owner)
    await open_attempt(owner, again, outcome="throttled")
    failed = await text(owner, status="failed", reason="refused")
    await open_attempt(owner, failed, outcome="refused")
    await text(owner, phone=OTHER)
    found = await told(database)
    assert sorted((e["outcome"], e["attempt"] is None) for e in found["moments"]) == [
        ("accepted", False), ("pending", True), ("refused", False), ("throttled", False),
    ]  # fmt: skip


async def test_nobody_commands_a_terminal(database: str, owner: Connection) -> None:
    await receive(owner, entry("STOP\x1b[2J\x9b1m", AT))
    await owner.execute(
        "INSERT INTO newsletter.consent_events (phone, event, at, source, words, proof) VALUES"
        r""" ($1, 'evidence', $2, E'f\x1b', E'I\x1b agree', '{"a\u001b": "b\u009b"}')""",
        PHONE,
        AT,
    )
    for ran in (await show(database, PHONE), await show(database, PHONE, "--json")):
        assert ran.code == 0
        assert not {c for c in ran.out if c != "\n" and (c < " " or "\x7f" <= c <= "\x9f")}
        assert "u001b" not in ran.out
