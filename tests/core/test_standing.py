from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dispatcher.core.standing import Dispatchers, Texts, Wait, Waiting, waits

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def texts(**changed: Any) -> Texts:
    plain: dict[str, Any] = {
        "status": "SENDING",
        "exceeded": False,
        "word": "pending",
        "reason": None,
        "code": None,
        "sentence": None,
        "texts": 5,
        "due": 5,
        "held": 0,
        "first_due": NOW,
    }
    return Texts(**(plain | changed))


def shared(**changed: Any) -> Dispatchers:
    plain: dict[str, Any] = {
        "now": NOW,
        "daemons": 1,
        "senders": 1,
        "blocked_until": None,
        "unreachable": False,
        "day_exceeded": False,
    }
    return Dispatchers(**(plain | changed))


@pytest.mark.parametrize(
    ("group", "all_", "expected"),
    [
        ({}, {}, Waiting(Wait.RATE, 5)),
        ({"status": "DRAFT"}, {"daemons": 0}, Waiting(Wait.DRAFT, 5)),
        ({"status": "SCHEDULED"}, {}, Waiting(Wait.SCHEDULED, 5)),
        ({"status": "PAUSED"}, {"senders": 0}, Waiting(Wait.PAUSED, 5)),
        ({}, {"daemons": 0}, Waiting(Wait.NO_DAEMON, 5)),
        ({}, {"senders": 0}, Waiting(Wait.NO_SENDER, 5)),
        ({}, {"day_exceeded": True}, Waiting(Wait.DAY_BUDGET, 5)),
        ({}, {"blocked_until": LATER}, Waiting(Wait.BLOCKED, 5, LATER)),
        (
            {},
            {"blocked_until": LATER, "unreachable": True},
            Waiting(Wait.UNREACHABLE, 5, LATER),
        ),
        ({"exceeded": True}, {}, Waiting(Wait.BUDGET, 5)),
        (
            {"reason": "quiet_hours", "due": 0, "first_due": LATER},
            {},
            Waiting(Wait.HOURS, 5, LATER),
        ),
        (
            {"reason": "sender_limit", "due": 0, "first_due": LATER},
            {},
            Waiting(Wait.SENDER_LIMIT, 5, LATER),
        ),
        (
            {"reason": "frequency_cap", "due": 0, "first_due": LATER},
            {},
            Waiting(Wait.CAP, 5, LATER),
        ),
        (
            {"reason": "tier_limit", "due": 0, "first_due": LATER},
            {},
            Waiting(Wait.TIER, 5, LATER),
        ),
        ({"reason": "retry", "due": 0, "first_due": LATER}, {}, Waiting(Wait.LATER, 5, LATER)),
        ({"word": "unknown"}, {}, Waiting(Wait.UNKNOWN, 5)),
    ],
)
def test_what_binds(group: dict[str, Any], all_: dict[str, Any], expected: Waiting) -> None:
    assert waits([texts(**group)], shared(**all_))[0] == expected


@pytest.mark.parametrize("word", ["sent", "failed", "cancelled", "sending"])
def test_what_does_not_wait(word: str) -> None:
    assert waits([texts(word=word)], shared(daemons=0)) == []


def test_all_of_it_in_one_order() -> None:
    groups = [
        texts(word="unknown", texts=1),
        texts(reason="quiet_hours", texts=7, due=3, first_due=LATER),
        texts(exceeded=True, texts=2, due=2),
        texts(status="DRAFT"),
        texts(word="sent"),
    ]
    assert waits(groups, shared(daemons=0)) == [
        Waiting(Wait.DRAFT, 5),
        Waiting(Wait.NO_DAEMON, 9),
        Waiting(Wait.BUDGET, 2),
        Waiting(Wait.RATE, 3),
        Waiting(Wait.HOURS, 4, LATER),
        Waiting(Wait.UNKNOWN, 1),
    ]
