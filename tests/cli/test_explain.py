"""`sms-dispatcher explain` as an operator meets it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from support.command import Ran, run
from support.judged import LOUISVILLE, judged, waiting
from support.queue import open_attempt, person, text
from support.rules import RULES

from dispatcher.cli import verdicts
from dispatcher.core.guard import Allow, Defer
from dispatcher.core.judge import Judge
from dispatcher.core.law_table import own
from dispatcher.core.reason import SENTENCES, Reason
from dispatcher.store.database import Connection
from dispatcher.store.facts import read_facts

NIGHT = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)  # two o'clock in Louisville
WIDTH = 80


@pytest.fixture
def dsn(database: str) -> str:
    """The daemon's role."""
    return database.replace("owner@", "app_daemon@")


async def explain(dsn: str, what: object, *args: str, **env: str) -> Ran:
    return await run("explain", str(what), *args, dsn=dsn, **env)


async def plain(dsn: str, what: object, *args: str, **env: str) -> dict[str, Any]:
    ran = await explain(dsn, what, "--json", *args, **env)
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)
    return found


def assert_one_sentence(ran: Ran, said: str) -> None:
    assert (ran.code, ran.out) == (2, ""), ran
    assert ran.err.count("\n") == 1
    assert said in ran.err


async def test_a_text_that_nobody_looked_at(dsn: str, owner: Connection) -> None:
    message = await waiting(owner)
    ran = await explain(dsn, message)
    assert (ran.code, ran.err) == (0, "")
    assert "No rule has looked at it yet: it is due" in ran.out
    await owner.execute("UPDATE newsletter.campaigns SET status = 'PAUSED'")
    assert (
        "No rule has looked at it yet: its campaign is PAUSED."
        in (await explain(dsn, message)).out
    )


async def test_a_deferral_rule_by_rule(dsn: str, owner: Connection) -> None:
    message = await waiting(owner)
    assert isinstance(await judged(owner, message, NIGHT), Defer)
    ran = await explain(dsn, message)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert lines[:3] == [
        f"Text {message}",
        "promotion to +1502***0100, campaign Spring",
        "Times are of America/New_York, the zone of area code 502.",
    ]
    assert lines[4].startswith("2026-03-03 02:00 deferred until 2026-03-03 10:0")
    assert ": quiet_hours, by hours US-KY" in lines[4]
    for said in (
        "    it is too early or too late where the people are",
        f"    rules {RULES.law.version}, profile federal+state",
        "    nothing against it: campaign, number, country, text, person, suppression,",
        "    may be in: US-KY America/New_York",
        "    hours US on the clock of America/New_York: shut until 2026-03-03 08:00",
        "    hours US-KY on the clock of America/New_York: shut until 2026-03-03 10:00",
        "    cap person: 0 of 3 in 24 h",
        "    hours US stands in 47 CFR 64.1200(c)(1)",
        "    hours US-KY stands in KRS 367.46955; dropcowboy.com 2025-11;",
    ):
        assert said in lines, said
    assert lines[-2].startswith("It is pending, due 2026-03-03 10:0")
    assert "5550100" not in ran.out


@pytest.mark.parametrize(
    ("phone", "zone", "shown", "whose"),
    [
        (LOUISVILLE, "America/Denver", "America/Denver", "the zone that is stored"),
        (LOUISVILLE, "Mars", "America/New_York", "the zone of area code 502"),
        ("+12705550100", None, "America/Chicago", "a zone of area code 270"),
        ("+18005550100", None, "UTC", "no zone is known"),
        ("+18005550100", "America/Denver", "America/Denver", "the zone that is stored"),
        ("12", None, "UTC", "no zone is known"),
    ],
)
def test_whose_clock_is_shown(phone: str, zone: str | None, shown: str, whose: str) -> None:
    clock = verdicts.clock_of(phone, zone)
    assert clock.zone == shown
    assert clock.whose.startswith(whose)


async def test_the_whole_story_for_programs_from_either_id(dsn: str, owner: Connection) -> None:
    message = await waiting(owner, zone="America/Denver")
    await judged(owner, message, NIGHT)
    attempt = await open_attempt(owner, message, phone=LOUISVILLE, outcome="accepted")
    facts = (await read_facts(owner, [message], RULES.memory))[message]
    noon = NIGHT + timedelta(hours=12)
    kept = Judge(RULES).record(facts, noon, Allow())
    await owner.execute(
        "UPDATE newsletter.sms_attempts SET verdict = $1, opened_at = $2", kept, noon
    )
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET status = 'sent', sent_at = now(), reason = NULL, rule = NULL"
    )
    await owner.execute(
        "INSERT INTO newsletter.sms_delivery_events (attempt_id, phone_number, status, delivered_at)"
        " VALUES ($1, $2, 'DELIVERED', $3)",
        attempt, LOUISVILLE, noon,
    )  # fmt: skip
    found = await plain(dsn, message)
    assert found == await plain(dsn, attempt), "its attempt's number names it too"
    assert (found["id"], found["phone"]) == (str(message), "+1502***0100")
    assert (found["zone"], found["row"]["word"]) == ("America/Denver", "sent")
    assert [v["verdict"] for v in found["verdicts"]] == ["defer", "allow"]
    assert found["verdicts"][0]["citations"]["hours US-KY"].startswith("KRS 367.46955|")
    assert (found["attempts"][0]["outcome"], found["attempts"][0]["delivery"]) == (
        "accepted", "DELIVERED",
    )  # fmt: skip
    assert found["now"] is None
    said = (await explain(dsn, message)).out
    assert f"2026-03-03 12:00 attempt {attempt}: allowed" in said
    assert "delivery: DELIVERED 2026-03-03 12:00" in said
    assert "5550100" not in said + json.dumps(found)
    assert "Hello" not in said + json.dumps(found)
    await owner.execute(
        "DELETE FROM newsletter.sms_send_queue; UPDATE newsletter.sms_attempts"
        " SET decision = 'sent', decided_at = now(), decided_by = E'Eve\\x1b[2J'"
    )
    gone = await explain(dsn, message)
    assert (gone.code, gone.err) == (0, "")
    assert f"attempt {attempt}: allowed" in gone.out
    assert "decided by Eve\N{REPLACEMENT CHARACTER}[2J: sent" in gone.out
    assert "Its row is gone; the ledger is kept." in gone.out
    assert (await plain(dsn, message))["row"] is None
    assert_one_sentence(await explain(dsn, message, "--now"), "it can't be judged anew")


async def test_who_opted_out_and_who_was_deleted(dsn: str, owner: Connection) -> None:
    message = await waiting(owner)
    await owner.execute("UPDATE newsletter.subscribers SET sms_unsubscribed_at = now()")
    await judged(owner, message, NIGHT)
    said = (await explain(dsn, message)).out
    assert "cancelled: opted_out, by opt-out" in said
    assert "It is cancelled: opted_out, the person opted out of texts." in said
    assert "nothing against it: campaign, number, country, text, person, suppression" in said
    other = await text(owner, person=(ada := await person(owner)))
    await owner.execute("DELETE FROM newsletter.subscribers WHERE id = $1", ada)
    assert "cancelled: subscriber_deleted, by person" in (await explain(dsn, other)).out


async def test_judged_anew(dsn: str, owner: Connection) -> None:
    message = await waiting(owner)
    before = await judged(owner, message, NIGHT)
    await owner.execute("UPDATE newsletter.sms_send_queue SET scheduled_at = now()")
    await owner.execute("UPDATE newsletter.subscribers SET sms_unsubscribed_at = now()")
    stored = await owner.fetch("SELECT * FROM newsletter.sms_send_queue")
    found = await plain(dsn, message, "--now")
    assert (found["now"]["verdict"], found["now"]["rule"]) == ("cancel", "opt-out")
    assert (
        "defer, quiet_hours, hours US-KY, and is cancel, opted_out, opt-out"
        in (found["changed"][0])
    )
    assert await owner.fetch("SELECT * FROM newsletter.sms_send_queue") == stored, before
    ran = await explain(dsn, message, "--now", SMS_DISPATCHER_HOURS="strictest-us")
    assert (ran.code, ran.err) == (0, "")
    assert "Since the verdict of 2026-03-03 02:00 these are different:" in ran.out
    assert "profile was federal+state, and is strictest-us" in ran.out
    assert max(map(len, ran.out.splitlines())) <= WIDTH


async def test_judged_anew_of_a_campaign_that_does_not_send_and_of_a_full_day(
    dsn: str, owner: Connection
) -> None:
    message = await waiting(owner)
    hours_off = {"SMS_DISPATCHER_HOURS": "off"}
    assert (await plain(dsn, message, "--now", **hours_off))["now"]["verdict"] == "allow"
    await owner.execute(
        "INSERT INTO newsletter.tier_days VALUES ((now() AT TIME ZONE 'America/Los_Angeles')::date, 9)"
    )
    full = await plain(
        dsn, message, "--now", SMS_DISPATCHER_TIER_SEGMENTS_PER_DAY="9", **hours_off
    )
    assert (full["now"]["rule"], full["changed"]) == ("tier", None)
    await owner.execute("UPDATE newsletter.campaigns SET status = 'PAUSED'")
    ran = await explain(dsn, message, "--now", **hours_off)
    said = " ".join(ran.out.split())
    assert "nothing against it, but its campaign is not sending" in said


async def test_a_failure_and_an_unknown(dsn: str, owner: Connection) -> None:
    failed = await text(owner, status="failed", reason="refused")
    await owner.execute("UPDATE newsletter.sms_send_queue SET error_code = 'MSG-240'")
    assert (
        "It is failed: refused, RingCentral refused it for good (MSG-240)."
        in (await explain(dsn, failed)).out
    )
    unknown = await text(owner, status="sending", unknown_at=True)
    assert (
        "Whether it went out is not known: sms-dispatcher unknown."
        in (await explain(dsn, unknown)).out
    )
    retried = await text(owner, reason="retry")
    assert f"retry, {SENTENCES[Reason.RETRY]}." in " ".join(
        (await explain(dsn, retried)).out.split()
    )


async def test_another_version_than_those_at_hand(dsn: str, owner: Connection) -> None:
    message = await waiting(owner)
    await judged(owner, message, NIGHT)
    await owner.execute(
        "UPDATE newsletter.sms_send_queue SET verdicts = jsonb_set(verdicts, '{0,version}', '\"2020-01-01\"')"
    )
    said = " ".join((await explain(dsn, message)).out.split())
    assert "where its rules stand can't be told: no table of that version is at hand" in said
    assert verdicts.citations({"version": own().version}, [own()]) == {}


async def test_what_is_not_there(dsn: str, database: str, owner: Connection) -> None:
    lost = uuid4()
    assert_one_sentence(await explain(dsn, lost), f"There is no text {lost}, in the queue or")
    assert_one_sentence(await explain(dsn, 77), "There is no attempt 77, in the queue or in")
    ran = await explain(dsn, "spring")
    assert ran.code == 2
    assert "must be a text's id, or an attempt's number" in ran.err
    message = await waiting(owner)
    host = database.replace("owner@", "app_host@")
    assert (await explain(host, message, "--now")).code == 0, "the application may look too"
    ran = await explain(dsn, message, SMS_DISPATCHER_RULES_FILE="/nowhere")
    assert (ran.code, ran.err.count("\n")) == (0, 1), "what happened is told all the same"
    assert_one_sentence(
        await explain(dsn, message, "--now", SMS_DISPATCHER_RULES_FILE="/nowhere"),
        "The file that SMS_DISPATCHER_RULES_FILE names does not exist.",
    )
