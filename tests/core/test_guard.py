"""The guard: who gets nothing, who waits, who may be texted now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from support.rules import RULES

from dispatcher.core.guard import Allow, Cancel, Defer, Wait, check
from dispatcher.core.hours import Hours
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
    assert check(FACTS, replace(RULES, hours=Hours.OFF), NIGHT) == Allow()


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
