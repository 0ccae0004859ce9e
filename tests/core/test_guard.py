"""The guard: who gets nothing, who waits, who may be texted now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from support.rules import RULES, law

from dispatcher.core.guard import SPREAD, Allow, Cancel, Defer, Wait, check, put_off
from dispatcher.core.law import Cap, Hours
from dispatcher.core.message import Category, Facts
from dispatcher.core.reason import Reason

NOON = datetime(2026, 3, 3, 20, 0, tzinfo=UTC)  # in Sacramento
NIGHT = datetime(2026, 3, 3, 11, 0, tzinfo=UTC)  # three o'clock there

FACTS = Facts(
    id=UUID(int=1), fence=1, campaign_id=UUID(int=2), subscriber_id=UUID(int=3),
    category=Category.PROMOTION, phone="+19165550100", text="Hello", scheduled_at=NOON - timedelta(hours=12),
    expires_at=None, attempts=0, campaign_status="SENDING", campaign_channel="SMS", campaign_deleted=False,
    campaign_begun=False, person_gone=False, suppressed=False, opted_out=False, consents=True, zone=None,
    last_sender=None,
)  # fmt: skip

NEVER = [
    ({"campaign_deleted": True}, Reason.CAMPAIGN_DELETED),
    ({"campaign_status": "CANCELLED"}, Reason.CAMPAIGN_CANCELLED),
    ({"campaign_channel": "EMAIL"}, Reason.NOT_SMS),
    ({"phone": None}, Reason.INVALID_NUMBER),
    ({"phone": "+18765550100"}, Reason.COUNTRY_NOT_ALLOWED),
    ({"text": " \n"}, Reason.EMPTY_TEXT),
    ({"text": "x" * 1001}, Reason.TEXT_TOO_LONG),
    ({"text": "🎉" * 501}, Reason.TEXT_TOO_LONG),
    ({"person_gone": True}, Reason.SUBSCRIBER_DELETED),
]
UNWANTED = [({"suppressed": True}, Reason.SUPPRESSED), ({"opted_out": True}, Reason.OPTED_OUT)]


def facts(**known: Any) -> Facts:
    return replace(FACTS, **known)


def test_a_promotion_to_who_consents_leaves_by_day() -> None:
    assert check(FACTS, RULES, NOON) == Allow()


@pytest.mark.parametrize("now", [NOON, NIGHT])
@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize(("known", "reason"), NEVER)
def test_what_is_never_sent_is_cancelled_at_any_hour_in_any_category(
    known: dict[str, Any], reason: Reason, category: Category, now: datetime
) -> None:
    assert check(facts(**known, category=category), RULES, now) == Cancel(reason)


@pytest.mark.parametrize("now", [NOON, NIGHT])
@pytest.mark.parametrize("category", Category)
@pytest.mark.parametrize(("known", "reason"), UNWANTED)
def test_nothing_leaves_for_who_opted_out_but_the_answer_to_their_own_text(
    known: dict[str, Any], reason: Reason, category: Category, now: datetime
) -> None:
    verdict = check(facts(**known, category=category), RULES, now)
    assert verdict == (Allow() if category is Category.COMPLIANCE else Cancel(reason))


@pytest.mark.parametrize("consents", [None, False])
@pytest.mark.parametrize(("category", "strict", "leaves"), [
    (Category.PROMOTION, False, False),
    (Category.REMINDER, False, False),
    (Category.TRANSACTIONAL, False, True),
    (Category.TRANSACTIONAL, True, False),
    (Category.COMPLIANCE, True, True),
])  # fmt: skip
def test_who_needs_consent(
    category: Category, *, strict: bool, leaves: bool, consents: bool | None
) -> None:
    rules = replace(RULES, transactional_needs_consent=strict)
    verdict = check(facts(category=category, consents=consents), rules, NOON)
    assert verdict == (Allow() if leaves else Cancel(Reason.NO_CONSENT))


@pytest.mark.parametrize("category", [Category.PROMOTION, Category.REMINDER])
def test_at_night_it_waits_for_the_morning_and_not_all_in_one_second(
    category: Category,
) -> None:
    waits = [check(facts(category=category, id=UUID(int=n)), RULES, NIGHT) for n in range(50)]
    eight = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)
    untils = {w.until for w in waits if isinstance(w, Defer)}
    assert len(untils) > 40
    assert all(eight <= until < eight + timedelta(minutes=10) for until in untils)


@pytest.mark.parametrize("category", [Category.TRANSACTIONAL, Category.COMPLIANCE])
def test_what_was_asked_for_leaves_at_night(category: Category) -> None:
    assert check(facts(category=category), RULES, NIGHT) == Allow()


def test_a_stored_zone_narrows_the_hours() -> None:
    assert isinstance(check(facts(zone="Asia/Tokyo"), RULES, NOON), Defer)


def test_hours_off() -> None:
    assert check(FACTS, replace(RULES, law=law(Hours.OFF)), NIGHT) == Allow()


@pytest.mark.parametrize(("known", "now"), [
    ({"expires_at": NOON}, NOON),
    ({"scheduled_at": NOON - timedelta(hours=24)}, NOON),
    ({"expires_at": NIGHT + timedelta(hours=2)}, NIGHT),
])  # fmt: skip
def test_what_is_over_or_will_be_before_the_morning_is_cancelled_at_once(
    known: dict[str, Any], now: datetime
) -> None:
    assert check(facts(**known), RULES, now) == Cancel(Reason.EXPIRED)


@pytest.mark.parametrize("status", ["DRAFT", "SCHEDULED", "PAUSED", "SENT", "FAILED"])
def test_a_campaign_that_is_not_sending_waits(status: str) -> None:
    assert check(facts(campaign_status=status), RULES, NOON) == Wait()


def test_a_text_without_campaign_needs_none() -> None:
    assert (
        check(facts(campaign_id=None, campaign_status=None, campaign_channel=None), RULES, NOON)
        == Allow()
    )


CAPPED = replace(RULES, cap=Cap(2, timedelta(hours=24)), margin=timedelta(0))


def test_the_window_of_a_cap_rolls() -> None:
    ago = [NOON - timedelta(hours=h) for h in (1, 23, 30)]
    verdict = check(facts(promoted=tuple(ago)), CAPPED, NOON)
    assert verdict == Defer(NOON + timedelta(hours=1), Reason.FREQUENCY_CAP)
    assert isinstance(verdict, Defer)
    assert verdict.by == "cap person"
    later = NOON + timedelta(hours=1)
    assert check(facts(promoted=tuple(ago), scheduled_at=NOON), CAPPED, later) == Allow()
    just = later - timedelta(microseconds=1)
    assert isinstance(check(facts(promoted=tuple(ago), scheduled_at=NOON), CAPPED, just), Defer)


def test_what_may_have_arrived_late_counts_a_margin_longer() -> None:
    rules = replace(CAPPED, margin=timedelta(minutes=5))
    ago = (NOON - timedelta(hours=2), NOON - timedelta(hours=24, minutes=4))
    verdict = check(facts(promoted=ago), rules, NOON)
    assert verdict == Defer(NOON + timedelta(minutes=1), Reason.FREQUENCY_CAP)


@pytest.mark.parametrize(("phone", "rule", "free"), [
    ("+12075550100", "cap US-ME", timedelta(hours=7)),  # Maine: one in eight hours
    ("+13055550100", None, None),  # Florida: three in a day
    ("+19165550100", None, None),
])  # fmt: skip
def test_a_state_may_be_stricter(phone: str, rule: str | None, free: timedelta | None) -> None:
    rules = replace(RULES, margin=timedelta(0))
    at = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
    at = at.replace(hour=17)  # noon in the east, nine in the west
    verdict = check(facts(phone=phone, promoted=(at - timedelta(hours=1),)), rules, at)
    if free is None:
        assert verdict == Allow()
    else:
        assert verdict == Defer(at + free, Reason.FREQUENCY_CAP)
        assert isinstance(verdict, Defer)
        assert verdict.by == rule


def test_a_cap_that_ends_at_night_waits_for_the_morning() -> None:
    rules = replace(CAPPED, cap=Cap(1, timedelta(hours=10)))
    verdict = check(facts(promoted=(NOON,), scheduled_at=NOON), rules, NOON)
    assert isinstance(verdict, Defer)
    eight = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
    assert eight <= verdict.until < eight + timedelta(minutes=10)
    assert (verdict.reason, verdict.by) == (Reason.QUIET_HOURS, "hours US")


def test_a_cap_beyond_the_end_cancels_at_once() -> None:
    ago = (NOON - timedelta(hours=1), NOON - timedelta(hours=2))
    verdict = check(facts(promoted=ago, expires_at=NOON + timedelta(hours=5)), CAPPED, NOON)
    assert verdict == Cancel(Reason.EXPIRED)
    assert isinstance(verdict, Cancel)
    assert verdict.by == "cap person"


@pytest.mark.parametrize("category", [c for c in Category if c is not Category.PROMOTION])
def test_only_promotions_are_capped(category: Category) -> None:
    assert check(facts(category=category, promoted=(NOON,) * 9), CAPPED, NOON) == Allow()


def test_the_state_that_opens_last_is_named() -> None:
    nine = datetime(2026, 3, 3, 14, 30, tzinfo=UTC)  # half past nine in Louisville
    verdict = check(facts(phone="+15025550100"), RULES, nine)
    assert isinstance(verdict, Defer)
    assert verdict.by == "hours US-KY"


def test_waking_is_spread_over_no_more_than_is_open() -> None:
    """Half a minute of the morning is left before the text's own end."""
    eight = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)
    ends = eight + timedelta(seconds=30)
    waits = [check(facts(id=UUID(int=n), expires_at=ends), RULES, NIGHT) for n in range(50)]
    untils = [w.until for w in waits if isinstance(w, Defer)]
    assert len(set(untils)) > 40
    assert all(eight <= until < ends for until in untils)


def test_what_waits_for_a_limit_waits_for_the_hours_after_it_too() -> None:
    midnight, morning = NOON + timedelta(hours=12), NOON + timedelta(hours=20)
    ends = {"expires_at": NOON + timedelta(days=2)}
    late = put_off(facts(**ends), RULES, midnight, Reason.TIER_LIMIT)
    assert isinstance(late, Defer)
    assert (late.reason, late.by) == (Reason.TIER_LIMIT, "tier")
    assert morning <= late.until < morning + SPREAD
    early = put_off(facts(**ends), RULES, NOON, Reason.TIER_LIMIT)
    assert isinstance(early, Defer)
    assert NOON < early.until < NOON + SPREAD, "and not all in the first second"


@pytest.mark.parametrize("hours", [12, 20])
def test_what_ends_before_it_is_cancelled_at_once(hours: int) -> None:
    known = facts(expires_at=NOON + timedelta(hours=hours))
    told = put_off(known, RULES, NOON + timedelta(hours=12), Reason.TIER_LIMIT)
    assert told == Cancel(Reason.EXPIRED)
    assert isinstance(told, Cancel)
    assert told.by == "tier"
