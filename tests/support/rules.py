"""The rules that a verdict depends on, as the settings have them."""

from datetime import timedelta

from dispatcher.core import law as core
from dispatcher.core import law_table
from dispatcher.core.guard import Rules
from dispatcher.core.law import Cap, Hours, Law
from dispatcher.core.message import Category


def law(hours: Hours) -> Law:
    """Return the product's own table under a profile."""
    table = law_table.own()
    return core.law(table.version, table.rules, hours)


RULES = Rules(
    law=law(Hours.FEDERAL_AND_STATE),
    margin=timedelta(minutes=5),
    quiet=frozenset({Category.PROMOTION, Category.REMINDER}),
    cap=Cap(3, timedelta(hours=24)),
    regions=frozenset({"US"}),
    transactional_needs_consent=False,
    lifetime={c: timedelta(hours=24) for c in Category},
)
