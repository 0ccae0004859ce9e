"""What is on record of a verdict agrees with the verdict."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rules import RULES, law

from dispatcher.core import differences, grounds, guard
from dispatcher.core.guard import Allow, Cancel, Defer, Wait
from dispatcher.core.law import Hours, Law
from dispatcher.core.message import Category, Facts
from dispatcher.core.reason import RULES as RULE_OF
from dispatcher.core.reason import SENTENCES, Reason

NOW = datetime(2026, 3, 3, 20, 0, tzinfo=UTC)
FACTS = Facts(
    id=UUID(int=1), fence=1, campaign_id=UUID(int=2), subscriber_id=UUID(int=3),
    category=Category.PROMOTION, phone="+15025550100", text="Hello", scheduled_at=NOW - timedelta(hours=2),
    expires_at=None, attempts=0, campaign_status="SENDING", campaign_channel="SMS", campaign_deleted=False,
    campaign_begun=False, person_gone=False, suppressed=False, opted_out=False, consents=True, zone=None,
    last_sender=None,
)  # fmt: skip
SELDOM = st.sampled_from([False] * 9 + [True])
MOMENTS = st.integers(0, 34_000_000).map(
    lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s)
)
LAWS = {hours: law(hours) for hours in Hours}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Facts, guard.Rules, datetime]:
    now = draw(MOMENTS)
    phones = ["+12705550100", "+18005550100", "+13055550100", "+18085550100", "+14015550100"]
    facts = replace(
        FACTS,
        category=draw(st.sampled_from(Category)),
        phone=draw(st.sampled_from([*phones * 3, "+18765550100", None])),
        text=draw(st.sampled_from(["Hello"] * 9 + [""])),
        scheduled_at=now - timedelta(hours=draw(st.integers(0, 30))),
        campaign_status=draw(st.sampled_from(["SENDING"] * 6 + [None, "PAUSED", "CANCELLED"])),
        campaign_deleted=draw(SELDOM),
        person_gone=draw(SELDOM),
        suppressed=draw(SELDOM),
        opted_out=draw(SELDOM),
        consents=draw(st.sampled_from([True] * 6 + [None, False])),
        zone=draw(st.sampled_from([None, "America/Los_Angeles", "Europe/Berlin", "nowhere"])),
        in_doubt=draw(SELDOM),
        promoted=tuple(
            now - timedelta(hours=each)
            for each in sorted(draw(st.lists(st.floats(0, 30), max_size=4)))
        ),
    )
    hours = draw(st.sampled_from(Hours))
    quiet = draw(st.sampled_from([RULES.quiet, RULES.quiet | {Category.TRANSACTIONAL}]))
    return facts, replace(RULES, law=LAWS[hours], quiet=quiet), now


@given(cases())
def test_the_first_that_refuses_on_record_is_the_rule_of_the_verdict(
    case: tuple[Facts, guard.Rules, datetime],
) -> None:
    facts, rules, now = case
    verdict = guard.check(facts, rules, now)
    kept = json.loads(json.dumps(grounds.record(facts, rules, now, verdict)))
    refused = [
        each["rule"]
        for key in ("caps", "hours")
        for each in kept.get(key, ())
        if not each["allows"]
    ]
    assert datetime.fromisoformat(kept["at"]) == now.replace(microsecond=0)
    assert (kept["version"], kept["profile"]) == (rules.law.version, rules.law.hours)
    match verdict:
        case Cancel() if verdict.by in grounds.FIRST:
            assert [*kept["passed"], verdict.by] == list(
                grounds.FIRST[: len(kept["passed"]) + 1]
            )
            assert "hours" not in kept
        case Allow() | Wait():
            assert kept["passed"] == list(grounds.FIRST)
            assert "reason" not in kept
            if isinstance(verdict, Allow):
                assert refused == []
        case Defer(reason=Reason.IN_DOUBT):
            assert refused == []
        case Defer() | Cancel():
            assert kept["passed"] == list(grounds.FIRST)
            assert refused, "a rule of hours or a cap, and it stands there"
            # The last to open decides; it may be one that is open for the moment.
            said = {each["rule"] for key in ("hours", "caps") for each in kept[key]}
            assert verdict.by in said | {"hours"}
    if isinstance(verdict, Defer | Cancel):
        assert (kept["reason"], kept["rule"]) == (verdict.reason, verdict.by)


@given(cases())
def test_what_each_rule_of_hours_says_is_what_its_clock_shows(
    case: tuple[Facts, guard.Rules, datetime],
) -> None:
    facts, rules, now = case
    kept = grounds.record(facts, rules, now, Allow())
    applied = guard.rules_of(facts, rules)
    assert [(each["rule"], each["zone"]) for each in kept["hours"]] == [
        (rule.name, zone) for rule, zone in applied
    ]
    for said, (rule, zone) in zip(kept["hours"], applied, strict=True):
        local = now.astimezone(ZoneInfo(zone))
        window = rule.window(local.date())
        clock = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
        open_ = window and window.opens <= clock < window.closes - rules.margin
        assert said["allows"] == bool(open_), (rule.name, zone, local)


@given(
    st.lists(st.floats(0, 30), max_size=5),
    st.sampled_from([LAWS[Hours.FEDERAL], LAWS[Hours.STRICTEST]]),
)
def test_what_each_cap_says_is_what_it_counts(ages: list[float], strict: Law) -> None:
    rules = replace(RULES, law=strict)
    sent = tuple(NOW - timedelta(hours=each) for each in sorted(ages))
    facts = replace(FACTS, promoted=sent)
    for said in grounds.record(facts, rules, NOW, Allow())["caps"]:
        counted = [
            at for at in sent if at > NOW - timedelta(hours=said["hours"]) - rules.margin
        ]
        assert said["sent"] == len(counted)
        assert said["allows"] == (len(counted) < said["most"])


def record(now: datetime = NOW, rules: guard.Rules = RULES, **changed: Any) -> dict[str, Any]:
    facts = replace(FACTS, **changed)
    return grounds.record(facts, rules, now, guard.check(facts, rules, now))


def test_a_record_in_full() -> None:
    kept = record(NOW - timedelta(hours=10), promoted=(NOW - timedelta(hours=12),))
    assert kept.pop("until").startswith("2026-03-03T15:0")
    assert kept.pop("hours") == [
        {"rule": "hours US", "zone": "America/New_York", "allows": False,
         "opens": "2026-03-03T13:00:00+00:00", "closes": "2026-03-04T01:55:00+00:00"},
        {"rule": "hours US-KY", "zone": "America/New_York", "allows": False,
         "opens": "2026-03-03T15:00:00+00:00", "closes": "2026-03-04T01:55:00+00:00"},
    ]  # fmt: skip
    assert kept == {
        "at": "2026-03-03T10:00:00+00:00", "verdict": "defer", "reason": "quiet_hours",
        "rule": "hours US-KY", "version": RULES.law.version, "profile": "federal+state",
        "passed": list(grounds.FIRST), "places": ["US-KY America/New_York"],
        "caps": [{"rule": "cap person", "allows": True, "sent": 1, "most": 3, "hours": 24.0}],
    }  # fmt: skip


def test_what_differs_between_two_records() -> None:
    before = record(NOW - timedelta(hours=10))
    assert differences.between(before, before) == []
    after = record(
        rules=replace(RULES, law=LAWS[Hours.STRICTEST]), promoted=(NOW - timedelta(hours=2),)
    )
    assert differences.between(before, after) == [
        "the verdict was defer, quiet_hours, hours US-KY, and is defer, quiet_hours, hours strictest-us",
        "the profile was federal+state, and is strictest-us",
        "hours US, America/New_York: it was shut, and is not asked",
        "hours US-KY, America/New_York: it was shut, and is not asked",
        "hours strictest-us, America/New_York: it was not asked, and is open",
        "cap person: it counted 0 of 3, and counts 1 of 3",
        "cap strictest-us: it counted nothing, and counts 1 of 1",
        "cap strictest-us: it counted nothing, and counts 1 of 3",
    ]
    gone = record(opted_out=True)
    assert differences.between(before, gone)[0] == (
        "the verdict was defer, quiet_hours, hours US-KY, and is cancel, opted_out, opt-out"
    )
    assert "consent: it had nothing against it, and has or is not asked" in (
        differences.between(before, gone)
    )
    assert "consent: it has nothing against it any more" in differences.between(gone, before)
    opt_out = {
        "at": NOW.isoformat(),
        "verdict": "cancel",
        "reason": "opted_out",
        "rule": "opt-out",
    }
    assert len(differences.between(opt_out, before)) == 1, "it asked no other rule"


@pytest.mark.parametrize("reason", Reason)
def test_each_reason_has_its_sentence(reason: Reason) -> None:
    assert SENTENCES[reason]
    assert not SENTENCES[reason].endswith(".")


def test_the_rules_of_the_record_are_in_the_order_in_which_they_are_asked() -> None:
    """With all against it, each that is mended leaves the next one."""
    against: dict[str, Any] = {
        "campaign_deleted": True, "phone": None, "text": "", "person_gone": True,
        "suppressed": True, "opted_out": True, "consents": False,
    }  # fmt: skip
    kept = [record(**against)["passed"]]
    for name in list(against):
        del against[name]
        kept.append(record(scheduled_at=NOW - timedelta(days=9), **against)["passed"])
    assert all(set(a) < set(b) for a, b in pairwise(kept))
    assert RULE_OF[Reason.EXPIRED] not in kept[-1]
