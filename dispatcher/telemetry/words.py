"""The closed sets of words that labels are made of."""

from typing import Final

from dispatcher.core.reason import DECISIONS, FAILURES, WAITS

CATEGORIES = ("compliance", "transactional", "reminder", "promotion")
STATES = ("pending", "sending", "unknown")
OUTCOMES = ("accepted", "throttled", "refused", "unreached", "ambiguous")
ENCODINGS = ("gsm7", "ucs2")
LIMITERS = ("heavy", "medium", "light", "auth", "login")
CANCELS = tuple(sorted(DECISIONS))
FAILS = tuple(sorted(FAILURES))
DEFERRALS = tuple(sorted(WAITS))
LOGINS = ("done", "refused", "unreached")
OUTAGES = ("database", "listener")
ALERTS = (
    "budget_exceeded",
    "budget_overspent",
    "login_refused",
    "login_stopped",
    "message_held",
    "no_sender",
    "sender_stopped",
)

OTHER: Final = "other"
"""What a word outside its set is counted as: a fault of ours, but no reason to stop sending."""
