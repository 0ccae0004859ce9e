"""The closed sets of words that labels are made of."""

from typing import Final

from dispatcher.core.alerts import WHAT_TO_DO
from dispatcher.core.law import Hours
from dispatcher.core.reason import DECISIONS, FAILURES, WAITS

CATEGORIES = ("compliance", "transactional", "reminder", "promotion")
STATES = ("pending", "sending", "unknown")
OUTCOMES = ("accepted", "throttled", "refused", "unreached", "ambiguous")
ENCODINGS = ("gsm7", "ucs2")
LIMITERS = ("heavy", "medium", "light", "auth", "login")
CANCELS = tuple(sorted(DECISIONS))
FAILS = tuple(sorted(FAILURES))
DEFERRALS = tuple(sorted(WAITS))
REAPED = ("returned", "unknown", "held")
DECIDED = ("found", "resent", "dropped", "presumed")
LOGINS = ("done", "refused", "unreached")
OUTAGES = ("database", "listener")
PROFILES = tuple(each.value for each in Hours)
ALERTS = tuple(WHAT_TO_DO)

OTHER: Final = "other"
"""What a word outside its set is counted as: a fault of ours, but no reason to stop sending."""
