"""The rules that a verdict depends on, as the settings have them."""

from datetime import timedelta

from dispatcher.core.guard import Rules
from dispatcher.core.hours import Hours
from dispatcher.core.message import Category

RULES = Rules(
    hours=Hours.FEDERAL,
    margin=timedelta(minutes=5),
    regions=frozenset({"US"}),
    transactional_needs_consent=False,
    lifetime={c: timedelta(hours=24) for c in Category},
)
