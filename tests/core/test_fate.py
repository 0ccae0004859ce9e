"""What becomes of a message after RingCentral's answer."""

from datetime import timedelta

import pytest

from dispatcher.core import fate, outcome
from dispatcher.core.backoff import Backoff
from dispatcher.core.fate import Failed, Fate, PutBack, Sent, Unknown
from dispatcher.core.outcome import Fault, Outcome
from dispatcher.core.reason import Reason

RULE = Backoff(timedelta(seconds=30), timedelta(hours=1))
AT_ONCE = timedelta(0)


@pytest.mark.parametrize(("answer", "becomes"), [
    (outcome.Accepted("7"), Sent("7")),
    (outcome.Throttled("medium", 60), PutBack(timedelta(seconds=60), Reason.THROTTLED)),
    (outcome.Refused("MSG-243", Fault.RECIPIENT), Failed(Reason.REFUSED)),
    (outcome.Refused("MSG-338", Fault.TEXT), Failed(Reason.REFUSED)),
    (outcome.Refused("MSG-999", Fault.BUG), Failed(Reason.REFUSED)),
    (outcome.Refused("MSG-245", Fault.SENDER), PutBack(AT_ONCE, Reason.SENDER_LIMIT)),
    (outcome.Refused("CMN-401", Fault.LOGIN), PutBack(AT_ONCE, Reason.SENDER_LIMIT)),
    (outcome.Unreached(), PutBack(AT_ONCE, Reason.UNREACHED)),
    (outcome.NotBegun(), PutBack(AT_ONCE, Reason.UNREACHED)),
    (outcome.Ambiguous(), Unknown()),
])  # fmt: skip
def test_each_outcome_has_its_fate(answer: Outcome, becomes: Fate) -> None:
    assert fate.of(answer, 1, 5, RULE, 0.5) == becomes


def test_only_what_was_refused_for_now_counts_as_an_attempt_and_ends() -> None:
    answer = outcome.RefusedForNow("MSG-290", 120)
    again = fate.of(answer, 4, 5, RULE, 0.0)
    assert again == PutBack(timedelta(seconds=120), Reason.RETRY, counts=True)
    assert fate.of(answer, 5, 5, RULE, 0.0) == Failed(Reason.EXHAUSTED)
