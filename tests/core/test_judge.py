"""What is put on record of a verdict is its own, though texts that are alike share the making."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID

from support.rules import RULES
from support.verdicts import FACTS, FOR_EVER

from dispatcher.core import grounds
from dispatcher.core.judge import Judge
from dispatcher.core.message import Category

NOON = datetime(2026, 3, 3, 20, 0, tzinfo=UTC)
MOMENTS = [NOON, NOON - timedelta(hours=9), NOON]  # the first once more: nothing stale is told

PEOPLE = [
    replace(
        FACTS, id=UUID(int=n), phone=phone, zone=zone, promoted=promoted, category=category,
        opted_out=opted_out, expires_at=NOON + FOR_EVER,
    )
    for n, (phone, zone, promoted, category, opted_out) in enumerate(
        product(
            [None, "+19165550100", "+19165550101", "+12075550100", "+18005550100"],
            [None, "America/Denver"],
            [(), (NOON - timedelta(hours=1),), (NOON - timedelta(hours=1),) * 3],
            [Category.PROMOTION, Category.TRANSACTIONAL],
            [False, True],
        )
    )
]  # fmt: skip


def test_each_record_is_what_it_would_be_alone() -> None:
    judge = Judge(RULES)
    for now in MOMENTS:
        for facts in PEOPLE:
            verdict = judge(facts, now)
            alone = grounds.record(facts, RULES, now, verdict)
            assert json.loads(judge.record(facts, now, verdict)) == alone


def test_texts_that_are_alike_are_looked_at_once() -> None:
    judge = Judge(RULES)
    first, second = (replace(FACTS, id=UUID(int=n)) for n in (1, 2))
    verdict = judge(first, NOON)
    assert judge.record(first, NOON, verdict) is judge.record(second, NOON, verdict)
