"""A promotion to a number, judged at a moment that a clock on some wall shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from dispatcher.core.guard import Allow, Cancel, Defer, Rules, check
from dispatcher.core.law import Hours
from dispatcher.core.message import Category, Facts
from support.rules import RULES, law

SECOND = timedelta(seconds=1)
FOR_EVER = timedelta(days=30)

FACTS = Facts(
    id=UUID(int=1), fence=1, campaign_id=UUID(int=2), subscriber_id=UUID(int=3),
    category=Category.PROMOTION, phone="+19165550100", text="Hello", scheduled_at=datetime(2026, 1, 1, tzinfo=UTC),
    expires_at=None, attempts=0, campaign_status="SENDING", campaign_channel="SMS", campaign_deleted=False,
    campaign_begun=False, person_gone=False, suppressed=False, opted_out=False, consents=True, zone=None,
    last_sender=None,
)  # fmt: skip


def local(zone: str, text: str) -> datetime:
    """Return when a clock in *zone* shows *text*, as 2026-08-12 08:00:01."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def under(hours: Hours, margin: timedelta = timedelta(0)) -> Rules:
    """Return the rules of a profile, for every number of +1 that a test is about."""
    regions = frozenset({"US", "PR", "GU", "VI", "AS", "MP"})
    return replace(RULES, law=law(hours), margin=margin, regions=regions, cap=None)


def judged(phone: str, now: datetime, rules: Rules, **known: Any) -> Allow | Defer | Cancel:
    """Return what the guard says at *now*; the text has time until long after."""
    facts = replace(FACTS, phone=phone, expires_at=now + FOR_EVER, **known)
    verdict = check(facts, rules, now)
    assert isinstance(verdict, Allow | Defer | Cancel)
    return verdict


def leaves(phone: str, now: datetime, rules: Rules, **known: Any) -> bool:
    """Say whether a promotion to *phone* leaves at *now*; else it must wait, not be cancelled."""
    verdict = judged(phone, now, rules, **known)
    assert not isinstance(verdict, Cancel)
    return isinstance(verdict, Allow)
