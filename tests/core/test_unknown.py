"""What follows by itself from an unknown fate, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from dispatcher.core.message import Category
from dispatcher.core.reconcile import IfAbsent, Waits
from dispatcher.core.unknown import Rules, Step, Unknown, following

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
RULES = Rules(
    Waits(first=30 * SECOND, second=300 * SECOND, longest=25 * SECOND, presume=72 * HOUR),
    {Category.PROMOTION: IfAbsent.HOLD, Category.REMINDER: IfAbsent.DROP},
    {Category.REMINDER: 4 * HOUR},
)
FRESH = Unknown(
    UUID(int=1), 7, None, None, "+19165550100", Category.PROMOTION, NOON, NOON + 5 * SECOND,
    0, None, None, None, standing=True, opened_at=NOON, scheduled_at=NOON - HOUR, expires_at=None,
)  # fmt: skip
ONCE = replace(FRESH, looks=1, looked_at=NOON + 60 * SECOND, showed="absent")
TWICE = replace(ONCE, looks=2, held_at=NOON + 360 * SECOND)
REMINDER = replace(TWICE, category=Category.REMINDER)
STRANGE = replace(FRESH, attempt=None, send_by=None, opened_at=None)


@pytest.mark.parametrize(
    ("unknown", "step", "at"),
    [
        (FRESH, Step.LOOK, NOON + 60 * SECOND),
        (ONCE, Step.LOOK, NOON + 360 * SECOND),
        (TWICE, Step.PRESUME, NOON + 72 * HOUR),
        (REMINDER, Step.DROP, NOON + 3 * HOUR),
        (replace(REMINDER, expires_at=NOON + 2 * HOUR), Step.DROP, NOON + 2 * HOUR),
        (replace(REMINDER, expires_at=NOON + 99 * HOUR), Step.PRESUME, NOON + 72 * HOUR),
        (replace(REMINDER, scheduled_at=None), Step.DROP, NOON),
        (replace(REMINDER, showed="clouded"), Step.PRESUME, NOON + 72 * HOUR),
        (STRANGE, Step.HOLD, NOON),
        (replace(STRANGE, held_at=NOON + HOUR), Step.PRESUME, NOON + 73 * HOUR),
    ],
)
def test_what_follows(unknown: Unknown, step: Step, at: datetime) -> None:
    assert following(unknown, RULES) == (step, at)
